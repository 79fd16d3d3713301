import type { Offer } from '../api/tickets'
import type { Room } from '../api/types'
import { languageName, when } from '../i18n/format'
import { locale } from '../i18n/locale.svelte'
import { m } from '../i18n/paraglide/messages.js'

const HOUR = 3_600_000

/** What a buyer gets back, and until when. */
export function refundWords({ refund_hours: hours }: Offer, room: Pick<Room, 'status' | 'starts_at'>, now = Date.now()): string {
  if (hours === undefined) return m.seat_refund_none()
  const late = room.starts_at ? now > new Date(room.starts_at).getTime() - hours * HOUR : room.status !== 'scheduled'
  if (late) return m.seat_refund_over()
  if (!hours || !room.starts_at) return m.seat_refund_start()
  return m.seat_refund({ time: span(hours) })
}

/** So many hours in words, in days where they are whole days and many. */
function span(hours: number): string {
  const [n, unit] = hours > 48 && hours % 24 === 0 ? [hours / 24, 'day'] : [hours, 'hour']
  return new Intl.NumberFormat(locale.current, { style: 'unit', unit, unitDisplay: 'long' }).format(n)
}

/** Whether what is said can be read along, and in what language it is said. */
export function languageWords({ language, captions }: Offer): string {
  const name = { language: languageName(language) }
  return captions ? m.seat_captions(name) : `${m.seat_language(name)} ${m.captions_no_model(name)}`
}

/** Why no seat can be had now, and what to do; null when one can. */
export function standingWords(offer: Offer, host: string): { sentence: string; next: string } | null {
  switch (offer.state) {
    case 'open':
      return null
    case 'sold-out':
      return { sentence: m.seat_sold_out(), next: m.seat_sold_out_next() }
    case 'early':
      return { sentence: m.seat_early({ when: when(offer.opens_at ?? '') }), next: m.seat_early_next() }
    case 'closed':
      return { sentence: m.seat_closed(), next: m.seat_closed_next({ name: host }) }
    case 'over':
      return { sentence: m.seat_over(), next: m.seat_over_next() }
  }
}
