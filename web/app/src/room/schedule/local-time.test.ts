import { expect, it } from 'vitest'
import { inputOf, instantOf } from './local-time'

it('shows and reads the same minute, summer and winter', () => {
  for (const instant of ['2026-01-31T23:59:00.000Z', '2026-07-01T00:00:00.000Z']) {
    expect(instantOf(inputOf(instant))).toBe(instant)
  }
})

it('writes what the input takes, by the clock of this device', () => {
  expect(inputOf(new Date(2026, 2, 4, 5, 6))).toBe('2026-03-04T05:06')
})

it('knows no time where none was given', () => {
  expect(inputOf(undefined)).toBe('')
  expect(instantOf('')).toBeUndefined()
  expect(instantOf('soon')).toBeUndefined()
})
