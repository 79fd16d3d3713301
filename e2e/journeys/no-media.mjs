import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { openRoom } from '../lib/stage.mjs'

// A listener whose network lets the page through but not the sound.
journey('no-media', async (world) => {
  const { host, path } = await openRoom(world, 'Behind a firewall')
  await host.turnMicrophoneOn()
  const listener = await world.person('Lise')
  const { page } = listener
  await page.addInitScript(blockMedia)
  await page.goto(path)

  const notice = listener.panel('No sound comes through')
  const began = Date.now()
  await listener.button('Join').click()
  await notice.waitFor()
  const waited = Date.now() - began
  assert.ok(waited < 14_000, `told within ten seconds and a little, not after ${waited} ms`)
  await notice.getByText(/UDP port 7882/).waitFor()

  // Still blocked, trying again leads to the same words, also once the attempt has failed for good.
  await notice.getByRole('button', { name: 'Try again' }).click()
  await notice.waitFor({ state: 'detached' })
  await notice.waitFor()
  await listener.button('Join').waitFor({ timeout: 30_000 })
  await notice.waitFor()

  await page.evaluate(() => (window.mediaBlocked = false))
  await notice.getByRole('button', { name: 'Try again' }).click()
  await listener.button('Leave quietly').waitFor()
  await hearsMore(page, host.identity)
  assert.equal(await notice.count(), 0, 'the notice is gone')
})

/** Runs in the page before everything else: peer connections find no way, as behind a firewall, until it is lifted. */
function blockMedia() {
  window.mediaBlocked = true
  const Open = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Open {
    constructor(config) {
      super(window.mediaBlocked ? { ...config, iceServers: [], iceTransportPolicy: 'relay' } : config)
    }
  }
}
