import assert from 'node:assert/strict'
import { captionOn, captionsOn, writeLines } from '../lib/captions.mjs'
import { journey } from '../lib/journey.mjs'
import { openRoom } from '../lib/stage.mjs'
import { until } from '../lib/until.mjs'

const LINE = 'Łódź, déjà vu: the quick brown fox.'
const CHOSEN = {
  fontSize: '40px', family: '"Atkinson Hyperlegible"', lineHeight: '80px', color: 'rgb(255, 255, 0)', ground: 'color(srgb 0 0.2 0 / 0.6)',
  edged: true, position: 'fixed', atBottom: true, width: 0.8, lines: 2,
}

// How captions look is the reader's choice: it changes what is drawn, and is the same after a reload and on another device.
journey('caption-look', async (world) => {
  const { host, path } = await openRoom(world, 'For every eye')
  await writeLines(world.server, { handle: host.handle, path }, [LINE])
  const reader = await world.person('Rita')
  const fonts = fontsOf(reader)
  await reader.read(path)
  await captionOn(reader, LINE).waitFor()
  const usual = await lookOf(reader)
  assert.deepEqual([usual.fontSize, usual.position, usual.edged, usual.width, usual.lines], ['20px', 'static', false, 1, 6])
  assert.deepEqual(fonts, [], 'no font is fetched before it is chosen')

  const kept = reader.page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.url().endsWith('/api/me/caption-look'))
  await choose(reader)
  assert.deepEqual(await lookOf(reader), CHOSEN)
  await reader.page.waitForFunction(() => [...document.fonts].filter(({ family, status }) => family.includes('Atkinson') && status === 'loaded').length >= 3)
  assert.ok(fonts.length >= 3 && fonts.every((url) => url.startsWith(`${world.server.url}/assets/atkinson`)), `only the chosen font came, from here: ${fonts}`)
  assert.match(await (await fetch(`${world.server.url}/fonts.txt`)).text(), /Braille Institute[\s\S]+Inter Project[\s\S]+OpenDyslexic/, 'with its licence')
  await makesRoom(reader)
  assert.equal((await kept).status(), 204)

  await reader.page.reload()
  await reader.read()
  await captionOn(reader, LINE).waitFor()
  assert.deepEqual(await lookOf(reader), CHOSEN, 'after a reload')

  const other = await reader.onAnother(world)
  await other.read(path)
  await captionOn(other, LINE).waitFor()
  await until('the account’s look is there', async () => (await lookOf(other)).fontSize === CHOSEN.fontSize)
  assert.deepEqual(await lookOf(other), CHOSEN, 'on another device')

  const guest = await world.visitor('Gus')
  await guest.page.goto(`${path}/captions`)
  await captionOn(guest, LINE).waitFor()
  await guest.button('How they look').click()
  await guest.page.getByLabel(/^Size/).fill('300')
  await guest.page.reload()
  await captionOn(guest, LINE).waitFor()
  assert.equal((await lookOf(guest)).fontSize, '48px', 'a device keeps it for whoever is not signed in')

  for (const [font, family] of [['Inter', 'Inter'], ['OpenDyslexic', 'OpenDyslexic']]) {
    await guest.button('How they look').click()
    await guest.page.getByLabel('Font').selectOption(font)
    await guest.page.waitForFunction((family) => [...document.fonts].some((one) => one.family === family && one.status === 'loaded'), family)
    await guest.button('How they look').click()
  }

  await reader.button('How they look').click()
  const again = reader.page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.ok())
  await reader.button('As it was').click()
  assert.deepEqual(await lookOf(reader), usual, 'reset')
  await again
  await other.page.reload()
  await other.read()
  await captionOn(other, LINE).waitFor()
  await until('it is reset everywhere', async () => (await lookOf(other)).fontSize === usual.fontSize)
})

async function choose(person) {
  const { page } = person
  await person.button('How they look').click()
  await page.getByLabel(/^Size/).fill('250')
  await page.getByLabel('Font').selectOption('Atkinson Hyperlegible')
  await page.getByLabel('Colours').selectOption('Yellow on black')
  await page.getByLabel('Background', { exact: true }).fill('#003300')
  await page.getByLabel(/^Background opacity/).fill('60')
  await page.getByLabel('Edge of the letters').selectOption('Drop shadow')
  await page.getByLabel(/^Line height/).fill('200')
  await page.getByLabel(/^Width/).fill('80')
  await page.getByLabel('Where').selectOption('At the bottom of the window')
  await page.getByLabel(/^Lines seen/).fill('2')
}

/** How the captions are drawn: what the browser computed, not what was asked for. */
function lookOf(person) {
  return captionsOn(person).evaluate((box) => {
    const style = getComputedStyle(box)
    const dock = box.parentElement
    const room = getComputedStyle(dock).position === 'fixed' ? document.documentElement : dock.parentElement
    const inner = box.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom)
    return {
      fontSize: style.fontSize, family: style.fontFamily.split(',')[0], lineHeight: style.lineHeight, color: style.color, ground: style.backgroundColor,
      edged: style.textShadow !== 'none', position: getComputedStyle(dock).position, atBottom: Math.abs(dock.getBoundingClientRect().bottom - innerHeight) < 1,
      width: Math.round((dock.offsetWidth / room.clientWidth) * 100) / 100, lines: Math.round(inner / parseFloat(style.lineHeight)),
    }
  })
}

/** Fixed captions cover nothing: the bar stands above them, and the page can be scrolled until its end is, too. */
async function makesRoom({ page }) {
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
  const { bar, end, top } = await page.evaluate(() => {
    const bottomOf = (what) => document.querySelector(what).getBoundingClientRect().bottom
    return { bar: bottomOf('.bar'), end: bottomOf('#app'), top: document.querySelector('.dock').getBoundingClientRect().top }
  })
  assert.ok(bar <= top + 1 && end <= top + 1, `the bar ends at ${bar}, the page at ${end}, the captions begin at ${top}`)
}

/** The addresses of the fonts the page fetches, as it does. */
function fontsOf({ page }) {
  const fonts = []
  page.on('response', (answer) => answer.url().endsWith('.woff2') && answer.ok() && fonts.push(answer.url()))
  return fonts
}
