import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'

journey('gate-refuses', async (world) => {
  const short = await world.person('Short')
  await world.followers(short, 599, { ageDays: 2 })
  const refused = await refusal(short)
  assert.match(refused, /\b599\b/)
  assert.match(refused, /\b600\b/)

  const enough = await world.person('Enough')
  await world.followers(enough, 600, { ageDays: 2 })
  await enough.startRoom('Six hundred')

  const crowd = await world.person('Crowd')
  await world.followers(crowd, 590, { ageDays: 2 })
  await world.followers(crowd, 60, { ageDays: 0 })
  const young = await refusal(crowd)
  assert.match(young, /\b590\b/)
  assert.match(young, /\b600\b/)
})

/** The sentence a person reads when they ask for a room and may not have one. */
async function refusal(person) {
  const form = await person.askForRoom('Not yet')
  const sentence = await form.getByRole('alert').innerText()
  assert.equal(new URL(person.page.url()).pathname, '/', 'a refused host stays where they are')
  return sentence
}
