import assert from 'node:assert/strict'
import { buy, offerSeats, onPhone, refusalOf, roomWithSeats, startRoom } from '../lib/buying.mjs'
import { journey } from '../lib/journey.mjs'
import { useToken } from '../lib/tokens.mjs'

const ACCOUNT = ['This room asks for a ticket, and you have none that is good.', 'Get a ticket, then come in.']
const GUEST = ['This room asks for a ticket, and tickets belong to an account.', 'Sign in or sign up, get a ticket, then come in.']

// Without a ticket nobody comes in, nor stays, nor with what they had of before: an account, a guest, an old token.
journey('no-ticket-no-entry', async (world) => {
  const room = await roomWithSeats(world, 'An evening with bees', { offered: false })
  await startRoom(room)
  const [ada, gus] = [await onPhone(world, 'Ada'), await onPhone(world, 'Gus', { account: false })]
  await ada.join(room.path)
  await gus.page.goto(room.path)
  await gus.button('Listen as a guest').click()
  await gus.button('Leave quietly').waitFor()

  await offerSeats(room, 5)
  assert.deepEqual(await ada.toldWhy(), ACCOUNT, 'who was inside is told why not any more')
  assert.deepEqual(await gus.toldWhy(), GUEST)
  for (const one of [ada, gus]) await one.panel('Ticket').getByText('5 seats left').waitFor()
  assert.deepEqual(await ada.isRefused(room.path), ACCOUNT)
  assert.deepEqual(await ada.isRefused(room.path, 'Only read'), ACCOUNT)
  assert.equal(await gus.button('Listen as a guest').count(), 0, 'there is no door for guests')
  assert.equal(await refusalOf(gus, 'post', `/api/rooms/${room.id}/guest`), 'guest-ticket')

  // A program of their own, with the token they came in with.
  assert.ok(ada.tokens.seen.size > 0)
  for (const token of ada.tokens.seen) {
    const outcome = await room.host.page.evaluate(useToken, token)
    assert.equal(outcome.connected, false, `an old token came in: ${JSON.stringify(outcome)}`)
  }

  await buy(ada, room.path)
  await ada.page.getByRole('link', { name: 'Go to the room' }).click()
  await ada.join()
  await room.host.named(/^Listeners/, ada).waitFor()
})
