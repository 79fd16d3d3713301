// Money is whole numbers of a currency's smallest unit; only here does it become words, and words become money.

/** What an amount reads as. Without digits, the currency's own count of them decides how many units make one. */
export function formatMoney(amountMinor: number, currency: string, locale: string, digits = digitsOf(currency)): string {
  const exact = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency, ...exact })
  return format.format(amountMinor / 10 ** digits)
}

/** How many digits a currency has behind the point: 2 for dollars, 0 for yen. */
export const digitsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

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
