import type { Buyer, OrderState } from '../../api/tickets'
import { m } from '../../i18n/paraglide/messages.js'
import type { Cash } from './cash'

const words: Partial<Record<OrderState, () => string>> = {
  held: m.buyers_held,
  paying: m.buyers_paying,
  paid: m.buyers_paid,
  refunding: m.buyers_refunding,
  refunded: m.buyers_refunded,
  disputed: m.buyers_disputed,
}

/** Where an order is, as its seller sees it; a state that this page does not know, by its name. */
export const stateWords = (is: OrderState): string => words[is]?.() ?? is

/** All there is to say of a buyer, in one breath. */
export function buyerWords({ order, arrived }: Buyer, cash: Cash): string {
  const given = order.complimentary && order.state === 'paid'
  const facts = [given ? m.buyers_given() : stateWords(order.state)]
  if (!order.complimentary) facts.push(cash(order.price))
  if (arrived) facts.push(m.buyers_arrived())
  return facts.join(' · ')
}

/** Whether a buyer would get money back. */
export const paidFor = ({ order }: Buyer): boolean => !order.complimentary && order.price > 0
