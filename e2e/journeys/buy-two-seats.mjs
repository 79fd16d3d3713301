import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { ask, buy, onPhone, payByCard, refusalOf, roomWithSeats, startRoom } from '../lib/buying.mjs'
import { journey } from '../lib/journey.mjs'
import { mailedLink } from '../lib/outbox.mjs'

// Two people buy the two seats there are, one of them with nothing but an address; a third is told that there are no more.
journey('buy-two-seats', async (world) => {
  const room = await roomWithSeats(world, 'An evening with bees', { cap: 2 })
  const [ada, lou, tom] = [await onPhone(world, 'Ada'), await onPhone(world, 'Lou', { account: false }), await onPhone(world, 'Tom')]

  await lou.page.goto(room.path)
  const panel = lou.panel('Ticket')
  for (const fact of ['$5.00', 'tax included: $0.83', '2 seats left', 'Money back until 24 hours before the start.', /^Spoken in English/, 'This is a simulation.'])
    await panel.getByText(fact).first().waitFor()
  assert.equal(await lou.form('Sign in').count(), 0, 'all of that is told before anybody signs in')

  await buy(ada, room.path)
  await ada.page.getByRole('img', { name: 'QR code: the address of this ticket for An evening with bees' }).evaluate((image) => image.decode())

  const taps = await countTaps(lou)
  await lou.page.goto(room.path)
  await panel.getByText('1 seat left').waitFor()
  await lou.button('Buy a ticket').click()
  const form = lou.form('Where may we send your ticket?')
  await form.waitFor()
  const fields = await form.locator('input').evaluateAll((inputs) => inputs.map((one) => [one.type, one.required, one === document.activeElement]))
  assert.deepEqual(fields, [['email', true, true]], 'one field, and the keyboard is in it')
  await lou.page.keyboard.type(`${lou.handle}@people.test`)
  await lou.button('Go to payment').click()
  await lou.page.getByRole('heading', { level: 1, name: /^Pay/ }).waitFor()
  assert.equal(taps.count, 2, 'taps from the price to the payment page')
  await payByCard(lou)
  const device = await opensElsewhere(world, lou)

  await tom.page.goto(room.path)
  const told = tom.panel('Ticket')
  await told.getByText('All seats are taken.').waitFor()
  await told.getByText('Seats that are not paid come free again. This page notices by itself.').waitFor()
  assert.equal(await tom.button('Buy a ticket').count(), 0)
  const { id: offer } = await ask(tom, 'get', `/api/rooms/${room.id}/offer`)
  assert.equal(await refusalOf(tom, 'put', `/api/orders/${randomUUID()}`, { offer }), 'sold-out')

  await startRoom(room)
  for (const one of [ada, device]) {
    await one.page.getByRole('link', { name: 'Go to the room' }).click()
    await one.join()
  }
})

/** Counts what a finger does to any page of theirs. */
async function countTaps({ page }) {
  const taps = { count: 0 }
  await page.exposeFunction('tapped', () => taps.count++)
  await page.addInitScript(() => addEventListener('pointerdown', (event) => event.isTrusted && window.tapped(), { capture: true }))
  return taps
}

/** The ticket on a device where nobody is signed in: a mailed link leads to it. */
async function opensElsewhere(world, buyer) {
  const device = Object.assign(await onPhone(world, 'Device', { account: false }), { handle: buyer.handle })
  const address = new URL(buyer.page.url()).pathname
  await device.page.goto(address)
  await device.page.getByText('You are not signed in on this device.').waitFor()
  const form = device.form('Sign in by mail')
  await form.getByLabel('Handle or e-mail').fill(`${buyer.handle}@people.test`)
  await form.getByRole('button', { name: 'Send the link' }).click()
  await device.page.getByText('a mail with a link is on its way').waitFor()
  await device.page.goto(await mailedLink(device, '/enter'))
  await device.button('Sign in').click()
  await device.page.waitForURL(`**${address}`)
  await device.page.getByText('You have a ticket.').waitFor()
  return device
}
