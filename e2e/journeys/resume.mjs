import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { linesOn, logOf } from '../lib/roomlog.mjs'
import { bringUp, openRoom, say } from '../lib/stage.mjs'
import { until } from '../lib/until.mjs'

// A listener's network is gone for a while: nothing of the room is lost, and nothing comes twice.
journey('resume', async (world) => {
  const { host, path } = await openRoom(world, 'Through the tunnel')
  await host.turnMicrophoneOn()
  const [speaker, listener] = [await world.person('Sam'), await world.person('Lise')]
  await speaker.join(path)
  await listener.page.addInitScript(keepSockets)
  const told = watchSocket(listener.page)
  await listener.join(path)
  await say(host, 'Before the tunnel')
  await listener.line('Before the tunnel').waitFor()
  const seen = told.findLast(({ entries }) => entries?.length).entries.at(-1)

  await listener.context.setOffline(true)
  await listener.page.evaluate(() => window.roomSockets.at(-1).close())
  await listener.page.getByText('Reconnecting…').first().waitFor()
  for (const text of ['In the dark, one', 'In the dark, two', 'In the dark, three']) await say(host, text)
  await bringUp(host, speaker)
  assert.equal(await listener.line('In the dark, one').count(), 0, 'the control: it is cut off')

  await listener.context.setOffline(false)
  await listener.line('In the dark, three').waitFor()
  await listener.named('On stage', speaker).waitFor()
  await listener.named(/^Listeners/, speaker).waitFor({ state: 'detached' })
  await listener.page.getByText('Reconnecting…').first().waitFor({ state: 'hidden' })
  await say(host, 'After the tunnel')
  await listener.line('After the tunnel').waitFor()

  assert.deepEqual(await linesOn(listener), await linesOn(host), 'every line, once, in order')
  const hello = told.findLast(({ type }) => type === 'hello')
  assert.equal(hello.resumed, true, 'it went on where it was cut off')
  const numbers = () => told.flatMap(({ entries }) => entries ?? []).map(({ seq }) => seq)
  assert.ok(numbers().includes(seen.seq))
  const written = (await logOf(listener, path)).entries.map(({ seq }) => seq)
  await until('the socket told the newest of them', () => numbers().includes(written.at(-1)))
  assert.deepEqual(numbers().slice(0, written.length), written, 'every entry came once')
  await hearsMore(listener.page, speaker.identity)
})

/** What the room sockets of the page are told, as it comes. */
function watchSocket(page) {
  const told = []
  page.on('websocket', (socket) => {
    if (!new URL(socket.url()).pathname.endsWith('/live')) return
    socket.on('framereceived', ({ payload }) => told.push(JSON.parse(payload)))
  })
  return told
}

/** Runs in the page before everything else: keeps hold of the room sockets, to cut them. */
function keepSockets() {
  window.roomSockets = []
  const Open = window.WebSocket
  window.WebSocket = class extends Open {
    constructor(at, ...given) {
      super(at, ...given)
      if (new URL(at).pathname.endsWith('/live')) window.roomSockets.push(this)
    }
  }
}
