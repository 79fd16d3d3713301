import { expect, it } from 'vitest'
import { topicsOf } from './topics'

it.each([
  ['', []],
  ['music', ['music']],
  [' music,  night talk ,', ['music', 'night talk']],
])('%j', (typed, topics) => {
  expect(topicsOf(typed)).toEqual(topics)
})
