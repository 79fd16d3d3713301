// The id of the order that is being made for an offer: whoever asks again after a lost answer asks for the same seat.
import { newId } from './id'

const key = (offer: string) => `salon.order.${offer}`
const here = new Map<string, string>()

/** The id of this tab's order. */
export function keptOrder(offer: string): string {
  const id = here.get(offer) ?? read(offer) ?? newId()
  here.set(offer, id)
  try {
    sessionStorage.setItem(key(offer), id)
  } catch {
    // Storage may be switched off; then the id lasts as long as the page.
  }
  return id
}

/** The next order is another one. */
export function forgetOrder(offer: string) {
  here.delete(offer)
  try {
    sessionStorage.removeItem(key(offer))
  } catch {
    // Nothing was kept.
  }
}

function read(offer: string): string | undefined {
  try {
    return sessionStorage.getItem(key(offer)) ?? undefined
  } catch {
    return undefined
  }
}
