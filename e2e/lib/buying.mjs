// What people do to get a seat, and the rooms that sell them one.
import { onboard, seller } from './selling.mjs'

const DAY = 86_400_000
export const PHONE = { width: 360, height: 800 }

/** A room of two days ahead with seats at five dollars, given back until a day before; what the journey is not about is done by the API. */
export async function roomWithSeats(world, title, { cap, live = false, offered = true }) {
  const host = await seller(world, 'Hedy')
  await onboard(host)
  const starts_at = new Date(Date.now() + 2 * DAY).toISOString()
  const { id } = await ask(host, 'post', '/api/rooms', { title, topics: ['bees'], language: 'en', starts_at })
  const room = { host, id, path: `/r/${id}` }
  if (offered) await offerSeats(room, cap)
  if (live) await startRoom(room)
  return room
}

export const offerSeats = ({ host, id }, cap) =>
  ask(host, 'put', `/api/rooms/${id}/offer`, { price: 500, currency: 'usd', cap, tax_bp: 2000, refund_hours: 24 })

/** The host starts the room and goes in. */
export async function startRoom({ host, id, path }) {
  await ask(host, 'post', `/api/rooms/${id}/start`)
  await host.join(path)
}

/** Pays on the page of the simulated Stripe, and waits for the ticket. */
export async function payByCard({ page }, email = 'buyer@people.test') {
  await page.getByRole('heading', { level: 1, name: /^Pay/ }).waitFor()
  const form = page.getByRole('form', { name: 'Pay by card' })
  const address = form.getByLabel('E-mail')
  if (await address.isEditable()) await address.fill(email)
  await form.getByLabel('Card number').fill('4242 4242 4242 4242')
  await form.getByLabel('Expiry date').fill('12/40')
  await form.getByLabel('Security code').fill('123')
  await form.getByLabel('Name on the card').fill('A. Buyer')
  await form.getByRole('button', { name: 'Pay by card' }).click()
  await page.waitForURL(/\/tickets\//)
  await page.getByText('You have a ticket.').waitFor()
}

/** Buys a seat the way people do who are signed in. */
export async function buy(person, path) {
  await person.page.goto(path)
  await person.button('Buy a ticket').click()
  await payByCard(person)
}

/** Somebody new with a phone. */
export async function onPhone(world, name, { account = true } = {}) {
  const person = await (account ? world.person(name) : world.visitor(name))
  await person.page.setViewportSize(PHONE)
  return person
}

export async function ask(person, method, path, data) {
  const answer = await person.page.request[method](path, { data })
  if (!answer.ok()) throw new Error(`${answer.status()} ${method} ${path}: ${await answer.text()}`)
  return answer.json().catch(() => null) // 204 says nothing
}

/** The kind of the refusal that a request is answered with; '' when it is granted. */
export async function refusalOf(person, method, path, data) {
  const answer = await person.page.request[method](path, { data })
  return answer.ok() ? '' : (await answer.json()).kind
}
