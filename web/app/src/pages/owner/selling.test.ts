import { expect, it } from 'vitest'
import { sellingChoiceOf, sellingGateOf } from './selling'

const other = { all: false, paths: [{ kind: 'followers', min: 50 }, { kind: 'allowed' }] }

it.each(['hosts', 'spaces', 'other'] as const)('finds the choice %s again in its rules', (choice) => {
  expect(sellingChoiceOf(sellingGateOf(choice, other))).toBe(choice)
})

it('takes what Spaces asked for, in any order', () => {
  expect(sellingChoiceOf({ all: true, paths: [{ kind: 'hosted', min: 3 }, { kind: 'followers', min: 1_000 }] })).toBe('spaces')
})

it('takes one of the two for other rules', () => {
  expect(sellingChoiceOf({ all: false, paths: [{ kind: 'hosted', min: 3 }, { kind: 'followers', min: 1_000 }] })).toBe('other')
  expect(sellingChoiceOf({ all: true, paths: [{ kind: 'everyone' }, { kind: 'hosted', min: 3 }] })).toBe('other')
})
