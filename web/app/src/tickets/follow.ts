import { asProblem } from '../api/problem'
import { checkOrder, getOrder, type MyTicket } from '../api/tickets'
import { backOff, pause } from '../room/rejoin'
import { pending } from './order-words'

/** Every how manieth time Stripe is asked, too: by then our rows should know by themselves. */
const ASK_STRIPE = 4

/** Tells what becomes of an order until that is decided, asking Stripe at once and everyone less and less often. */
export async function follow(id: string, told: (ticket: MyTicket) => void, signal: AbortSignal, wait = pause): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    const ticket = await (attempt % ASK_STRIPE ? getOrder : checkOrder)(id).catch(passes)
    if (signal.aborted) return
    if (ticket) told(ticket)
    if (ticket && !pending(ticket.order.state)) return
    await wait(backOff(attempt), signal)
  }
}

function passes(thrown: unknown): undefined {
  const problem = asProblem(thrown)
  if (problem.final) throw problem
}
