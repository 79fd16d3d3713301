import type { MyTicket } from '../../api/tickets'
import { pending } from '../../tickets/order-words'

export type Kind = 'unpaid' | 'coming' | 'past' | 'back'
const KINDS: Kind[] = ['unpaid', 'coming', 'past', 'back']

function kindOf({ order, room }: MyTicket): Kind {
  if (pending(order.state)) return 'unpaid'
  if (order.state !== 'paid') return 'back'
  return room?.status === 'scheduled' || room?.status === 'live' ? 'coming' : 'past'
}

/** Tickets by what their owner will want with them; kinds of which there are none are left out. */
export function sorted(tickets: MyTicket[]): [Kind, MyTicket[]][] {
  const groups = KINDS.map((kind): [Kind, MyTicket[]] => [kind, tickets.filter((ticket) => kindOf(ticket) === kind)])
  return groups.filter(([, some]) => some.length > 0)
}
