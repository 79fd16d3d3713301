// Every page of buying, in the states that look different, for the tour of all pages.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { ask, buy, offerSeats, roomWithSeats, startRoom } from './buying.mjs'

const DAY = 86_400_000
const BUSY = { status: 503, kind: 'payments-busy', detail: 'Many people pay at this moment.', next_step: 'Wait.', retry_after: 3_600, ahead: 12 }

/** Buying a seat, from the price on a card to a ticket that was given back. */
export async function buyerPages(world, visit) {
  const room = await roomWithSeats(world, 'An evening with bees', { cap: 3 })
  await doorstep(world, room, visit)
  const buyer = await world.person('Bea')
  await onTheWay(buyer, room, visit)
  await ticketPages(buyer, room, visit)
  await notForSale(world, room, visit)
  await offerSeats(room, 3)
  await startRoom(room)
  await buyer.isRefused(room.path)
  await buyer.page.getByText(/^The ticket was given back/).waitFor()
  await visit(buyer.page, 'turned away, with a ticket that was given back')
}

/** What is seen before anybody signs in. */
async function doorstep(world, { host, path }, visit) {
  const guest = await world.visitor('Gus')
  const { page } = guest
  await page.goto('/')
  await page.getByText('Ticket · $5.00').first().waitFor()
  await visit(page, 'lobby with a price')
  await page.goto(path)
  await guest.button('Buy a ticket').waitFor()
  await visit(page, 'price, signed out')
  await guest.button('Buy a ticket').click()
  const form = guest.form('Where may we send your ticket?')
  await guest.button('Add your name').click()
  const email = `${host.handle}@people.test`
  await form.getByLabel('E-mail').fill(email)
  await visit(page, 'one field')
  await guest.button('Go to payment').click()
  await guest.button('Send me a link').click()
  for (const way of ['Sign in', 'Sign in by mail'])
    assert.equal(await guest.form(way).getByLabel('Handle or e-mail').inputValue(), email, 'it is typed once')
  await visit(page, 'address that has an account')
  for (const address of ['/tickets', `/tickets/${randomUUID()}`]) {
    await page.goto(address)
    await guest.form('Sign in by mail').waitFor()
    await visit(page, `${address.slice(1, 8)}${address.length > 8 ? ', one' : ''}, signed out`)
  }
}

/** Between the wish and the payment. */
async function onTheWay(buyer, { path }, visit) {
  const { page } = buyer
  await page.goto('/tickets')
  await page.getByText('You have no tickets yet.').waitFor()
  await visit(page, 'no tickets')
  await page.goto(path)
  await page.route('**/checkout', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(BUSY) }))
  await buyer.button('Buy a ticket').click()
  await page.getByText('12 are before you.').waitFor()
  await visit(page, 'queue')
  await page.unroute('**/checkout')
  await buyer.button('Stop waiting').click()
  await buyer.button('Continue to payment').waitFor()
  await visit(page, 'seat that is held')
  await buyer.button('15 more minutes').click()
  await buyer.button('15 more minutes').waitFor({ state: 'detached' })
  await buyer.button('Give the seat up').click()
  await page.getByText('The seat was given up.').waitFor()
  await visit(page, 'seat that was given up')
}

async function ticketPages(buyer, { path }, visit) {
  const { page } = buyer
  await buy(buyer, path)
  const address = page.url()
  const giveBack = buyer.button('Give back and get $5.00 back')
  await page.getByRole('img').waitFor()
  await visit(page, 'ticket')
  await page.goto(path)
  await page.getByRole('link', { name: 'See your ticket' }).waitFor()
  await visit(page, 'room, with a ticket')
  await page.goto('/tickets')
  await page.getByRole('heading', { name: 'Coming' }).waitFor()
  await visit(page, 'tickets')
  await page.goto(address)
  await giveBack.click()
  await visit(page, 'ticket about to be given back')
  await buyer.button('Yes, give it back').click()
  await page.getByText(/^The ticket was given back/).waitFor()
  await visit(page, 'ticket that was given back')
  await page.goto('/tickets')
  await page.getByRole('heading', { name: 'Given back' }).waitFor()
  await visit(page, 'tickets, given back')
}

/** Why there is no seat. */
async function notForSale(world, room, visit) {
  const late = await world.person('Lea')
  const look = async (text, name) => {
    await late.page.goto(room.path)
    await late.page.getByText(text).waitFor()
    await visit(late.page, name)
  }
  const offer = { price: 500, currency: 'usd', cap: 3 }
  const day = (n) => new Date(Date.now() + n * DAY).toISOString()
  const change = (to) => ask(room.host, 'put', `/api/rooms/${room.id}/offer`, { ...offer, ...to })
  await change({ opens_at: day(1) })
  await look(/^Tickets are on sale from/, 'sale that opens later')
  await change({ opens_at: day(-2), closes_at: day(-1) })
  await look('The sale of tickets has closed.', 'sale that closed')
  await change({ price: 0, cap: 1 })
  await look(/^Free$/, 'free seats')
  await late.button('Get a free ticket').click()
  await late.page.getByText('You have a ticket.').waitFor()
  const other = await world.person('Ole')
  await other.page.goto(room.path)
  await other.page.getByText('All seats are taken.').waitFor()
  await visit(other.page, 'sold out')
}
