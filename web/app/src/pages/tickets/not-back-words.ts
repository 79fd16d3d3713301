import type { MyTicket } from '../../api/tickets'
import { m } from '../../i18n/paraglide/messages.js'

/** Why its buyer cannot give a good ticket back. */
export function notBackWords({ refundable_until, used }: Pick<MyTicket, 'refundable_until' | 'used'>): string {
  if (!refundable_until) return m.ticket_back_host()
  return used ? m.ticket_back_used() : m.ticket_back_late()
}
