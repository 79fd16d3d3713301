import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Quote } from '../../api/tickets'
import { quotes } from './quotes'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const quote = (gross: number, currency = 'usd'): Quote => ({ gross, cut: 1, processing: 2, net: gross - 3, currency })

function asking(answer = async (price: number) => quote(price)) {
  const ask = vi.fn(answer)
  const show = vi.fn()
  return { ask, show, ...quotes(show, ask) }
}

it('asks once when the typing rests', async () => {
  const { ask, show, want } = asking()
  want(5, 'usd')
  await vi.advanceTimersByTimeAsync(200)
  want(500, 'usd')
  expect(ask).not.toHaveBeenCalled()
  await vi.runAllTimersAsync()
  expect(ask.mock.calls).toEqual([[500, 'usd']])
  expect(show.mock.lastCall).toEqual([quote(500)])
})

it('shows nothing of an older question that is answered late', async () => {
  let answerFirst = (_: Quote) => {}
  const first = new Promise<Quote>((resolve) => (answerFirst = resolve))
  const { show, want } = asking((price) => (price === 1 ? first : Promise.resolve(quote(price))))
  want(1, 'usd')
  await vi.runAllTimersAsync()
  want(2, 'usd')
  await vi.runAllTimersAsync()
  answerFirst(quote(1))
  await first
  expect(show.mock.calls).toEqual([[quote(2)]])
})

it('shows nothing without a price, and when the server refuses one', async () => {
  const { show, want } = asking(() => Promise.reject(new Error('too small')))
  want(undefined, 'usd')
  want(1, 'usd')
  await vi.runAllTimersAsync()
  expect(show.mock.calls).toEqual([[null], [null]])
})

it('asks nothing more once it is stopped', async () => {
  const { ask, want, stop } = asking()
  want(500, 'usd')
  stop()
  await vi.runAllTimersAsync()
  expect(ask).not.toHaveBeenCalled()
})
