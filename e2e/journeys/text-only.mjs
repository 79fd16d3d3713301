import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'
import { ask, openRoom, say } from '../lib/stage.mjs'

const QUESTION = 'How do bees find their way home?'

journey('text-only', async (world) => {
  const { host, path } = await openRoom(world, 'Bees')
  await host.turnMicrophoneOn()
  const reader = await world.person('Rita')
  const sockets = []
  reader.page.on('websocket', (socket) => sockets.push(new URL(socket.url()).pathname))
  await reader.page.addInitScript(countPeers)
  await reader.read(path)

  await say(host, 'We begin with the dance.')
  await reader.line('We begin with the dance.').waitFor()
  await ask(reader, QUESTION)
  await host.panel('Raised hands').getByText(QUESTION).waitFor()
  await host.button(`Show the question ${reader.name}`).click()
  for (const person of [host, reader]) await person.line(QUESTION).waitFor()
  await reader.button('Raise hand').waitFor() // answered in writing, the hand is down

  assert.equal(await reader.page.evaluate(() => window.peers), 0, 'no connection for sound was made')
  assert.deepEqual(sockets.filter((path) => path.startsWith('/rtc')), [])
  assert.equal(await reader.page.evaluate(() => window.salonRoom), undefined, 'LiveKit is not even loaded')

  // The control: with sound, there is one.
  await reader.button('Turn sound on').click()
  await reader.page.waitForFunction(() => window.peers > 0)
  await reader.panel('On stage').getByText('speaking', { exact: true }).waitFor()
})

/** Runs in the page before everything else. */
function countPeers() {
  window.peers = 0
  const Open = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Open {
    constructor(...given) {
      super(...given)
      window.peers++
    }
  }
}
