import assert from 'node:assert/strict'
import { fallsSilent, hearsMore, holdReceiver, packetsOf } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { bringUp, openRoom } from '../lib/stage.mjs'
import { useToken } from '../lib/tokens.mjs'

const REFUSAL = ['The host has removed you from this room.', 'You can join other rooms.']

journey('ban-holds', async (world) => {
  const { host, path } = await openRoom(world, 'Once and for all')
  const speaker = await world.person('Sam')
  await speaker.join(path)
  await bringUp(host, speaker)
  await hearsMore(host.page, speaker.identity)
  const device = await speaker.onAnother(world)

  const ear = await holdReceiver(host.page, speaker.identity)
  await host.aboutBecause(speaker, 'Ban', `Ban ${speaker.name} from this room?`, 'Enough.')
  const { packets } = await fallsSilent(host.page, ear)
  assert.deepEqual(await speaker.toldWhy(), REFUSAL)
  await speaker.page.getByText('Reason: Enough.').waitFor()

  assert.ok(speaker.tokens.seen.size > 1, 'tokens of /join and of the socket are kept')
  for (const token of speaker.tokens.seen) {
    const outcome = await speaker.page.evaluate(useToken, token)
    assert.equal(outcome.connected, false, `an old token came in: ${JSON.stringify(outcome)}`)
  }
  assert.deepEqual(await speaker.isRefused(path), REFUSAL)
  assert.deepEqual(await device.isRefused(path), REFUSAL)
  assert.deepEqual(await device.isRefused(path, 'Only read'), REFUSAL)
  for (const person of [speaker, device]) assert.equal(await logStatus(person), 403, 'nor do they read on')
  assert.equal(await packetsOf(host.page, ear), packets, 'not one packet more reached the host')

  await host.button(`Lift the ban ${speaker.name}`).click()
  await host.panel('Banned').waitFor({ state: 'detached' })
  await device.join(path)
  assert.equal(await logStatus(device), 200)
  await bringUp(host, device)
  await hearsMore(host.page, device.identity)
})

function logStatus({ page }) {
  return page.evaluate(async (path) => (await fetch(`/api/rooms/${path.slice('/r/'.length)}/log`)).status, new URL(page.url()).pathname)
}
