import type { SellingTerms } from '../../api/tickets'
import { locale } from '../../i18n/locale.svelte'
import { digitsOf, formatMoney } from '../../tickets/money'

/** An amount of minor units, in the reader's language. */
export type Cash = (amount: number) => string

/** How many digits of a currency are minor units, as the server counts them. */
export const digitsIn = (terms: SellingTerms, currency: string): number =>
  terms.currencies.find(({ code }) => code === currency)?.digits ?? digitsOf(currency)

/** How to write amounts of a currency. */
export function cashIn(terms: SellingTerms, currency: string): Cash {
  const digits = digitsIn(terms, currency)
  return (amount) => formatMoney(amount, currency, locale.current, digits)
}
