import type { Room } from '../api/types'
import { m } from '../i18n/paraglide/messages.js'

/** What changed between two looks at a room that somebody who cannot see the page should hear. */
export function announcements(before: Room, now: Room): string[] {
  return [...ofRoom(before, now), ...ofMe(before, now), ...ofHands(before, now)]
}

function ofRoom(before: Room, now: Room): string[] {
  if (before.status === now.status) return []
  if (now.status === 'live') return [m.room_started()]
  if (now.status === 'cancelled') return [m.room_cancelled()]
  return now.status === 'ended' ? [m.room_ended()] : []
}

function ofMe({ me: before }: Room, { me: now }: Room): string[] {
  if (!before || !now) return []
  const news: string[] = []
  if (before.role === 'listener' && now.role !== 'listener') news.push(m.you_are_on_stage())
  if (before.role !== 'listener' && now.role === 'listener') news.push(m.you_are_listening())
  if (!before.invited_at && now.invited_at) news.push(m.invitation_title())
  if (!before.hard_muted && now.hard_muted) news.push(m.you_were_hard_muted())
  else if (!before.muted && now.muted) news.push(m.you_were_muted())
  if (before.muted && !now.muted && now.role !== 'listener') news.push(m.you_were_unmuted())
  return news
}

/** Raised hands are the business of those who take them. */
function ofHands(before: Room, now: Room): string[] {
  if (now.me?.role !== 'host' && now.me?.role !== 'cohost') return []
  const up = new Set(before.people?.filter((person) => person.hand_raised_at).map((person) => person.account_id))
  const fresh = (now.people ?? []).filter((person) => person.hand_raised_at && !up.has(person.account_id))
  return fresh.map((person) => m.hand_went_up({ name: person.display_name }))
}
