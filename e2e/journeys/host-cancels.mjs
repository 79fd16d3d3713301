import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'
import { buySeat, orderOf, roomForSale } from '../lib/selling.mjs'
import { Stripe } from '../lib/stripe.mjs'
import { until } from '../lib/until.mjs'

journey('host-cancels', async (world) => {
  const { host, path } = await roomForSale(world, 'Perhaps not')
  const buyers = [await world.person('Bea'), await world.person('Ben')]
  const orders = []
  for (const buyer of buyers) orders.push(await buySeat(buyer, path))
  await host.page.getByText('2 of 20', { exact: true }).waitFor() // the page of the sale notices by itself

  await host.page.goto(path)
  await host.button('Call the room off').click()
  await host.button('Yes, call it off').click()
  await host.page.getByText('This room was called off.').first().waitFor()

  for (const [i, buyer] of buyers.entries())
    await until('the money is back', async () => (await orderOf(buyer, orders[i])).state === 'refunded', { within: 60_000 })
  await stripeGaveItBack(await Stripe.of(world.server), orders)

  await host.page.goto(path.replace('/r/', '/sales/'))
  await host.page.getByText('No more tickets are sold for this room.').waitFor()
  for (const buyer of buyers) await host.page.getByRole('listitem').filter({ hasText: buyer.name }).getByText('money given back').waitFor()
})

/** Of each order: the payment refunded, the transfer reversed, the application fee refunded, all of it. */
async function stripeGaveItBack(stripe, orders) {
  const [charges, transfers, fees] = await Promise.all(['charges', 'transfers', 'application_fees'].map((list) => stripe.all(list)))
  for (const order of orders) {
    const charge = charges.find(({ metadata }) => Object.values(metadata).includes(order))
    assert.ok(charge, 'Stripe has a charge of the order')
    const transfer = transfers.find(({ source_transaction }) => source_transaction === charge.id)
    const fee = fees.find(({ originating_transaction }) => originating_transaction === charge.id)
    assert.deepEqual(
      [charge.amount_refunded, charge.refunded, transfer.amount_reversed, transfer.reversed, fee.amount_refunded, fee.refunded],
      [500, true, transfer.amount, true, fee.amount, true],
    )
  }
}
