import assert from 'node:assert/strict'
import { journey } from '../lib/journey.mjs'
import { buySeat, idOf, orderOf, roomForSale, salesOf } from '../lib/selling.mjs'
import { Stripe } from '../lib/stripe.mjs'
import { until } from '../lib/until.mjs'

journey('statement-adds-up', async (world) => {
  const { host, path } = await roomForSale(world, 'To the cent')
  const buyers = []
  for (const name of ['Bea', 'Ben', 'Bo']) buyers.push(await world.person(name))
  const orders = []
  for (const buyer of buyers) orders.push(await buySeat(buyer, path))

  await host.page.reload()
  await host.button(`Give the money back ${buyers[1].name}`).click()
  await host.button('Yes, give it back').click()
  await until('the money is back', async () => (await orderOf(buyers[1], orders[1])).state === 'refunded', { within: 60_000 })

  await host.page.goto(salesOf(path))
  const statement = host.panel('Statement').first()
  await statement.getByText('Order by order').click()
  await statement.getByRole('region', { name: 'Order by order' }).waitFor()
  const page = await readPage(statement)
  assert.equal(page.lines.length, 3)
  assert.deepEqual(page.sums, added(page.lines), 'each sum on the page is that of the lines')
  for (const line of [page.sums, ...page.lines]) assert.equal(line.gross + line.refunded + line.cut + line.processing + line.absorbed, line.net)
  assert.deepEqual([page.sums.gross, page.sums.refunded], [1_500, -500])

  const table = await readTable(host, path)
  assert.deepEqual(table, page, 'the table has the same lines and sums')
  const { gross, refunded, cut, processing, absorbed, net } = page.sums
  assert.equal(absorbed, 0)
  // The cut and the cost of the payments are one fee at Stripe, which comes to us.
  assert.deepEqual(await readStripe(world.server, orders), { gross, refunded, fees: 0 - cut - processing, net }, 'Stripe has the same sums')
})

const COLUMNS = ['gross', 'refunded', 'cut', 'processing', 'absorbed', 'net']
const LABELS = { 'Buyers paid': 'gross', 'Given back to buyers': 'refunded', 'Kept by the server': 'cut', 'Cost of the payments': 'processing', 'Borne by the server': 'absorbed', 'The host gets': 'net' }

/** What the host reads, in cents; what goes away is negative. */
async function readPage(statement) {
  const [sums, lines] = await statement.getByRole('table').all()
  const cells = async (row) => (await row.getByRole('cell').allInnerTexts()).map((text) => text.trim())
  const rows = await sums.locator('tbody tr').all()
  const found = { absorbed: 0 }
  for (const row of rows) {
    const name = LABELS[(await row.getByRole('rowheader').innerText()).trim()]
    if (name) found[name] = cents((await cells(row))[0])
  }
  const orders = await lines.locator('tbody tr').all()
  const amounts = await Promise.all(orders.map(async (row) => (await cells(row)).slice(-COLUMNS.length).map(cents)))
  return { sums: inOrder(found), lines: amounts.map(named) }
}

/** What the downloaded table says, with the signs of the page. */
async function readTable(host, path) {
  const link = host.page.getByRole('link', { name: 'Download as a table (CSV)' })
  assert.equal(await link.getAttribute('href'), `/api/rooms/${idOf(path)}/statement.csv`)
  const text = await (await host.page.request.get(await link.getAttribute('href'))).text()
  const [head, ...rows] = text.trim().split(/\r?\n/).map((line) => line.split(','))
  const all = rows.map((row) => {
    const of = (column) => cents(row[head.indexOf(column)])
    return named(COLUMNS.map((column) => (['refunded', 'cut', 'processing'].includes(column) ? 0 - of(column) : of(column))))
  })
  return { sums: all.at(-1), lines: all.slice(0, -1) }
}

/** What Stripe's own balance transactions say of these orders: on our account, and on the host's, who sold nothing else. */
async function readStripe(server, orders) {
  const stripe = await Stripe.of(server)
  const lists = ['charges', 'refunds', 'application_fees', 'balance_transactions']
  const [charges, refunds, fees, moves] = await Promise.all(lists.map((list) => stripe.all(list)))
  const sold = charges.filter(({ metadata }) => orders.some((order) => Object.values(metadata).includes(order)))
  assert.equal(sold.length, orders.length)
  const ids = sold.map(({ id }) => id)
  const sources = [
    ...ids,
    ...refunds.filter(({ charge }) => ids.includes(charge)).map(({ id }) => id),
    ...fees.filter((fee) => ids.includes(fee.originating_transaction)).flatMap((fee) => [fee.id, ...fee.refunds.data.map(({ id }) => id)]),
  ]
  const ours = (...types) => sum(moves.filter(({ source, type }) => sources.includes(source) && types.includes(type)).map(({ amount }) => amount))
  const theirs = await stripe.all('balance_transactions', sold[0].transfer_data.destination)
  return {
    gross: ours('charge'),
    refunded: ours('refund'),
    fees: ours('application_fee', 'application_fee_refund'),
    net: sum(theirs.map(({ net }) => net)),
  }
}

const sum = (amounts) => amounts.reduce((sum, amount) => sum + amount, 0)
const cents = (text) => Math.round(Number(text.replace('−', '-').replace(/[^\d.-]/g, '')) * 100)
const named = (amounts) => Object.fromEntries(COLUMNS.map((column, i) => [column, amounts[i]]))
const inOrder = (sums) => named(COLUMNS.map((column) => sums[column]))
const added = (lines) => named(COLUMNS.map((column) => sum(lines.map((line) => line[column]))))
