import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'
import { announceRoom, askToSell, salesOf, seller } from '../lib/selling.mjs'

journey('onboard-and-sell', async (world) => {
  const host = await seller(world, 'Hedy')
  const { page } = host
  const path = await announceRoom(host, 'An evening with bees')
  await page.getByRole('link', { name: 'Sell tickets' }).click()

  const form = await askToSell(host, { price: '5.00', seats: '20' })
  await form.getByText(/^A buyer pays \$5\.00; you get \$4\.\d\d \(the server keeps \$0\.15, the payment \$0\.\d\d\)\.$/).waitFor()
  await form.getByRole('alert').getByText('Stripe cannot pay you yet.').waitFor()
  await form.getByRole('link', { name: 'Set up payouts at Stripe' }).click()

  const used = await comesBackTooEarly(host)
  await finishes(host, used)
  await page.getByRole('link', { name: 'Go on selling tickets' }).click()
  assert.equal(new URL(page.url()).pathname, salesOf(path))
  assert.deepEqual(await typed(form), ['usd', '5.00', '20'], 'what was typed is still there')
  await form.getByRole('button', { name: 'Offer these seats' }).click()
  await page.getByText('The offer stands on the room’s page.').waitFor()
  await page.getByText('0 of 20', { exact: true }).waitFor()

  await page.goto(path)
  await page.getByRole('link', { name: 'Tickets: 0 of 20 sold' }).waitFor()
  const stranger = await world.visitor('Stu')
  await stranger.page.setViewportSize({ width: 360, height: 800 })
  await stranger.page.goto(path)
  for (const fact of ['$5.00', '20 seats left']) await stranger.panel('Ticket').getByText(fact).first().waitFor()
  await stranger.button('Buy a ticket').waitFor()
})

/** Goes to Stripe and leaves it unfinished; returns the link that was used up by that. */
async function comesBackTooEarly(host) {
  const { page } = host
  await page.getByText('Stripe does not know you yet.').waitFor()
  await host.button('Go on at Stripe').click()
  await host.button('Leave it unfinished').waitFor()
  const used = page.url()
  await host.button('Leave it unfinished').click()
  await page.getByText('Stripe wants to know more before it can pay you.').waitFor()
  await page.getByRole('listitem').getByText('your name', { exact: true }).waitFor()
  return used
}

async function finishes(host, used) {
  const { page } = host
  await page.goto(used)
  await page.getByText('That link to Stripe was used already, or was too old. Go on with a new one.').waitFor()
  await host.button('Go on at Stripe').click()
  await host.button('Finish onboarding').click()
  await page.getByText('Stripe can pay you. You can sell tickets.').waitFor()
}

function typed(form) {
  return Promise.all(['Currency', 'Price', 'Seats'].map((label) => form.getByLabel(label, { exact: true }).inputValue()))
}
