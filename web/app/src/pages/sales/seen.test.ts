import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { whileSeen } from './seen'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const aPage = () => Object.assign(new EventTarget(), { visibilityState: 'visible' })

function turn(page: ReturnType<typeof aPage>, visibilityState: string) {
  page.visibilityState = visibilityState
  page.dispatchEvent(new Event('visibilitychange'))
}

it('looks again and again, and not after it was stopped', async () => {
  const run = vi.fn(async () => {})
  const stop = whileSeen(run, 10_000, aPage())
  await vi.advanceTimersByTimeAsync(25_000)
  expect(run).toHaveBeenCalledTimes(3)
  stop()
  await vi.advanceTimersByTimeAsync(25_000)
  expect(run).toHaveBeenCalledTimes(3)
})

it('rests while nobody sees the page, and looks when somebody does', async () => {
  const run = vi.fn(async () => {})
  const page = aPage()
  const stop = whileSeen(run, 10_000, page)
  turn(page, 'hidden')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(run).toHaveBeenCalledTimes(1)
  turn(page, 'visible')
  await vi.advanceTimersByTimeAsync(0)
  expect(run).toHaveBeenCalledTimes(2)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(run).toHaveBeenCalledTimes(3)
  stop()
})
