import { getQuote, type Quote } from '../../api/tickets'

/** Milliseconds without a keystroke after which a quote is asked for. */
const PAUSE = 300

/** Asks where the money of one sale would go, as soon as the typing rests, and shows the answer to the last question only. */
export function quotes(show: (quote: Quote | null) => void, ask = getQuote) {
  let timer: ReturnType<typeof setTimeout> | undefined
  let newest = 0

  function stop() {
    clearTimeout(timer)
    newest++
  }

  return {
    /** Without a price there is nothing to ask. */
    want(price: number | undefined, currency: string) {
      stop()
      const mine = newest
      if (!price) return show(null)
      timer = setTimeout(async () => {
        const quote = await ask(price, currency).catch(() => null) // a price that cannot be charged is refused when it is offered
        if (mine === newest) show(quote)
      }, PAUSE)
    },
    stop,
  }
}
