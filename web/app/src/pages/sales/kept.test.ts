import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { emptyDraft } from './draft'
import { dropDraft, keepDraft, keptDraft, keptRoom } from './kept'

const draft = { ...emptyDraft('usd'), price: '5', cap: '20' }

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  })
})
afterEach(() => void vi.unstubAllGlobals())

it('gives back what was typed, for its room only', () => {
  keepDraft('r1', draft)
  expect(keptDraft('r1')).toEqual(draft)
  expect(keptDraft('r2')).toBeUndefined()
  expect(keptRoom()).toBe('r1')
})

it('forgets it once it is offered', () => {
  keepDraft('r1', draft)
  dropDraft()
  expect(keptDraft('r1')).toBeUndefined()
  expect(keptRoom()).toBeUndefined()
})

it('keeps nothing where storage is switched off', () => {
  const no = () => {
    throw new Error('switched off')
  }
  vi.stubGlobal('sessionStorage', { getItem: no, setItem: no, removeItem: no })
  keepDraft('r1', draft)
  dropDraft()
  expect(keptDraft('r1')).toBeUndefined()
})
