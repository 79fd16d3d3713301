// Takes the README's pictures: the demo room as a listener sees it while people speak and are captioned, in light and in dark.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { captionsOn } from './lib/captions.mjs'
import { journey } from './lib/journey.mjs'

const IMAGES = join(import.meta.dirname, '..', 'docs', 'images')

journey('screenshots', async (world) => {
  const viewer = await world.demoPerson('noor_demo')
  await viewer.page.getByRole('link', { name: 'Go to the demo room' }).click()
  await viewer.join()
  for (const name of ['Mara Lind', 'Jonas Weber', 'Priya Rao']) await guest(world, name, viewer)

  await mkdir(IMAGES, { recursive: true })
  await viewer.page.setViewportSize({ width: 1280, height: 860 })
  await viewer.page.mouse.click(1270, 850) // nothing has the focus
  for (const colorScheme of ['light', 'dark']) {
    await viewer.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await captionsOn(viewer).locator('p[id]').nth(6).waitFor({ timeout: 120_000 })
    await viewer.page.evaluate(() => document.querySelector('header').scrollIntoView())
    await viewer.panel('On stage').getByText('speaking', { exact: true }).waitFor()
    await viewer.page.screenshot({ path: join(IMAGES, `room-${colorScheme}.png`) })
  }
}, { demo: true })

/** Somebody in the viewer's room, whose name looks like one. */
async function guest(world, name, viewer) {
  const person = await world.visitor(name.split(' ')[0])
  person.name = name
  await person.signUp()
  await person.join(new URL(viewer.page.url()).pathname)
  await viewer.named(/^(Listeners|On stage)/, person).waitFor()
}
