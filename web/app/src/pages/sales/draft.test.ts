import { expect, it } from 'vitest'
import type { Offer } from '../../api/tickets'
import { draftOf, emptyDraft, offerOf } from './draft'

const offer = {
  price: 1_250, currency: 'usd', cap: 20, tax_bp: 550, refund_hours: 24, opens_at: '2026-07-01T10:00:00.000Z',
} as Offer

it.each(['en', 'fr'])('makes the same offer of an offer, typed in %s', (locale) => {
  expect(offerOf(draftOf(offer, locale, 2), 2)).toEqual({
    price: 1_250, currency: 'usd', cap: 20, tax_bp: 550, refund_hours: 24, opens_at: '2026-07-01T10:00:00.000Z', closes_at: null,
  })
})

it.each([[undefined, 'never', null], [0, 'start', 0], [24, 'day', 24], [72, 'other', 72]] as const)(
  'keeps the promise of %s hours',
  (hours, refund, promised) => {
    const draft = draftOf({ ...offer, refund_hours: hours }, 'en', 2)
    expect(draft.refund).toBe(refund)
    expect(offerOf(draft, 2)).toMatchObject({ refund_hours: promised })
  },
)

it('takes the digits of the currency', () => {
  expect(offerOf({ ...emptyDraft('jpy'), price: '500', cap: '1' }, 0)).toMatchObject({ price: 500 })
})

it('says which field is no number', () => {
  expect(offerOf({ ...emptyDraft('usd'), price: 'five' }, 2)).toBe('price')
  expect(offerOf({ ...emptyDraft('usd'), price: '5', tax: 'some' }, 2)).toBe('tax')
  expect(offerOf({ ...emptyDraft('usd'), price: '5', tax: '51' }, 2)).toBe('tax')
})
