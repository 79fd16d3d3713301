// Between an offer and what a host types into its form.
import type { NewOffer, Offer } from '../../api/tickets'
import { inputOf, instantOf } from '../../room/schedule/local-time'
import { parseMoney, typedMoney } from '../../tickets/money'

/** Until when buyers get their money back by themselves. */
export type RefundChoice = 'never' | 'day' | 'start' | 'other'

export interface Draft {
  /** In major units, as typed. */
  price: string
  /** ISO 4217 in lower case. */
  currency: string
  cap: string
  /** As <input type="datetime-local"> holds it. */
  opens: string
  closes: string
  refund: RefundChoice
  /** Before the start, where refund is other. */
  hours: string
  /** Percent of the price without it. */
  tax: string
}

/** The fields whose text may be no number. */
export type Mistake = 'price' | 'tax'

const PERCENT = 2 // digits of a percent that are hundredths
const DAY = 24

export const emptyDraft = (currency: string): Draft =>
  ({ price: '', currency, cap: '', opens: '', closes: '', refund: 'day', hours: '48', tax: '' })

/** An offer as its form shows it, in the language of a locale. */
export function draftOf(offer: Offer, locale: string, digits: number): Draft {
  const { refund_hours: hours } = offer
  return {
    price: typedMoney(offer.price, locale, digits),
    currency: offer.currency,
    cap: String(offer.cap),
    opens: inputOf(offer.opens_at),
    closes: inputOf(offer.closes_at),
    refund: choiceOf(hours),
    hours: String(hours || 2 * DAY),
    tax: offer.tax_bp ? typedMoney(offer.tax_bp, locale, PERCENT) : '',
  }
}

function choiceOf(hours: number | undefined): RefundChoice {
  if (hours === undefined) return 'never'
  if (hours === DAY) return 'day'
  return hours === 0 ? 'start' : 'other'
}

/** The offer that a form makes, or the field that is no number. */
export function offerOf(draft: Draft, digits: number): NewOffer | Mistake {
  const price = parseMoney(draft.price, digits)
  const tax = draft.tax.trim() ? parseMoney(draft.tax, PERCENT) : 0
  if (price === undefined) return 'price'
  if (tax === undefined || tax > 5_000) return 'tax'
  return {
    price,
    currency: draft.currency,
    cap: Number(draft.cap),
    tax_bp: tax,
    opens_at: instantOf(draft.opens) ?? null,
    closes_at: instantOf(draft.closes) ?? null,
    refund_hours: hoursOf(draft),
  }
}

function hoursOf({ refund, hours }: Draft): number | null {
  return { never: null, day: DAY, start: 0, other: Number(hours) }[refund]
}
