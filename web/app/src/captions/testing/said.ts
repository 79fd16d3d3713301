// People and what they say, for tests.
import type { LogEntry } from '../../api/types'

export const ada = { id: 'a', handle: 'ada', name: 'Ada' }
export const bob = { id: 'b', handle: 'bob', name: 'Bob' }

/** A caption entry, said a minute after the one before. */
export function said(seq: number, body: Record<string, unknown> = {}, speaker = ada): LogEntry {
  const start = new Date(seq * 60_000).toISOString()
  return { seq, kind: 'caption', at: start, subject: speaker, body: { text: `line ${seq}`, segment: `s${seq}`, start, language: 'en', source: 'machine', revision: 1, ...body } }
}
