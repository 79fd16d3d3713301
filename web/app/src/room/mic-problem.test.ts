import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { micProblem } from './mic-problem'

beforeEach(() => vi.stubGlobal('isSecureContext', true))
afterEach(() => vi.unstubAllGlobals())

const named = (name: string) => Object.assign(new Error('the browser’s words'), { name })

it.each([
  ['NotAllowedError', /not allowed/],
  ['NotFoundError', /No microphone was found/],
  ['NotReadableError', /another program/],
  ['AbortError', /the browser’s words/],
])('%s', (name, words) => {
  expect(micProblem(named(name)).message).toMatch(words)
})

it('blames the address when the browser would refuse any page there', () => {
  vi.stubGlobal('isSecureContext', false)
  expect(micProblem(named('TypeError')).message).toMatch(/https/)
})
