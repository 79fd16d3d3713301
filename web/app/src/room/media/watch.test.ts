import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { later } from '../testing/later'
import { isMissing, type Signs, watchSound } from './watch'

const heard: Signs = { connected: true, expected: true, arrived: true }

it.each<[boolean, string, Signs]>([
  [false, 'sound arrived', heard],
  [false, 'nobody speaks', { connected: true, expected: false, arrived: false }],
  [true, 'somebody speaks, nothing arrived', { connected: true, expected: true, arrived: false }],
  [true, 'not connected', { connected: false, expected: false, arrived: false }],
  [true, 'no longer connected', { connected: false, expected: true, arrived: true }],
])('missing is %s when %s', (missing, _, signs) => {
  expect(isMissing(signs)).toBe(missing)
})

let now: Signs
let watch: { stop(): void }
const tell = vi.fn()
const passing = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  vi.useFakeTimers()
  tell.mockReset()
  now = { connected: false, expected: false, arrived: false }
  watch = watchSound(async () => now, tell)
})

afterEach(() => {
  watch.stop()
  vi.useRealTimers()
})

it('tells after ten seconds, once', async () => {
  await passing(9_999)
  expect(tell).not.toHaveBeenCalled()
  await passing(1)
  expect(tell.mock.calls).toEqual([[true]])
  await passing(60_000)
  expect(tell).toHaveBeenCalledTimes(1)
})

it('takes it back as soon as sound arrives', async () => {
  await passing(10_000)
  now = heard
  await passing(1_000)
  expect(tell.mock.calls).toEqual([[true], [false]])
})

it('counts from when sound was last in order', async () => {
  await passing(9_000)
  now = { connected: true, expected: false, arrived: false }
  await passing(1_000)
  now = { connected: true, expected: true, arrived: false }
  await passing(9_000)
  expect(tell).not.toHaveBeenCalled()
  await passing(1_000)
  expect(tell.mock.calls).toEqual([[true]])
})

it('says nothing once stopped, not even what it was just looking at', async () => {
  await passing(9_500)
  const late = later<Signs>()
  watch.stop()
  watch = watchSound(() => late.promise, tell)
  await passing(10_000)
  watch.stop()
  late.resolve(now)
  await passing(60_000)
  expect(tell).not.toHaveBeenCalled()
})
