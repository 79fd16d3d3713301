import { expect, it } from 'vitest'
import type { LogEntry, Partial as Saying } from '../api/types'
import { ada, bob, said } from './testing/said'
import { captionsAfter, linesOf, sayingAfter, sayingWith, turnsOf } from './turns'

const saying = (speaker = ada, segment = 's9'): Saying => ({ speaker, segment, text: 'and', start: '', language: 'en' })
const correction = (seq: number, of: number, revision: number, text: string) => said(seq, { segment: `s${of}`, revision, text, source: 'human' })
const withdrawal = (seq: number, body: Record<string, unknown>): LogEntry => ({ seq, kind: 'withdrawn', at: '', body })
const shown = (...entries: LogEntry[]) => linesOf(captionsAfter([], entries)).map(({ seq, text }) => `${seq} ${text}`)

it('groups lines by who said them one after another', () => {
  const notice = { seq: 4, kind: 'notice', at: '', body: { text: 'x' } }
  const entries = captionsAfter([], [said(1), said(2), said(3, {}, bob), notice, said(5), { ...said(6), subject: undefined }])
  const turns = turnsOf(linesOf(entries))
  expect(turns.map((turn) => [turn.speaker?.name, turn.lines.length])).toEqual([['Ada', 2], ['Bob', 1], ['Ada', 1], [undefined, 1]])
})

it('puts a correction in the place of the line, and keeps the highest revision', () => {
  const lines = linesOf(captionsAfter([], [said(1), said(2), correction(3, 1, 3, 'right'), correction(4, 1, 2, 'late')]))
  expect(lines.map(({ seq, text, revision, source }) => [seq, text, revision, source])).toEqual([
    [1, 'right', 3, 'human'], [2, 'line 2', 1, 'machine'],
  ])
})

it('has no place for a correction whose line is not known', () => {
  expect(shown(said(5), correction(6, 1, 2, 'of something older'))).toEqual(['5 line 5'])
})

it('leaves out what was withdrawn', () => {
  expect(shown({ ...said(1), body: undefined, withdrawn: true })).toEqual([])
})

it('takes a withdrawn line away with all its revisions, by the number of any of them or by its segment', () => {
  const before = [said(1), said(2), correction(3, 1, 2, 'right')]
  expect(shown(...before, withdrawal(4, { seq: 1 }))).toEqual(['2 line 2'])
  expect(shown(...before, withdrawal(4, { seq: 3 }))).toEqual(['2 line 2'])
  expect(shown(...before, withdrawal(4, { segment: 's1' }))).toEqual(['2 line 2'])
  expect(shown(...before, withdrawal(4, { seq: 9 }))).toEqual(['1 right', '2 line 2'])
})

it('shows one partial a speaker, until it is a line', () => {
  const both = sayingWith(sayingWith([saying()], saying(bob, 's7')), saying(ada, 's8'))
  expect(both.map((one) => one.segment)).toEqual(['s7', 's8'])
  expect(sayingWith(both, { ...saying(bob), text: '' }).map((one) => one.segment)).toEqual(['s8'])
  expect(sayingAfter(both, [said(8)]).map((one) => one.segment)).toEqual(['s7'])
})
