import { locale } from '../i18n/locale.svelte'
import { formatMoney } from './money'

// Digits of a major unit that are minor units, as Stripe and the server count; what Intl knows differs by browser.
const NONE = ['bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'vnd', 'vuv', 'xaf', 'xof', 'xpf']
const THREE = ['bhd', 'jod', 'kwd', 'omr', 'tnd']
const digitsOf = (currency: string) => (NONE.includes(currency) ? 0 : THREE.includes(currency) ? 3 : 2)

/** An amount of minor units as the page's language writes it. */
export const money = (amount: number, currency: string) => formatMoney(amount, currency, locale.current, digitsOf(currency))
