import { asProblem, type Problem } from '../api/problem'
import { checkout, getOrder, holdSeat, type Order } from '../api/tickets'
import { pause } from '../room/rejoin'
import { router } from '../router/router.svelte'
import { seated } from './order-words'
import { forgetOrder, keptOrder } from './kept'

/** Seconds before asking again where the server names none. */
const USUAL_WAIT = 5
/** Milliseconds between two looks at how many come before, while the answer takes its time. */
const LOOK = 2_000

/** Waiting for one's turn, because many buy at this moment. */
export interface Turn {
  /** How many come before, when the server knows. */
  ahead?: number
  /** When it is asked again, by this device's clock; absent while the server is at it. */
  at?: number
}

/** From the wish for a seat to the page where it is paid. */
export class Purchase {
  busy = $state(false)
  turn = $state.raw<Turn | null>(null)
  problem = $state.raw<Problem | null>(null)

  #stop = new AbortController()

  /** settled is called when a wish was met or refused: there may be news of the seat. */
  constructor(
    readonly settled: () => void = () => undefined,
    readonly leave: (url: string) => void = (url) => location.assign(url),
  ) {}

  /** Holds a seat, and goes on to pay for it. */
  buy(offer: string): Promise<void> {
    return this.#try(async () => {
      const order = await this.#patiently(() => hold(offer))
      if (order) await this.#pay(order)
    })
  }

  /** Goes on with a seat that is held. */
  pay(order: string): Promise<void> {
    return this.#try(() => this.#pay(order))
  }

  /** Stops waiting. A seat that is held stays so. */
  cancel() {
    this.#stop.abort()
  }

  async #pay(id: string) {
    const answer = await this.#patiently(() => checkout(id), id)
    if (!answer) return
    if (answer.url) this.leave(answer.url)
    else router.go(`/tickets/${id}`)
  }

  async #try(steps: () => Promise<void>) {
    if (this.busy) return
    this.busy = true
    this.problem = null
    this.#stop = new AbortController()
    try {
      await steps()
    } catch (thrown) {
      this.problem = asProblem(thrown)
    }
    this.turn = null
    this.busy = false
    this.settled()
  }

  /** Asks again when it is time, as long as the server only says that many ask; undefined when the person gave up. */
  async #patiently<Answer>(ask: () => Promise<Answer>, order?: string): Promise<Answer | undefined> {
    const { signal } = this.#stop
    const watch = order && setInterval(() => this.#count(order, signal), LOOK)
    try {
      while (!signal.aborted) {
        const answer = await Promise.race([ask().catch((thrown) => this.#busy(thrown, signal)), stopped(signal)])
        if (answer) return answer
      }
    } finally {
      clearInterval(watch || undefined)
    }
    return undefined
  }

  /** Waits as long as the server says, if all it says is that many ask. */
  async #busy(thrown: unknown, signal: AbortSignal): Promise<undefined> {
    const problem = asProblem(thrown)
    if (problem.kind !== 'payments-busy' && problem.kind !== 'sale-busy') throw problem
    if (signal.aborted) return
    const wait = (problem.retryAfter ?? USUAL_WAIT) * 1000
    this.turn = { ahead: problem.ahead ?? this.turn?.ahead, at: Date.now() + wait }
    await pause(wait, signal)
    if (!signal.aborted) this.turn = { ahead: this.turn?.ahead }
  }

  async #count(order: string, signal: AbortSignal) {
    const ahead = await getOrder(order).then((ticket) => ticket.ahead, () => undefined)
    if (ahead !== undefined && this.busy && !signal.aborted) this.turn = { ...this.turn, ahead }
  }
}

const stopped = (signal: AbortSignal) =>
  new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))

/** The id of the order that holds a seat, be it one of before. */
async function hold(offer: string): Promise<string> {
  const order = await holdSeat(keptOrder(offer), offer).catch(heldBefore)
  if (typeof order === 'string') return order
  if (seated(order.state)) return order.id
  forgetOrder(offer) // that one is over
  const { id } = await holdSeat(keptOrder(offer), offer)
  return id
}

function heldBefore(thrown: unknown): string | Order {
  const problem = asProblem(thrown)
  if (problem.kind === 'have-seat' && problem.order) return problem.order
  throw problem
}
