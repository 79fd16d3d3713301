import { expect, it } from 'vitest'
import type { LogEntry } from '../../api/types'
import { grown, linesOf, pinOf, soldOf } from './lines'

const entry = (seq: number, kind: string, body?: Record<string, unknown>): LogEntry => ({
  seq, kind, at: '2026-01-01T00:00:00Z', subject: { id: 'a', handle: 'ada', name: 'Ada' }, body,
})

it('keeps lines in order and leaves out what is told elsewhere', () => {
  const log = grown([], [entry(1, 'system', { what: 'started' }), entry(2, 'reactions', { counts: { heart: 2 } }), entry(3, 'notice', { text: 'Welcome' })])
  expect(linesOf(log).map((line) => line.words)).toEqual(['The room has started.', 'Welcome'])
})

it('forgets what a withdrawn line said, wherever it is kept', () => {
  const log = grown([entry(1, 'notice', { text: 'secret' })], [entry(2, 'withdrawn', { seq: 1 })])
  expect(JSON.stringify(log)).not.toContain('secret')
  expect(linesOf(log)).toHaveLength(1)
  expect(linesOf(log).at(0)?.entry).toMatchObject({ seq: 1, withdrawn: true })
})

it('tells the stage in words', () => {
  const words = (body: Record<string, unknown>) => linesOf([entry(1, 'stage', body)])[0]?.words
  expect(words({ role: 'speaker', was: 'listener' })).toBe('Ada is on stage.')
  expect(words({ role: 'listener', was: 'speaker' })).toBe('Ada left the stage.')
  expect(words({ role: 'speaker', muted: true })).toBe('Ada is muted.')
})

it('counts the tickets that are sold', () => {
  const sold = (seq: number, n: number) => entry(seq, 'system', { what: 'sold', sold: n })
  const log = [sold(1, 1), entry(2, 'system', { what: 'started' }), sold(3, 2), sold(4, 3)]
  expect(linesOf(log).map((line) => line.words)).toEqual(['1 ticket sold', 'The room has started.', '3 tickets sold'])
  expect(soldOf(log)).toBe(3)
  expect(soldOf([])).toBeUndefined()
})

it('takes the pin from the last word on it', () => {
  const [old, fresh] = [{ url: 'https://a.test', title: 'a' }, { url: 'https://b.test', title: 'b' }]
  expect(pinOf([entry(1, 'notice', { text: 'hi' })], old)).toBe(old)
  expect(pinOf([entry(1, 'pin', old), entry(2, 'pin', fresh)], undefined)).toEqual(fresh)
  expect(pinOf([entry(1, 'pin', old), entry(2, 'pin', {})], old)).toBeUndefined()
  expect(pinOf(grown([entry(1, 'pin', old)], [entry(2, 'withdrawn', { seq: 1 })]), old)).toBeUndefined()
})
