import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { bringUp, openRoom } from '../lib/stage.mjs'

journey('hand-to-stage', async (world) => {
  const { host, path } = await openRoom(world, 'Questions')
  const listener = await world.person('Lise')
  await listener.join(path)
  await host.named(/^Listeners/, listener).waitFor()

  await bringUp(host, listener)

  const { first, last } = await hearsMore(host.page, listener.identity)
  assert.ok(last.energy > first.energy, 'the host receives the new speaker')
  await host.named('On stage', listener).waitFor()
})
