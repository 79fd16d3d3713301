import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { until } from '../lib/until.mjs'

journey('mic-check', async (world) => {
  const host = await world.host('Hedy')
  await host.page.addInitScript(keepStreams)
  await host.page.reload() // the page shows what the server says now
  const path = await host.startRoom('Testing, testing')

  await host.button('Check your microphone').click()
  const panel = host.page.getByRole('dialog', { name: 'Microphone and sound' })
  const meter = panel.getByRole('meter', { name: 'Microphone level' })
  await until('the level moves', async () => Number(await meter.getAttribute('aria-valuenow')) > 30)
  await panel.getByText('We hear you.').waitFor()
  assert.equal(await meter.getAttribute('aria-valuetext'), 'We hear you.')

  const first = await choose(panel, 1)
  await until('the other microphone is open', async () => (await opened(host.page)).at(-1).device === first)
  await panel.getByText('We hear you.').waitFor()
  await panel.getByRole('button', { name: 'Play a test tone' }).click()
  await host.page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  await until('the check let go of every microphone', async () => (await opened(host.page)).every(({ state }) => state === 'ended'))
  assert.equal(await host.page.evaluate(() => document.activeElement.textContent), 'Check your microphone', 'the focus is back')
  assert.equal(await host.page.evaluate(() => window.salonRoom), undefined, 'LiveKit is not loaded before Join')

  await host.join()
  await host.turnMicrophoneOn()
  assert.equal(await microphone(host.page), first, 'the chosen microphone is the one that is used')
  const listener = await world.person('Lise')
  await listener.join(path)
  await hearsMore(listener.page, host.identity)

  await host.button('Sound settings').click()
  const second = await choose(panel, 2)
  await until('the other microphone is in use', async () => (await microphone(host.page)) === second)
  await panel.getByRole('button', { name: 'Close' }).click()
  await hearsMore(listener.page, host.identity)
  await host.button('Turn microphone off').click()
  await host.turnMicrophoneOn()
  assert.equal(await microphone(host.page), second, 'it stays in use')
})

/** Takes the nth microphone after the default one, and waits until it is the one that is shown. */
async function choose(panel, nth) {
  const select = panel.getByLabel('Microphone', { exact: true })
  const id = await select.locator('option').nth(nth).getAttribute('value')
  assert.notEqual(id, await select.inputValue())
  await select.selectOption({ index: nth })
  await until('the choice is shown', async () => (await select.inputValue()) === id)
  return id
}

/** The device whose sound is sent. */
function microphone(page) {
  return page.evaluate(() => {
    const [publication] = window.salonRoom.localParticipant.audioTrackPublications.values()
    return publication.track.mediaStreamTrack.getSettings().deviceId
  })
}

/** Every microphone the page opened, in that order. */
function opened(page) {
  return page.evaluate(() => window.openedTracks().map((track) => ({ device: track.getSettings().deviceId, state: track.readyState })))
}

/** Runs in the page before everything else: keeps hold of every stream, to see what becomes of it. */
function keepStreams() {
  const streams = []
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await ask(wish)
    streams.push(stream)
    return stream
  }
  window.openedTracks = () => streams.flatMap((stream) => stream.getTracks())
}
