import { locale } from '../../i18n/locale.svelte'

// Where Stripe opens accounts for others: docs.stripe.com/connect/express-accounts.
const codes =
  'AE AT AU BE BG BR CA CH CY CZ DE DK EE ES FI FR GB GI GR HK HR HU IE IT JP LI LT LU LV MT MX MY NL NO NZ PL PT RO SE SG SI SK TH US'

/** The countries in which a host can be paid, by their names in the reader's language. */
export function countries(): { code: string; name: string }[] {
  const names = new Intl.DisplayNames(locale.current, { type: 'region' })
  const all = codes.split(' ').map((code) => ({ code, name: names.of(code) ?? code }))
  return all.sort((a, b) => a.name.localeCompare(b.name, locale.current))
}
