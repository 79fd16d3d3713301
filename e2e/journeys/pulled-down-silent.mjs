import assert from 'node:assert/strict'
import { fallsSilent, hearsMore, holdReceiver, packetsOf } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { bringUp, openRoom } from '../lib/stage.mjs'
import { grantOf, useToken } from '../lib/tokens.mjs'

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
  await host.about(speaker, 'Pull down')
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
