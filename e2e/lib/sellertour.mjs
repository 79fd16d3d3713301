// Every page of selling, in the states that look different, for the tour of all pages.
import { ask, roomWithSeats } from './buying.mjs'
import { newOwner } from './owner.mjs'
import { announceRoom, askToSell, buySeat, salesOf, seller } from './selling.mjs'
import { run } from './sql.mjs'

/** Selling seats, from the first try to a statement. */
export async function sellerPages(world, visit) {
  const host = await seller(world, 'Hedy')
  const { page } = host
  const path = await announceRoom(host, 'An evening with bees')
  await page.getByRole('link', { name: 'Sell tickets' }).waitFor()
  await visit(page, 'announced room, host who may sell')
  await page.goto(salesOf(path))
  const form = await askToSell(host, { price: '5.00', seats: '20' })
  await form.getByRole('link', { name: 'Set up payouts at Stripe' }).waitFor()
  await form.getByText('A buyer pays').waitFor()
  await form.getByText('Sell only at certain times').click()
  await form.getByLabel('Buyers may give a ticket back').selectOption('Until some other time')
  await visit(page, 'selling, refused')

  await payoutPages(host, visit)
  await page.goto(salesOf(path))
  await form.getByRole('button', { name: 'Offer these seats' }).click()
  await page.getByText('The offer stands on the room’s page.').waitFor()
  await visit(page, 'selling, nothing sold')
  const buyers = []
  for (const name of ['Bea', 'Ben']) buyers.push(await world.person(name))
  for (const buyer of buyers) await buySeat(buyer, path)
  await host.page.reload()
  const gift = host.form('Give a seat away')
  const guest = await world.person('Gus')
  await gift.getByLabel('Their name here').fill(guest.handle)
  await gift.getByRole('button').click()
  await gift.getByText(`@${guest.handle} has a seat.`).waitFor()
  await page.getByText('Order by order').click()
  await host.button(`Give the money back ${buyers[0].name}`).click()
  await host.button('Yes, give it back').waitFor()
  await visit(page, 'selling, with buyers')
  await page.reload()
  await host.button('Call the sale off').click()
  await host.button('Yes, give everyone their money back').waitFor()
  await visit(page, 'selling, about to be called off')
  await host.button('Yes, give everyone their money back').click()
  await page.getByText('No more tickets are sold for this room.').waitFor()
  await page.getByText('money given back').first().waitFor()
  await visit(page, 'selling, called off')
  await guest.page.goto(salesOf(path))
  await guest.page.getByRole('alert').waitFor()
  await visit(guest.page, 'selling, for somebody else')
}

async function payoutPages(host, visit) {
  const { page } = host
  await page.goto('/payouts')
  await page.getByText('Stripe does not know you yet.').waitFor()
  await visit(page, 'payouts, none')
  await host.button('Go on at Stripe').click()
  await host.button('Leave it unfinished').click()
  await page.getByText('Stripe still asks for:').waitFor()
  await page.goto('/payouts#again')
  await page.getByText('That link to Stripe was used already').waitFor()
  await visit(page, 'payouts, incomplete')
  await host.button('Go on at Stripe').click()
  await host.button('Finish onboarding').click()
  await page.getByText('Stripe can pay you.').waitFor()
  await visit(page, 'payouts, ready')
}

/** What the owner decides and looks at. */
export async function salesAdminPages(world, visit) {
  const owner = await newOwner(world, 'Olga')
  await owner.form('Who may sell tickets here?').waitFor()
  await visit(owner.page, 'owner, who may sell')
  await owner.page.goto('/alarms')
  await owner.page.getByText('Nothing to look at.').waitFor()
  await visit(owner.page, 'alarms, none')
  await run(world.server.databaseURL, `
    insert into alarms (id, kind, subject, detail) values
      (gen_random_uuid(), 'refund-failed', gen_random_uuid()::text, 'the bank did not take re_0123456789'),
      (gen_random_uuid(), 'unmatched', 'cs_0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdef', 'paid 500 usd, and nobody waits for it')`)
  await owner.page.reload()
  await owner.form('The buyer’s bank did not take the money back').waitFor()
  await visit(owner.page, 'alarms')
  const form = owner.form('The buyer’s bank did not take the money back')
  await form.getByLabel('What you did').fill('Sent it by bank transfer.')
  await form.getByRole('button', { name: 'Close the alarm' }).click()
  await form.waitFor({ state: 'detached' })
  await adminEndsSale(owner, await liveSale(world, visit), visit)
}

/** Seats that are offered while people listen already, and one that is sold; the room ends, and its path is returned. */
async function liveSale(world, visit) {
  const { host, id, path } = await roomWithSeats(world, 'A cold supper', { live: true, offered: false })
  const { page } = host
  await page.goto(salesOf(path))
  const warning = host.form('Sell tickets').getByText('The room is live. Once you offer seats')
  await warning.waitFor()
  await visit(page, 'selling, live')
  await askToSell(host, { price: '5.00', seats: '20' })
  await page.getByText('The offer stands on the room’s page.').waitFor()
  await warning.waitFor({ state: 'detached' })
  await buySeat(await world.person('Bea'), path)
  await page.goto(path)
  await host.button('Join').waitFor()
  await page.getByRole('link', { name: 'Tickets: 1 of 20 sold' }).waitFor()
  await visit(page, 'live room before Join, host who sells')
  await ask(host, 'post', `/api/rooms/${id}/end`)
  return path
}

/** An admin gives everyone their money back whom the host sold a seat. */
async function adminEndsSale(owner, path, visit) {
  const { page } = owner
  await page.goto(path)
  const sale = page.getByRole('link', { name: 'Tickets: 1 of 20 sold' })
  await sale.waitFor()
  await visit(page, 'room that ended, admin')
  await sale.click()
  await owner.button('Call the sale off').click()
  await owner.button('Yes, give everyone their money back').waitFor()
  await visit(page, 'selling, admin about to call it off')
  await owner.button('Yes, give everyone their money back').click()
  await page.getByRole('listitem').getByText('money given back').waitFor()
  await owner.button('Call the sale off').waitFor({ state: 'detached' })
}
