// What hosts do to sell the seats of a room, and a quick way to buy one.
import { randomUUID } from 'node:crypto'
import { wallClock } from './clock.mjs'
import { mailedLink } from './outbox.mjs'
import { until } from './until.mjs'

const HOUR = 3_600_000
const PHONE = { width: 360, height: 800 }

/** Somebody new with a phone, who may host and has proved their address. */
export async function seller(world, name) {
  const host = await world.host(name)
  await host.page.setViewportSize(PHONE)
  await host.page.goto(await mailedLink(host, '/verify'))
  await host.page.getByText('Your e-mail address is confirmed.').first().waitFor()
  return host
}

/** Announces a room for in two hours and returns its path; the host stays on its page. */
export async function announceRoom(host, title) {
  await host.page.goto('/')
  const form = host.form('Host a room')
  await form.getByLabel('Start now').uncheck()
  await form.getByLabel('When').fill(await wallClock(host.page, 2 * HOUR))
  await host.askForRoom(title)
  await host.page.waitForURL(/\/r\//)
  return new URL(host.page.url()).pathname
}

/** Has the host answer all that the simulated Stripe asks for. */
export async function onboard(host) {
  await host.page.goto('/payouts')
  await host.button('Go on at Stripe').click()
  await host.button('Finish onboarding').click()
  await host.page.getByText('Stripe can pay you.').waitFor()
}

export const idOf = (path) => path.slice('/r/'.length)

/** The page where the seats of a room are sold. */
export const salesOf = (path) => `/sales/${idOf(path)}`

/** Fills in what is sold and sends it; whether it can be is another question. */
export async function askToSell(host, { price, seats }) {
  const form = host.form('Sell tickets')
  await form.getByLabel('Currency', { exact: true }).selectOption('usd')
  await form.getByLabel('Price', { exact: true }).fill(price)
  await form.getByLabel('Seats', { exact: true }).fill(seats)
  await form.getByRole('button', { name: 'Offer these seats' }).click()
  return form
}

/** Offers seats; the host stays on the page of the sale. */
export async function sell(host, path, what) {
  await host.page.goto(salesOf(path))
  await askToSell(host, what)
  await host.page.getByText('The offer stands on the room’s page.').waitFor()
}

/** A room with seats at five dollars, by a host who can be paid: the host and the room's path. */
export async function roomForSale(world, title, seats = '20') {
  const host = await seller(world, 'Hedy')
  const path = await announceRoom(host, title)
  await onboard(host)
  await sell(host, path, { price: '5.00', seats })
  return { host, path }
}

/** Buys a seat without looking at a page, but for the form of the payment page, and returns the order's id. */
export async function buySeat(person, path, number = '4242424242424242') {
  const { id: offer } = await ask(person, 'get', `/api/rooms/${idOf(path)}/offer`)
  const id = randomUUID()
  await ask(person, 'put', `/api/orders/${id}`, { offer })
  const { url } = await ask(person, 'post', `/api/orders/${id}/checkout`)
  const form = { method: 'card', number, expiry: '12/40', cvc: '123', name: person.name, email: `${person.handle}@people.test` }
  const paid = await person.page.request.post(url, { form, maxRedirects: 0 })
  if (paid.status() !== 303) throw new Error(`${paid.status()} of the payment page: ${await paid.text()}`)
  await until('the ticket is there', async () => (await orderOf(person, id)).state === 'paid')
  return id
}

/** An order as it is now, by the server's rows alone. */
export async function orderOf(person, id) {
  return (await ask(person, 'get', `/api/orders/${id}`)).order
}

async function ask(person, method, path, data) {
  const answer = await person.page.request[method](path, { data })
  if (!answer.ok()) throw new Error(`${answer.status()} ${method} ${path}: ${await answer.text()}`)
  return answer.json()
}
