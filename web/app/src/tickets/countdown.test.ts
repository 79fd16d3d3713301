import { expect, it } from 'vitest'
import { clock, minutesPassed, secondsUntil } from './countdown'

it('counts whole seconds, and none below 0', () => {
  const at = '2026-01-01T00:15:00Z'
  const before = (ms: number) => secondsUntil(at, new Date(at).getTime() - ms)
  expect([900_000, 899_001, 1, 0, -5_000].map(before)).toEqual([900, 900, 1, 0, 0])
})

it('shows minutes and seconds', () => {
  expect([900, 61, 59, 0, 6_000].map(clock)).toEqual(['15:00', '01:01', '00:59', '00:00', '100:00'])
})

it('tells of 5, 2 and 1 minutes, once each, also after a sleep', () => {
  const looks = [302, 301, 300, 299, 130, 120, 119, 61, 60, 0]
  const told = looks.slice(1).map((now, i) => minutesPassed(looks[i] ?? now, now))
  expect(told).toEqual([0, 5, 0, 0, 2, 0, 0, 1, 0])
  expect(minutesPassed(900, 30)).toBe(1)
})
