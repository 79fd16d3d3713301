import assert from 'node:assert/strict'
import { fallsSilent, hearsMore, holdReceiver, packetsOf } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { bringUp, openRoom } from '../lib/stage.mjs'
import { grantOf } from '../lib/tokens.mjs'

journey('pulled-down-silent', async (world) => {
  const { host, path } = await openRoom(world, 'One question only')
  const speaker = await world.person('Sam')
  await speaker.join(path)
  await bringUp(host, speaker)
  await hearsMore(host.page, speaker.identity)

  // The control: while they are on stage, a token taken from the socket speaks in any LiveKit program.
  const fromSocket = [...speaker.tokens.seen].find((token) => grantOf(token).canPublish)
  const control = await speaker.page.evaluate(useToken, fromSocket)
  assert.equal(control.heard, true, `a speaker's own token speaks: ${JSON.stringify(control)}`)

  // It took the place of the page, which comes back with a token of its own.
  await speaker.page.getByText('You joined this room from another window').waitFor()
  await speaker.join()
  await speaker.turnMicrophoneOn()
  await hearsMore(host.page, speaker.identity)

  const ear = await holdReceiver(host.page, speaker.identity)
  await host.button(`Pull down ${speaker.name}`).click()
  await speaker.button('Raise hand').waitFor()
  await host.named('On stage', speaker).waitFor({ state: 'detached' })
  const quiet = await fallsSilent(host.page, ear)

  const tokens = [...speaker.tokens.seen]
  assert.ok(tokens.filter((token) => grantOf(token).canPublish).length > 1, 'tokens of /join and of the socket are kept')
  for (const token of tokens) {
    const outcome = await speaker.page.evaluate(useToken, token)
    assert.equal(outcome.heard, false, `an old token spoke again: ${JSON.stringify({ ...outcome, grant: grantOf(token) })}`)
  }
  assert.equal(await packetsOf(host.page, ear), quiet.packets, 'not one packet more reached the host')
  const published = await host.page.evaluate(
    (identity) => [...(window.salonRoom.remoteParticipants.get(identity)?.trackPublications.keys() ?? [])],
    speaker.identity,
  )
  assert.deepEqual(published, [], 'the host sees no track of theirs')
})

/** Runs in the page: connects with a token as any LiveKit program could, and tries to be heard. */
async function useToken(token) {
  const room = new window.salonRoom.constructor()
  try {
    await room.connect(location.origin, token, { maxRetries: 0 })
  } catch (error) {
    return { heard: false, connected: false, why: error.message }
  }
  try {
    const allowed = room.localParticipant.permissions?.canPublish ?? false
    room.localParticipant.hasPermissionsToPublish = () => true // ask the server, whatever the library thinks
    const asked = room.localParticipant.setMicrophoneEnabled(true)
    const late = new Promise((_, fail) => setTimeout(() => fail(new Error('no answer to publishing')), 2_000))
    const outcome = await Promise.race([asked, late]).then(() => 'published', (error) => error.message)
    return { heard: allowed || outcome === 'published', connected: true, allowed, why: outcome }
  } finally {
    await room.disconnect()
  }
}
