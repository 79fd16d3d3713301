import type { Order, OrderState } from '../api/tickets'
import { m } from '../i18n/paraglide/messages.js'
import { money } from './price'

/** Not decided yet: a seat is kept for somebody who has not paid. */
export const pending = (is: OrderState) => is === 'held' || is === 'paying'

/** Takes one of the room's seats. */
export const seated = (is: OrderState) => pending(is) || is === 'paid'

/** Was good once, and is not any more. */
export const givenBack = (is: OrderState) => ['refunding', 'refunded', 'disputed'].includes(is)

interface Words {
  sentence: string
  /** What to do about it; empty when there is nothing. */
  next: string
}

/** What became of an order, and what its buyer can do. */
export function orderWords({ state: is, price, currency }: Pick<Order, 'state' | 'price' | 'currency'>): Words {
  const amount = money(price, currency)
  const words: Record<OrderState, () => [string, string]> = {
    held: () => [m.order_held(), ''],
    paying: () => [m.order_paying(), m.order_paying_next()],
    paid: () => [m.order_paid(), ''],
    expired: () => [m.order_expired(), m.order_expired_next()],
    cancelled: () => [m.order_cancelled(), m.order_again_next()],
    failed: () => [m.order_failed(), m.order_failed_next()],
    refunding: () => [m.order_refunding({ amount }), m.order_refunding_next()],
    refunded: () => [m.order_refunded({ amount }), m.order_refunding_next()],
    disputed: () => [m.order_disputed(), m.order_disputed_next()],
  }
  const [sentence, next] = words[is]()
  return { sentence, next }
}
