import assert from 'node:assert/strict'
import { faultsOf } from '../lib/axe.mjs'
import { Inspection } from '../lib/inspection.mjs'
import { journey } from '../lib/journey.mjs'
import { sideways } from '../lib/looks.mjs'
import { doorPages, livePages, ownPages, ownerPages, quietRooms } from '../lib/tour.mjs'

journey('axe-clean', async (world) => {
  const inspection = new Inspection()
  await isAble(world)
  const quiet = async () => {
    for (const pages of [doorPages, ownPages, ownerPages, quietRooms]) await pages(world, inspection.visit)
  }
  await Promise.all([quiet(), livePages(world, inspection.visit)])
  inspection.close('axe-clean')
}, { demo: true, limit: 600_000 })

/** The control: what is wrong is found. */
async function isAble(world) {
  const { page } = await world.visitor('Vera')
  await page.goto('/')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.evaluate(() => {
    const wrong = document.createElement('div')
    wrong.innerHTML = '<img src="/favicon.svg"><p style="color:#777;background:#888">Too faint</p><p style="inline-size:30rem">Too wide</p>'
    document.querySelector('main').append(wrong)
  })
  const faults = (await faultsOf(page)).map((fault) => fault.split(':')[0])
  assert.deepEqual(['image-alt', 'color-contrast'].filter((rule) => !faults.includes(rule)), [])
  assert.deepEqual(await sideways(page), ['en', 'fr'])
}
