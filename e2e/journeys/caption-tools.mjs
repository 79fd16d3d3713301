import assert from 'node:assert/strict'
import { faultsOf } from '../lib/axe.mjs'
import { captionOn, captionsOn, frameSender, partial, writeLines } from '../lib/captions.mjs'
import { journey } from '../lib/journey.mjs'
import { Keyboard } from '../lib/keyboard.mjs'
import { openRoom } from '../lib/stage.mjs'
import { until } from '../lib/until.mjs'

const ON = { type: 'captions', state: 'on', language: 'en', engine: 'vosk' }
const EARLY = 'First we look at the dance.'

// Finding, copying, going back, and hearing captions read aloud, on the page of captions only; the keyboard is enough.
journey('caption-tools', async (world) => {
  const { host, path } = await openRoom(world, 'To be looked up')
  const write = (lines) => writeLines(world.server, { handle: host.handle, path }, lines)
  await write([EARLY, ...Array.from({ length: 250 }, (_, i) => `Line ${i + 1}: bees ${i % 100 ? '' : 'dancé'}.`), 'It is about the dance.'])
  await counts(host)
  const screen = await world.visitor('Screen', { permissions: ['clipboard-read', 'clipboard-write'] })
  const { page } = screen
  const socket = await frameSender(page)
  const keys = await Keyboard.of(screen)
  await page.goto(`${path}/captions`)
  await captionOn(screen, 'It is about the dance.').waitFor()

  await tells(screen, socket)
  await reads(screen, socket, keys, write)
  await finds(screen, keys)
  assert.equal(await captionOn(screen, EARLY).count(), 0, 'the control: not everything is loaded')
  await keys.press('button', 'From the start')
  await captionOn(screen, EARLY).waitFor()
  assert.ok(await captionOn(screen, EARLY).evaluate(inView), 'the first line is seen')
  await keys.write('Go to a time', '0:99')
  await page.keyboard.press('Enter')
  await page.getByText('This is no time').waitFor()
  await keys.press('button', '1 minute ago')
  await until('a line of a minute ago is seen', async () => !(await captionOn(screen, EARLY).evaluate(inView)))
  await copies(screen, keys, host)
  assert.deepEqual(keys.touched, [], 'only the keyboard was used')
  await fits(page)
})

/** The host sees how the captions are doing, in numbers. */
async function counts(host) {
  const socket = await frameSender(host.page)
  await host.page.reload()
  await host.join()
  const figures = { delay_p50_ms: 800, delay_p95_ms: 1_900, captioned_percent: 98, rtf: 0.25, backlog_ms: 120 }
  await host.page.getByText('Captions in numbers').click()
  const told = await until('all the numbers are there', async () => {
    socket.send({ ...ON, model: 'small', ...figures }) // again, for the server says the same of itself
    const texts = await host.panel('Studio').getByRole('definition').allInnerTexts()
    return texts.length === 6 && texts.map((text) => text.replaceAll('\u00a0', ' '))
  })
  assert.deepEqual(told, ['vosk', 'small', 'half within 0.8 s, nearly all within 1.9 s', '98 %', '0.25', '0.12 s'])
}

/** How late the captions are, what the server leaves out, and that they are gone. */
async function tells({ page }, socket) {
  await until('it says how late they are, and why', async () => {
    socket.send({ ...ON, late_seconds: 3, load: 'finals-only' })
    const said = await page.getByRole('region', { name: 'Captions' }).innerText()
    return said.includes('Automatic captions by vosk · 3 s behind') && said.includes('words come a sentence at a time')
  })
  socket.send(ON)
  await page.getByText('3 s behind').waitFor({ state: 'detached' })
  await page.context().setOffline(true)
  socket.close()
  await page.getByText('Captions are unavailable: trying again.').waitFor()
  await page.context().setOffline(false)
  await page.getByText('Captions are unavailable: trying again.').waitFor({ state: 'detached' })
}

/** Finished lines go to the screen reader, once it is asked for: none of before, and never what may still change. */
async function reads({ page }, socket, keys, write) {
  const live = page.locator('[aria-live="polite"]:not([role])')
  assert.equal(await live.count(), 0, 'the control: it is off')
  await keys.press('button', 'How they look')
  await keys.press('checkbox', /^Read captions aloud/, 'Space')
  await live.waitFor({ state: 'attached' })
  socket.send(partial('Not yet'))
  await page.getByText('Not yet…').waitFor()
  await write(['Now it is finished.', 'So is this.'])
  await until('both lines are read in one breath', async () => /: Now it is finished\. So is this\.$/.test(await live.innerText()))
  assert.doesNotMatch(await live.innerText(), /Not yet|dance/)
  await keys.press('checkbox', /^Read captions aloud/, 'Space')
  await live.waitFor({ state: 'detached' })
  await keys.press('button', 'How they look')
}

async function finds(screen, keys) {
  const { page } = screen
  await keys.press('button', 'Find and copy')
  await keys.to('searchbox', 'Find in what was said')
  await page.keyboard.type('DANCE')
  for (const [key, place] of [[null, '3 of 3'], ['Enter', '2 of 3'], ['Enter', '1 of 3'], ['Enter', '3 of 3']]) {
    if (key) await page.keyboard.press(key)
    await page.getByText(place, { exact: true }).waitFor()
    const marked = captionsOn(screen).locator('mark.at')
    assert.equal(await marked.count(), 1)
    assert.ok(await marked.evaluate(inView), `${place} is seen`)
  }
  await keys.press('button', 'Next')
  await page.getByText('1 of 3', { exact: true }).waitFor()
  const text = await captionsOn(screen).locator('p', { has: page.locator('mark.at') }).textContent()
  assert.match(text, /^Line \d+: bees dancé\.\s*$/, 'marking it adds nothing to a line')
}

async function copies({ page }, keys, host) {
  const copied = () => page.evaluate(() => navigator.clipboard.readText())
  await keys.press('button', 'Copy all lines')
  await page.getByText(/lines copied\./).waitFor()
  assert.ok((await copied()).startsWith(`${host.name}:\n${EARLY}\nLine 1: bees dancé.\n`))
  await keys.to('log', 'Captions')
  await captionsOn({ page }).locator('p[id]').nth(1).evaluate((line) => getSelection().selectAllChildren(line))
  await keys.press('button', 'Copy the selection')
  await page.getByText('1 line copied.').waitFor()
  assert.equal(await copied(), `${host.name}:\nLine 1: bees dancé.`)
}

/** The page with everything open at 320 pixels, in the dark, and with colours that are not ours. */
async function fits(page) {
  await page.getByRole('button', { name: 'How they look' }).click()
  for (const look of [{ colorScheme: 'dark' }, { forcedColors: 'active' }]) {
    await page.emulateMedia(look)
    await page.setViewportSize({ width: 320, height: 640 })
    assert.deepEqual(await faultsOf(page), [], JSON.stringify(look))
    assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth), 'nothing has to be moved sideways')
    const small = await page.evaluate(() => [...document.querySelectorAll('main :is(button, select, input, a)')].filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < 24).map((one) => one.outerHTML))
    assert.deepEqual(small, [], 'targets are at least 24 pixels')
  }
}

function inView(element) {
  const box = element.closest('[role=log]').getBoundingClientRect()
  const { top, bottom } = element.getBoundingClientRect()
  return top >= box.top - 1 && bottom <= box.bottom + 1
}
