import { BUYERS_PAGE, type Order, type Sales } from '../../api/tickets'

/** A sale with those of its buyers that were read, newest first. */
export interface Listed extends Sales {
  /** There may be earlier buyers. */
  more: boolean
}

/** The sale after another look at its newest buyers: those that were read before stay, unless somebody between was not. */
export function refreshed(was: Listed | null, now: Sales): Listed {
  const full = now.buyers.length === BUYERS_PAGE
  const ids = new Set(now.buyers.map(({ order }) => order.id))
  const shared = was?.buyers.map(({ order }) => ids.has(order.id)).lastIndexOf(true) ?? -1
  if (!was || !full || shared < 0) return { ...now, more: full }
  return { ...now, buyers: [...now.buyers, ...was.buyers.slice(shared + 1)], more: was.more }
}

/** The sale with the buyers that come after one, if that one is still the last. */
export function lengthened(was: Listed, last: string, next: Sales): Listed {
  if (was.buyers.at(-1)?.order.id !== last) return was
  return { ...next, buyers: [...was.buyers, ...next.buyers], more: next.buyers.length === BUYERS_PAGE }
}

/** The sale after one order changed: the next look may not reach so far. What moved no money is listed no more. */
export function changedIn(was: Listed, order: Order): Listed {
  const buyers = was.buyers.map((buyer) => (buyer.order.id === order.id ? { ...buyer, order } : buyer))
  return { ...was, buyers: buyers.filter((buyer) => buyer.order.state !== 'cancelled') }
}
