// What the page shows of a room: derived from its rows and from who can be heard now.
import type { Person, Room } from '../api/types'
import type { Live } from './media/live'

export type VoiceState = 'speaking' | 'mic-on' | 'muted' | 'muted-by-host' | 'away'

const byTime = (at: (person: Person) => string | undefined) => (a: Person, b: Person) =>
  (at(a) ?? '').localeCompare(at(b) ?? '')

/** Who is on stage, the host first. */
export function stageOf(room: Room): Person[] {
  const onStage = (room.people ?? []).filter((person) => person.role !== 'listener' && !person.banned)
  return onStage.sort((a, b) => Number(b.role === 'host') - Number(a.role === 'host') || byTime((p) => p.joined_at)(a, b))
}

/** Who listens. Inside the room we know who is there now; from outside, who came. */
export function listenersOf(room: Room, live: Live | null): Person[] {
  const listeners = (room.people ?? []).filter((person) => person.role === 'listener' && !person.banned)
  return live ? listeners.filter((person) => live.people[person.identity]) : listeners
}

/** Hands in the order they went up, then those the host invited unasked. */
export function handsOf(room: Room): Person[] {
  const waiting = (room.people ?? []).filter((person) => !person.banned && (person.hand_raised_at || person.invited_at))
  return waiting.sort(byTime((person) => person.hand_raised_at ?? person.invited_at))
}

export const bannedOf = (room: Room): Person[] => (room.people ?? []).filter((person) => person.banned)

/** What can be said of somebody's voice. */
export function voiceOf(person: Person, live: Live): VoiceState {
  const here = live.people[person.identity]
  if (!here) return 'away'
  if (person.muted) return 'muted-by-host'
  if (here.speaking) return 'speaking'
  return here.micOn ? 'mic-on' : 'muted'
}
