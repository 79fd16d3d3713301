import { expect, it } from 'vitest'
import type { LogEntry, Partial as Saying } from '../api/types'
import { sayingAfter, sayingWith, turnsOf } from './turns'

const ada = { id: 'a', handle: 'ada', name: 'Ada' }
const bob = { id: 'b', handle: 'bob', name: 'Bob' }
const said = (seq: number, subject = ada, text = `line ${seq}`): LogEntry => ({
  seq, kind: 'caption', at: '', subject, body: { text, segment: `s${seq}`, source: 'machine', revision: 1 },
})
const saying = (speaker = ada, segment = 's9'): Saying => ({ speaker, segment, text: 'and', start: '', language: 'en' })

it('groups lines by who said them one after another', () => {
  const turns = turnsOf([said(1), said(2), said(3, bob), { seq: 4, kind: 'notice', at: '', body: { text: 'x' } }, said(5)])
  expect(turns.map((turn) => [turn.speaker.name, turn.lines.length])).toEqual([['Ada', 2], ['Bob', 1], ['Ada', 1]])
})

it('leaves out what was withdrawn', () => {
  expect(turnsOf([{ ...said(1), body: undefined, withdrawn: true }])).toEqual([])
})

it('shows one partial a speaker, until it is a line', () => {
  const both = sayingWith(sayingWith([saying()], saying(bob, 's7')), saying(ada, 's8'))
  expect(both.map((one) => one.segment)).toEqual(['s7', 's8'])
  expect(sayingWith(both, { ...saying(bob), text: '' }).map((one) => one.segment)).toEqual(['s8'])
  expect(sayingAfter(both, [said(8)]).map((one) => one.segment)).toEqual(['s7'])
})
