import { expect, it } from 'vitest'
import { handlesOf, topicsOf } from './topics'

it.each([
  ['', []],
  ['music', ['music']],
  [' music,  night talk ,', ['music', 'night talk']],
])('%j', (typed, topics) => {
  expect(topicsOf(typed)).toEqual(topics)
})

it('takes handles with and without @', () => {
  expect(handlesOf('@ada, bob')).toEqual(['ada', 'bob'])
})
