import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'

journey('gate-refuses', async (world) => {
  const short = await world.person('Short')
  await world.followers(short, 599, { ageDays: 2 })
  assert.deepEqual(await refusal(short), [
    "You cannot host yet: 599 of 600 followers count; or 2 more vouchers; or an admin's permission.",
    'Share your page: one more person must follow you. Or ask an eligible host to vouch for you.',
  ])

  const enough = await world.person('Enough')
  await world.followers(enough, 600, { ageDays: 2 })
  await enough.startRoom('Six hundred')

  const crowd = await world.person('Crowd')
  await world.followers(crowd, 590, { ageDays: 2 })
  await world.followers(crowd, 60, { ageDays: 0 })
  const [young] = await refusal(crowd)
  assert.match(young, /^You cannot host yet: 590 of 600 followers count; 10 more count from .*\d\d:\d\d; or 2 more vouchers; or an admin's permission\.$/)
})

/** The sentence and the next step a person reads when they ask for a room and may not have one. */
async function refusal(person) {
  const form = await person.askForRoom('Not yet')
  const alert = form.getByRole('alert')
  await alert.waitFor()
  const told = await alert.getByRole('paragraph').allInnerTexts()
  assert.equal(new URL(person.page.url()).pathname, '/', 'a refused host stays where they are')
  return told
}
