import { expect, it } from 'vitest'
import { BUYERS_PAGE, type Order, type Sales } from '../../api/tickets'
import { changedIn, lengthened, type Listed, refreshed } from './listed'

/** Buyers by the numbers of their orders, from the newest down to the earliest. */
const page = (newest: number, earliest: number, sold = 0, without?: number) =>
  ({
    sold,
    buyers: Array.from({ length: newest - earliest + 1 }, (_, i) => newest - i)
      .filter((n) => n !== without)
      .map((n) => ({ order: { id: `o${n}`, state: 'paid' }, arrived: false })),
  }) as Sales

const first = page(2_000, 2_001 - BUYERS_PAGE)
const lastOf = ({ buyers }: Sales) => buyers.at(-1)?.order.id ?? ''
const ends = (one: Listed) => [one.buyers[0]?.order.id, lastOf(one), one.buyers.length, new Set(one.buyers.map(({ order }) => order.id)).size, one.more]

/** Two pages, of which the second is the last. */
const both = lengthened(refreshed(null, first), lastOf(first), page(2_000 - BUYERS_PAGE, 1_401))

it('lists page after page until one is not full', () => {
  expect(ends(refreshed(null, page(9, 1)))).toEqual(['o9', 'o1', 9, 9, false])
  expect(ends(refreshed(null, first))).toEqual(['o2000', 'o1501', 500, 500, true])
  expect(ends(both)).toEqual(['o2000', 'o1401', 600, 600, false])
  expect(lengthened(refreshed(null, first), lastOf(first), page(1_500, 1_001)).more).toBe(true)
})

it('keeps what was read when it looks at the newest again', () => {
  const again = refreshed(both, page(2_003, 1_504, 7))
  expect(ends(again)).toEqual(['o2003', 'o1401', 603, 603, false])
  expect(again.sold).toBe(7)
  expect(refreshed(refreshed(null, first), first).more).toBe(true)
})

it('lists nobody who gave up a seat since', () => {
  const again = refreshed(both, page(2_000, 1_500, 0, 1_990))
  expect(ends(again)).toEqual(['o2000', 'o1401', 599, 599, false])
  expect(again.buyers.some(({ order }) => order.id === 'o1990')).toBe(false)
})

it('begins anew when there may be somebody between, and when all are on one page', () => {
  expect(ends(refreshed(both, page(2_501, 2_002)))).toEqual(['o2501', 'o2002', 500, 500, true])
  expect(ends(refreshed(both, page(2_000, 1_995)))).toEqual(['o2000', 'o1995', 6, 6, false])
})

it('adds no page that belongs to another end', () => {
  expect(lengthened(both, lastOf(first), page(1_500, 1_401))).toBe(both)
})

it('changes an order where it stands', () => {
  const now = changedIn(both, { id: 'o1402', state: 'refunding' } as Order)
  expect(now.buyers.at(-2)?.order.state).toBe('refunding')
  expect(now.buyers.at(-1)?.order.state).toBe('paid')
  expect(ends(changedIn(both, { id: 'o1401', state: 'cancelled' } as Order))).toEqual(['o2000', 'o1402', 599, 599, false])
})
