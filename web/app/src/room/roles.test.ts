import { describe, expect, it } from 'vitest'
import type { Person, Room } from '../api/types'
import { type Live, SILENT } from './media/live'
import { bannedOf, handsOf, listenersOf, stageOf, voiceOf } from './roles'

const person = (handle: string, more: Partial<Person> = {}): Person => ({
  account_id: handle,
  handle,
  display_name: handle,
  identity: handle,
  role: 'listener',
  muted: false,
  banned: false,
  ...more,
})

const room = (...people: Person[]) => ({ people }) as Room
const names = (people: Person[]) => people.map((p) => p.handle)
const live = (people: Live['people']): Live => ({ ...SILENT, people })

describe('the lists', () => {
  const full = room(
    person('late', { role: 'speaker', joined_at: '2026-01-02' }),
    person('early', { role: 'speaker', joined_at: '2026-01-01' }),
    person('host', { role: 'host', joined_at: '2026-01-03' }),
    person('ear'),
    person('gone'),
    person('rude', { banned: true, hand_raised_at: '2026-01-01' }),
    person('second', { hand_raised_at: '2026-01-05' }),
    person('first', { hand_raised_at: '2026-01-04' }),
    person('asked', { invited_at: '2026-01-06' }),
  )

  it('put the host first on stage, then by arrival', () => {
    expect(names(stageOf(full))).toEqual(['host', 'early', 'late'])
  })

  it('show who is there', () => {
    const away = { ...full, people: full.people?.map((one) => ({ ...one, present: one.handle === 'ear' })) }
    expect(names(listenersOf(full))).toEqual(['ear', 'gone', 'second', 'first', 'asked'])
    expect(names(listenersOf(away))).toEqual(['ear'])
  })

  it('queue hands as they went up, and keep the banned apart', () => {
    expect(names(handsOf(full))).toEqual(['first', 'second', 'asked'])
    expect(names(bannedOf(full))).toEqual(['rude'])
  })

  it('are empty for a room that tells nothing of its people', () => {
    const closed = {} as Room
    expect([stageOf(closed), listenersOf(closed), handsOf(closed), bannedOf(closed)]).toEqual([[], [], [], []])
  })
})

describe('a voice', () => {
  const ada = person('ada', { role: 'speaker' })

  it.each([
    ['away', {}],
    ['muted', { ada: { micOn: false, speaking: false } }],
    ['mic-on', { ada: { micOn: true, speaking: false } }],
    ['speaking', { ada: { micOn: true, speaking: true } }],
  ])('is %s', (state, people) => {
    expect(voiceOf(ada, live(people))).toBe(state)
  })

  it('is muted by the host whatever the sound says', () => {
    expect(voiceOf({ ...ada, muted: true }, live({ ada: { micOn: true, speaking: true } }))).toBe('muted-by-host')
  })
})
