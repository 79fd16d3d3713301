import assert from 'node:assert/strict'
import { ask, buy, onPhone, roomWithSeats } from '../lib/buying.mjs'
import { fallsSilent, hearsMore, holdReceiver } from '../lib/hearing.mjs'
import { journey } from '../lib/journey.mjs'
import { buySeat, salesOf } from '../lib/selling.mjs'
import { useToken } from '../lib/tokens.mjs'

const REFUSAL = ['This room asks for a ticket, and you have none that is good.', 'Get a ticket, then come in.']
const USED = 'You came in with this ticket, so you cannot give it back. Ask the host.'
const BACK = /^The ticket was given back[.,] .*\$5\.00/

// A ticket that the host takes back, on the page of the sale or not, closes the door on who is inside, within seconds and with
// words. Buyers give back what they did not use.
journey('refund-closes-door', async (world) => {
  const room = await roomWithSeats(world, 'An evening with bees', { cap: 2, live: true })
  const [ada, ben] = [await onPhone(world, 'Ada'), await onPhone(world, 'Ben')]
  const orders = [await buySeat(ada, room.path), await buySeat(ben, room.path)]
  for (const one of [ada, ben]) await one.join(room.path)
  await room.host.turnMicrophoneOn()
  for (const one of [ada, ben]) await hearsMore(one.page, room.host.identity)

  const tab = await ada.context.newPage()
  await tab.goto(`/tickets/${orders[0]}`)
  await tab.getByText(USED).waitFor()
  const sale = await room.host.context.newPage()
  await sale.goto(salesOf(room.path))
  const line = sale.getByRole('listitem').filter({ hasText: ada.name })
  await line.getByRole('button', { name: 'Give the money back' }).click()
  const times = [await timeOut(room, ada, () => line.getByRole('button', { name: 'Yes, give it back' }).click())]
  await line.getByText(/money on its way back|money given back/).waitFor()
  await sale.close()
  await tab.reload()
  await tab.getByText(BACK).waitFor()
  await tab.close()
  times.push(await timeOut(room, ben, () => ask(room.host, 'post', `/api/orders/${orders[1]}/refund`)))
  console.log(`figure tickets.refund_to_door_ms ${Math.max(...times)}`)

  for (const one of [ada, ben]) {
    assert.deepEqual(await one.isRefused(room.path), REFUSAL)
    await one.panel('Ticket').getByText(BACK).waitFor()
  }
  const cy = await onPhone(world, 'Cy')
  await buy(cy, room.path)
  await cy.button('Give back and get $5.00 back').click()
  await cy.button('Yes, give it back').click()
  await cy.page.getByText(BACK).waitFor()
  assert.deepEqual(await cy.isRefused(room.path), REFUSAL)
  await buy(cy, room.path)
  await cy.page.getByRole('link', { name: 'Go to the room' }).click()
  await cy.join()
  await buy(ada, room.path) // and whoever gave a ticket back can buy another
  await ada.page.getByRole('link', { name: 'Go to the room' }).click()
  await ada.join()
})

/** Milliseconds from a refund to the moment its buyer is outside, who is told why, hears nothing more, and has no token that works. */
async function timeOut(room, person, refund) {
  const ear = await holdReceiver(person.page, room.host.identity)
  const began = performance.now()
  await refund()
  const told = await person.toldWhy()
  const took = Math.round(performance.now() - began)
  assert.deepEqual(told, REFUSAL)
  await person.panel('Ticket').getByText(BACK).waitFor()
  await fallsSilent(person.page, ear)
  for (const token of person.tokens.seen) {
    const outcome = await person.page.evaluate(useToken, token)
    assert.equal(outcome.connected, false, `an old token came in: ${JSON.stringify(outcome)}`)
  }
  return took
}
