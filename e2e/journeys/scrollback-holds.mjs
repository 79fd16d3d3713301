import assert from 'node:assert/strict'
import { captionOn, captionsOn, frameSender, partial, writeLines } from '../lib/captions.mjs'
import { journey } from '../lib/journey.mjs'
import { openRoom } from '../lib/stage.mjs'
import { until } from '../lib/until.mjs'

const KEPT = 2_000 // caption lines a page keeps
const LONG = 'It is a good deal longer than it was before, and it takes several lines of the box to be read to its end. '.repeat(4)
const many = (what, n) => Array.from({ length: n }, (_, i) => `${what} ${i + 1}.`)

// Whoever scrolled up or paused reads on: nothing they see moves by a pixel, whatever comes or changes.
journey('scrollback-holds', async (world) => {
  const { host, path } = await openRoom(world, 'A long talk')
  const room = { handle: host.handle, path }
  const write = (lines) => writeLines(world.server, room, lines)
  const reader = await world.person('Rita')
  const socket = await frameSender(reader.page)
  await reader.read(path)
  const segments = await write(many('Line', 60))
  await captionOn(reader, 'Line 60.').waitFor()
  const box = captionsOn(reader)
  await until('the newest line is followed', () => box.evaluate(atEnd))

  await scrollUp(reader, box)
  const held = await box.evaluateHandle(watchFirstLine)
  await write(many('New', 5))
  await reader.button('5 new lines: jump to live').waitFor()
  for (const text of ['Good', 'Good evening', `Good evening, ${LONG}`]) {
    socket.send(partial(text))
    await box.getByText(`${text}…`).waitFor()
  }
  await write(segments.slice(0, 3).map((segment, i) => ({ segment, text: `${i + 1}. ${LONG}`, revision: 2 })))
  await box.getByText('(edited)').nth(2).waitFor()
  const seq = (await box.locator('p[id]').nth(4).getAttribute('id')).slice(1)
  await host.page.evaluate(([id, seq]) => fetch(`/api/rooms/${id}/log/${seq}`, { method: 'DELETE' }), [path.slice('/r/'.length), seq])
  await captionOn(reader, 'Line 5.').waitFor({ state: 'detached' })
  await write(many('Much', KEPT + 50))
  await reader.button(`${(KEPT + 55).toLocaleString('en')} new lines: jump to live`).waitFor()
  assert.equal(await captionOn(reader, 'Line 6.').count(), 1, 'nothing is let go while it is being read')
  await isStill(held, 'scrolled up')

  await reader.button(`${(KEPT + 55).toLocaleString('en')} new lines: jump to live`).click()
  await until('the newest line is followed again', () => box.evaluate(atEnd))
  assert.ok((await held.evaluate((watch) => watch.moved())) > 100, 'the control: what moves is noticed')
  await write(['One more.'])
  await captionOn(reader, 'One more.').waitFor()
  await captionOn(reader, 'Line 6.').waitFor({ state: 'detached' })

  socket.send(partial('And now', 'later'))
  await box.getByText('And now…').waitFor()
  await reader.button('Pause').click()
  const paused = await box.evaluateHandle(watchFirstLine)
  const before = await box.innerText()
  socket.send(partial('And now something else', 'later'))
  await write(many('Meanwhile', 12))
  await reader.button('12 new lines: jump to live').waitFor()
  assert.equal(await box.innerText(), before, 'nothing comes in while it is paused')
  await isStill(paused, 'paused')
  await reader.button('Go on').click()
  await until('the first line that came is on top', () => captionOn(reader, 'Meanwhile 1.').evaluate(isOnTop))
  await reader.button('12 new lines: jump to live').click()
  await until('the newest line is followed again', () => box.evaluate(atEnd))
  await until('the page counts nothing', async () => !(await reader.page.getByRole('button', { name: /new lines?: jump to live/ }).count()))

  // Larger letters change the height of every line; the first one stays where it is.
  await scrollUp(reader, box)
  const larger = await box.evaluateHandle(watchFirstLine, { inBox: true }) // the page itself is scrolled to the settings
  await reader.button('How they look').click()
  const height = () => captionOn(reader, 'Meanwhile 1.').evaluate((line) => line.offsetHeight)
  const small = await height()
  await reader.page.getByLabel(/^Size/).fill('250')
  await until('the text is larger', async () => (await height()) > 1.5 * small)
  await isStill(larger, 'larger letters')

  await reader.page.getByLabel('Where').selectOption('At the bottom of the window')
  await scrollUp(reader, box)
  const docked = await box.evaluateHandle(watchFirstLine)
  await write(many('At last', 3))
  await reader.button('3 new lines: jump to live').waitFor()
  await isStill(docked, 'at the bottom of the window')
}, { limit: 240_000 })

async function scrollUp(reader, box) {
  await box.hover()
  await reader.page.mouse.wheel(0, -400)
  await until('it is scrolled up', () => box.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight > 300))
  await box.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))) // the page has seen it, too
}

async function isStill(watch, when) {
  await until(`${when}: it was looked at`, () => watch.evaluate((watch) => watch.frames > 5))
  const { moved, frames } = await watch.evaluate((watch) => ({ moved: watch.moved(), frames: watch.frames }))
  assert.equal(moved, 0, `${when}: the first line did not move by a pixel in ${frames} frames`)
}

function atEnd(box) {
  return box.scrollHeight - box.scrollTop - box.clientHeight < 2
}

function isOnTop(line) {
  const box = line.closest('[role=log]')
  return Math.abs(line.getBoundingClientRect().top - box.getBoundingClientRect().top - parseFloat(getComputedStyle(box).paddingTop)) < 2
}

/** Runs in the page: looks at the first line that is seen, in every frame, and says how far it was ever away from its place in the window, or in the box. */
function watchFirstLine(box, { inBox = false } = {}) {
  const top = () => box.getBoundingClientRect().top
  const id = [...box.querySelectorAll('p[id]')].find((line) => line.getBoundingClientRect().bottom > top()).id
  const at = () => document.getElementById(id).getBoundingClientRect().top - (inBox ? top() : 0)
  const first = at()
  const watch = { frames: 0, most: 0, moved: () => (look(), watch.most) }
  const look = () => {
    watch.frames++
    watch.most = Math.max(watch.most, document.getElementById(id) ? Math.abs(at() - first) : Infinity)
  }
  // A task after the frame: what was drawn then, is seen.
  const drawn = new MessageChannel()
  const again = () => requestAnimationFrame(() => drawn.port1.postMessage(0))
  drawn.port2.onmessage = () => {
    look()
    again()
  }
  again()
  return watch
}
