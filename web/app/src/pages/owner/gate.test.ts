import { expect, it } from 'vitest'
import { choiceOf, rulesOf, thresholdOf } from './gate'

const first = [{ kind: 'followers', min: 600 }, { kind: 'vouchers', min: 2 }, { kind: 'allowed' }]

it.each(['everyone', 'threshold', 'allowed'] as const)('finds the choice %s again in its rules', (choice) => {
  expect(choiceOf(rulesOf(choice, 50, first))).toBe(choice)
})

it('keeps the other ways in beside a threshold', () => {
  expect(rulesOf('threshold', 50, [{ kind: 'vouchers', min: 3 }])).toEqual([
    { kind: 'followers', min: 50 },
    { kind: 'vouchers', min: 3 },
    { kind: 'allowed' },
  ])
  expect(thresholdOf(rulesOf('threshold', 50, first))).toBe(50)
})

it('falls back on the rules of a new server', () => {
  expect(thresholdOf([{ kind: 'allowed' }])).toBe(600)
  expect(rulesOf('threshold', 600, [{ kind: 'everyone' }])).toEqual(first)
})
