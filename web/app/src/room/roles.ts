// What the page shows of a room: derived from its rows and from who can be heard now.
import type { Person, Room } from '../api/types'
import type { Live } from './media/live'

export type VoiceState = 'speaking' | 'mic-on' | 'muted' | 'muted-by-host' | 'away'

const rank = { host: 0, cohost: 1, speaker: 2, listener: 3, guest: 4 }

const byTime = (at: (person: Person) => string | undefined) => (a: Person, b: Person) =>
  (at(a) ?? '').localeCompare(at(b) ?? '')

/** Who is on stage: the host, co-hosts, speakers. */
export function stageOf(room: Room): Person[] {
  const onStage = (room.people ?? []).filter((person) => person.role !== 'listener' && !person.banned)
  return onStage.sort((a, b) => rank[a.role] - rank[b.role] || byTime((p) => p.joined_at)(a, b))
}

/** Who listens and is there. */
export const listenersOf = (room: Room): Person[] =>
  (room.people ?? []).filter((person) => person.role === 'listener' && !person.banned && !person.removed && person.present !== false)

/** Hands in the order they went up, then those the host invited unasked. */
export function handsOf(room: Room): Person[] {
  const waiting = (room.people ?? []).filter((person) => !person.banned && !person.removed && (person.hand_raised_at || person.invited_at))
  return waiting.sort(byTime((person) => person.hand_raised_at ?? person.invited_at))
}

/** Who is kept out, for good or for a while. */
export const bannedOf = (room: Room): Person[] => (room.people ?? []).filter((person) => person.banned || person.removed)

/** What can be said of somebody's voice. */
export function voiceOf(person: Person, live: Live): VoiceState {
  const here = live.people[person.identity]
  if (!here) return 'away'
  if (person.muted) return 'muted-by-host'
  if (here.speaking) return 'speaking'
  return here.micOn ? 'mic-on' : 'muted'
}
