import { expect, it } from 'vitest'
import type { Person, Room } from '../api/types'
import { announcements } from './announcements'

const listener: Person = {
  account_id: 'a', handle: 'ada', display_name: 'Ada', identity: 'i', role: 'listener', muted: false, banned: false,
}
const host: Person = { ...listener, account_id: 'h', display_name: 'Hedy', role: 'host' }
const room = (more: Partial<Room>) => ({ status: 'live', people: [], ...more }) as Room
const between = (before: Partial<Room>, now: Partial<Room>) => announcements(room(before), room(now))

it('says nothing when nothing changed for the person', () => {
  expect(between({ me: listener }, { me: listener, people: [host] })).toEqual([])
})

it('tells the person what happened to them', () => {
  expect(between({ me: listener }, { me: { ...listener, invited_at: 'now' } })).toEqual(['You are invited to speak'])
  expect(between({ me: listener }, { me: { ...listener, role: 'speaker' } })).toEqual([
    'You are on stage. Turn your microphone on when you want to speak.',
  ])
  const speaker: Person = { ...listener, role: 'speaker' }
  expect(between({ me: speaker }, { me: { ...speaker, muted: true } })).toEqual(['The host muted you.'])
  expect(between({ me: { ...speaker, muted: true } }, { me: speaker })).toEqual(['The host lifted your mute.'])
  expect(between({ me: { ...speaker, muted: true } }, { me: listener })).toEqual(['You are listening now.'])
})

it('tells a new hand once, and only to the host', () => {
  const raised = { ...listener, hand_raised_at: 'now' }
  expect(between({ me: host, people: [listener] }, { me: host, people: [raised] })).toEqual(['Ada raised a hand.'])
  expect(between({ me: host, people: [raised] }, { me: host, people: [raised] })).toEqual([])
  expect(between({ me: listener }, { me: listener, people: [raised] })).toEqual([])
})

it('tells when the room starts, ends or is called off', () => {
  expect(between({ status: 'scheduled' }, { status: 'live' })).toEqual(['The room has started.'])
  expect(between({ status: 'live' }, { status: 'ended' })).toEqual(['This room has ended.'])
  expect(between({ status: 'scheduled' }, { status: 'cancelled' })).toEqual(['This room was called off.'])
})
