import { expect, it } from 'vitest'
import type { Statement } from '../../api/tickets'
import { amountsOf, columns, rowsOf } from './rows'

const statement: Statement = {
  room_id: 'r', currency: 'usd', tax: 80, tiers: [{ tier: 1, cut: 20 }, { tier: 2, cut: 10 }], lines: [],
  gross: 1_500, refunded: 500, cut: 30, processing: 90, absorbed: 7, net: 887,
}

it('adds up to what the host gets', () => {
  const rows = rowsOf(statement)
  const summands = rows.filter(({ part, sum }) => !part && !sum)
  expect(summands.reduce((sum, row) => sum + row.amount, 0)).toBe(887)
  expect(rows.at(-1)).toMatchObject({ amount: 887, sum: true })
})

it('splits the cut by tier', () => {
  const rows = rowsOf(statement)
  expect(rows.filter(({ part }) => part).map(({ amount }) => amount)).toEqual([80, -20, -10])
})

it('adds up along each order, too', () => {
  const amounts = amountsOf(statement)
  expect(amounts).toHaveLength(columns().length)
  expect(amounts.slice(0, -1).reduce((sum, amount) => sum + amount)).toBe(amounts.at(-1))
})

it('leaves out what is not there', () => {
  const plain = rowsOf({ ...statement, tax: 0, absorbed: 0, refunded: 0, tiers: [{ tier: 1, cut: 30 }] })
  expect(plain).toHaveLength(5)
  expect(Object.is(plain[1]?.amount, 0)).toBe(true)
})
