import { locale } from '../i18n/locale.svelte'
import { formatMoney } from './money'

/** An amount of minor units as the page's language writes it. */
export const money = (amount: number, currency: string) => formatMoney(amount, currency, locale.current)
