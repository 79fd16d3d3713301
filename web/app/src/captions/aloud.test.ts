import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Batches, BREATH, spoken } from './aloud'
import { bob, said } from './testing/said'
import { linesOf } from './turns'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('announces what came in a breath at once, and nothing when nothing came', () => {
  const announce = vi.fn()
  const batches = new Batches(announce)
  const [one, two, three] = linesOf([said(1), said(2), said(3)]).map((line) => [line])
  batches.add(one ?? [])
  vi.advanceTimersByTime(BREATH - 1)
  batches.add(two ?? [])
  expect(announce).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  batches.add(three ?? [])
  vi.advanceTimersByTime(BREATH * 3)
  expect(announce.mock.calls.map(([lines]) => spoken(lines, ''))).toEqual(['Ada: line 1 line 2', 'Ada: line 3'])
})

it('says nothing more once it is stopped', () => {
  const announce = vi.fn()
  const batches = new Batches(announce)
  batches.add(linesOf([said(1)]))
  batches.stop()
  vi.advanceTimersByTime(BREATH * 3)
  expect(announce).not.toHaveBeenCalled()
})

it('names each speaker once a turn', () => {
  expect(spoken(linesOf([said(1), said(2, {}, bob), said(3)]), '')).toBe('Ada: line 1 Bob: line 2 Ada: line 3')
})
