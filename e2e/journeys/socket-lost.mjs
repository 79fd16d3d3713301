import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { openRoom } from '../lib/stage.mjs'

// A speaker whose signalling socket is lost comes back by a token that LiveKit renewed itself: through the gate, in the
// same session, without asking us for anything.
journey('socket-lost', async (world) => {
  const { host, path } = await openRoom(world, 'Tunnels')
  await host.turnMicrophoneOn()
  const listener = await world.person('Lise')
  await listener.join(path)
  await hearsMore(listener.page, host.identity)

  let joins = 0
  host.page.on('request', (request) => (joins += request.url().endsWith('/join') ? 1 : 0))
  const { before, after } = await host.page.evaluate(async () => {
    const room = window.salonRoom
    const before = room.localParticipant.sid
    const resumed = new Promise((done) => room.once('signalReconnecting', () => room.once('reconnected', done)))
    await room.simulateScenario('signal-reconnect')
    await resumed
    return { before, after: room.localParticipant.sid }
  })
  assert.equal(after, before, 'the session went on')
  assert.equal(joins, 0, 'nobody asked for another pass')
  await hearsMore(listener.page, host.identity)
})
