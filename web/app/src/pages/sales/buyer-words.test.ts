import { expect, it } from 'vitest'
import type { Buyer, Order } from '../../api/tickets'
import { buyerWords, paidFor } from './buyer-words'

const buyer = (order: Partial<Order>, arrived = false) =>
  ({ order: { state: 'paid', price: 500, complimentary: false, ...order }, arrived }) as Buyer
const cash = (amount: number) => `$${amount / 100}`

it('tells what was paid and who came', () => {
  expect(buyerWords(buyer({}), cash)).toBe('paid · $5')
  expect(buyerWords(buyer({}, true), cash)).toBe('paid · $5 · came in')
  expect(buyerWords(buyer({ state: 'refunded' }), cash)).toBe('money given back · $5')
})

it('names no price for what was given', () => {
  expect(buyerWords(buyer({ complimentary: true }), cash)).toBe('given away')
  expect(paidFor(buyer({ complimentary: true }))).toBe(false)
  expect(paidFor(buyer({ price: 0 }))).toBe(false)
  expect(paidFor(buyer({}))).toBe(true)
})
