import { beforeEach, expect, it, vi } from 'vitest'
import { Problem } from '../api/problem'
import type { MyTicket, OrderState } from '../api/tickets'

vi.mock('../api/tickets', () => ({ checkOrder: vi.fn(), getOrder: vi.fn() }))

const { checkOrder, getOrder } = vi.mocked(await import('../api/tickets'))
const { follow } = await import('./follow')

const order = (now: OrderState) => ({ order: { id: 'o', state: now } }) as MyTicket
const atOnce = async () => {}
const going = () => new AbortController().signal

beforeEach(() => void vi.resetAllMocks())

it('has Stripe asked at once, and goes on until it is decided', async () => {
  checkOrder.mockResolvedValue(order('paying'))
  getOrder.mockResolvedValueOnce(order('paying')).mockRejectedValueOnce(new Problem({ status: 503, detail: 'Busy.' })).mockResolvedValueOnce(order('paying')).mockResolvedValue(order('paid'))
  const told: OrderState[] = []
  await follow('o', (one) => told.push(one.order.state), going(), atOnce)
  expect(told).toEqual(['paying', 'paying', 'paying', 'paying', 'paid'])
  expect([checkOrder.mock.calls.length, getOrder.mock.calls.length]).toEqual([2, 4])
})

it('asks nothing more of what is decided, refused, or not looked at', async () => {
  checkOrder.mockResolvedValueOnce(order('expired'))
  await follow('o', () => undefined, going(), atOnce)
  const missing = new Problem({ status: 404, detail: 'You have no such order.' })
  checkOrder.mockRejectedValueOnce(missing)
  await expect(follow('o', () => undefined, going(), atOnce)).rejects.toBe(missing)
  const hidden = new AbortController()
  checkOrder.mockResolvedValue(order('paying'))
  await follow('o', () => hidden.abort(), hidden.signal, atOnce)
  expect([checkOrder.mock.calls.length, getOrder.mock.calls.length]).toEqual([3, 0])
})
