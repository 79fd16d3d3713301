import { expect, it } from 'vitest'
import type { MyTicket, OrderState } from '../../api/tickets'
import { sorted } from './sorted'

const ticket = (id: string, now: OrderState, status?: string) =>
  ({ order: { id, state: now }, room: status ? { status } : undefined }) as MyTicket

it('puts first what is to be done, and leaves out what there is none of', () => {
  const mine = [ticket('a', 'paid', 'ended'), ticket('b', 'paid', 'live'), ticket('c', 'refunded', 'live'), ticket('d', 'paying', 'scheduled'), ticket('e', 'paid')]
  const groups = sorted(mine).map(([kind, some]) => [kind, some.map(({ order }) => order.id).join('')])
  expect(groups).toEqual([['unpaid', 'd'], ['coming', 'b'], ['past', 'ae'], ['back', 'c']])
  expect(sorted([])).toEqual([])
})
