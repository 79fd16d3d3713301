// Money is whole numbers of a currency's smallest unit; only here does it become words, and words become money.

/** What an amount reads as. Without digits, the currency's own count of them decides how many units make one. */
export function formatMoney(amountMinor: number, currency: string, locale: string, digits = digitsOf(currency)): string {
  const exact = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency, ...exact })
  return format.format(amountMinor / 10 ** digits)
}

// As Stripe and the server count; what Intl knows differs by browser.
const NONE = ['bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'vnd', 'vuv', 'xaf', 'xof', 'xpf']
const THREE = ['bhd', 'jod', 'kwd', 'omr', 'tnd']

/** How many digits of a unit are smallest units: 2 for dollars, 0 for yen. */
export const digitsOf = (currency: string): number => (NONE.includes(currency) ? 0 : THREE.includes(currency) ? 3 : 2)

/** The smallest units somebody typed, with a point or a comma; undefined when it is no amount of so many digits. */
export function parseMoney(text: string, digits: number): number | undefined {
  const [, whole, rest = ''] = text.replace(/\s/g, '').match(/^(\d+)(?:[.,](\d+))?$/) ?? []
  if (!whole || rest.length > digits) return undefined
  const amount = Number(whole + rest.padEnd(digits, '0'))
  return Number.isSafeInteger(amount) ? amount : undefined
}

/** The amount as one types it into a field, with the point or comma of the language. */
export function typedMoney(amountMinor: number, locale: string, digits: number): string {
  const exact = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }
  return new Intl.NumberFormat(locale, exact).format(amountMinor / 10 ** digits)
}
