import { asProblem, type Problem } from '../api/problem'
import { getMyTickets, getOffer, getOrder, type Offer, type Order } from '../api/tickets'
import { givenBack, pending } from './order-words'

/** A room's offer as the page knows it, and what became of the visitor's order. */
export class Sale {
  offer = $state.raw<Offer | null>(null)
  /** Why the last look failed, as long as none succeeded. */
  problem = $state.raw<Problem | null>(null)
  /** An order that keeps no seat any more, to be told about. */
  ended = $state.raw<Order | null>(null)

  constructor(readonly room: string) {}

  async look() {
    try {
      this.#see(await getOffer(this.room))
    } catch (thrown) {
      this.problem = this.offer ? null : asProblem(thrown)
    }
  }

  /** What became of the visitor's order, told by the server. */
  async changed(order: Order) {
    const ended = !pending(order.state)
    this.ended = ended ? order : null
    if (this.offer && !ended) this.offer = { ...this.offer, mine: order }
    await this.look()
  }

  /** Finds the ticket of this room that is not good any more: the door says that there is none. */
  async findEnded() {
    const { tickets } = await getMyTickets()
    const found = tickets.find(({ order, room }) => room?.id === this.room && givenBack(order.state))
    if (found && !this.offer?.mine) this.ended = found.order
  }

  async #see(offer: Offer) {
    const before = this.offer?.mine
    this.problem = null
    this.offer = offer
    if (offer.mine) this.ended = null
    else if (before && this.ended?.id !== before.id) this.ended = await endOf(before)
  }
}

const endOf = ({ id }: Order) => getOrder(id).then(({ order }) => order, () => null) // then nothing is told of it
