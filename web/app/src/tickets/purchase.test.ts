import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Problem } from '../api/problem'
import type { Order, OrderState } from '../api/tickets'

vi.stubGlobal('navigator', { languages: ['en'] })
vi.stubGlobal('location', { pathname: '/', hash: '' })
vi.mock('../api/tickets', () => ({ holdSeat: vi.fn(), checkout: vi.fn(), getOrder: vi.fn() }))

const { checkout, getOrder, holdSeat } = vi.mocked(await import('../api/tickets'))
const { Purchase } = await import('./purchase.svelte')
const { forgetOrder } = await import('./kept')

const busy = (more: object) => new Problem({ status: 503, kind: 'payments-busy', detail: 'Busy.', ...more })
const order = (id: string, now: OrderState): Order => ({ id, state: now, price: 500, currency: 'usd', complimentary: false, held_at: '', expires_at: '', extended: false })
const went: string[] = []
let settled = 0
const newPurchase = () => new Purchase(() => settled++, (url) => went.push(url))

beforeEach(() => {
  vi.useFakeTimers()
  holdSeat.mockImplementation(async (id) => order(id, 'held'))
  getOrder.mockImplementation(async (id) => ({ order: order(id, 'paying'), refundable: false, used: false }))
  checkout.mockImplementation(async (id) => ({ url: `https://pay.test/${id}`, order: order(id, 'paying') }))
})

afterEach(() => {
  vi.useRealTimers()
  vi.clearAllMocks()
  forgetOrder('f')
  went.length = settled = 0
})

it('holds a seat and goes to the page where it is paid', async () => {
  await newPurchase().buy('f')
  const [[id]] = holdSeat.mock.calls as [[string, string]]
  expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  expect([went, settled]).toEqual([[`https://pay.test/${id}`], 1])
})

it('asks with the same id after an answer that was lost', async () => {
  const purchase = newPurchase()
  holdSeat.mockRejectedValueOnce(new Problem({ kind: 'unreachable', detail: 'Gone.' }))
  await purchase.buy('f')
  expect([purchase.problem?.kind, went]).toEqual(['unreachable', []])
  await purchase.buy('f')
  const ids = holdSeat.mock.calls.map(([id]) => id)
  expect(ids[0]).toBe(ids[1])
  expect([purchase.problem, went.length]).toEqual([null, 1])
})

it('takes a new id when the order of before is over, and the seat there is when there is one', async () => {
  holdSeat.mockImplementationOnce(async (id) => order(id, 'expired'))
  await newPurchase().buy('f')
  const ids = holdSeat.mock.calls.map(([id]) => id)
  expect([ids.length, new Set(ids).size]).toEqual([2, 2])
  holdSeat.mockRejectedValueOnce(new Problem({ status: 409, kind: 'have-seat', detail: 'You have one.', order: 'mine' }))
  await newPurchase().buy('f')
  expect(went.at(-1)).toBe('https://pay.test/mine')
})

it('waits for its turn as long as it is told to, and says how many come before', async () => {
  const purchase = newPurchase()
  checkout.mockRejectedValueOnce(busy({ retry_after: 3, ahead: 40 })).mockRejectedValueOnce(busy({ retry_after: 2 }))
  const bought = purchase.buy('f')
  await vi.advanceTimersByTimeAsync(2_999)
  expect([purchase.turn?.ahead, checkout.mock.calls.length]).toEqual([40, 1])
  await vi.advanceTimersByTimeAsync(1)
  expect([purchase.turn?.ahead, checkout.mock.calls.length]).toEqual([40, 2])
  await vi.advanceTimersByTimeAsync(2_000)
  await bought
  expect([went.length, purchase.turn, holdSeat.mock.calls.length]).toEqual([1, null, 1])
})

it('stops waiting when the person does', async () => {
  const purchase = newPurchase()
  checkout.mockRejectedValue(busy({ retry_after: 30 }))
  const bought = purchase.buy('f')
  await vi.advanceTimersByTimeAsync(1_000)
  purchase.cancel()
  await bought
  expect([went, purchase.problem, purchase.turn, purchase.busy, checkout.mock.calls.length]).toEqual([[], null, null, false, 1])
})

it('says how many come before while the answer itself takes its time', async () => {
  const purchase = newPurchase()
  checkout.mockImplementationOnce(() => new Promise(() => undefined))
  getOrder.mockResolvedValue({ order: order('o', 'paying'), refundable: false, used: false, ahead: 7 })
  const paid = purchase.pay('o')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(purchase.turn).toEqual({ ahead: 7 })
  purchase.cancel()
  await paid
  expect([went, purchase.turn, purchase.busy]).toEqual([[], null, false])
})
