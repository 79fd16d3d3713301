import assert from 'node:assert/strict'
import { hearsMore } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'

journey('host-speaks', async (world) => {
  const host = await world.host('Hedy')
  await host.signOut()
  await host.signIn()
  const path = await host.startRoom('Night talk')
  await host.join()
  await host.turnMicrophoneOn()

  const listener = await world.person('Lise')
  await listener.join(path)
  await listener.named('On stage', host).waitFor()

  const { first, last } = await hearsMore(listener.page, host.identity)
  assert.ok(last.energy > first.energy, 'the listener receives sound')
  await listener.panel('On stage').getByText('speaking', { exact: true }).waitFor()
})
