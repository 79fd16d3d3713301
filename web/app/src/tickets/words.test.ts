import { afterAll, expect, it, vi } from 'vitest'
import type { Offer, OrderState } from '../api/tickets'

vi.stubGlobal('navigator', { languages: ['en'] })
afterAll(() => vi.unstubAllGlobals())

const { locale } = await import('../i18n/locale.svelte')
const { languageWords, refundWords, standingWords } = await import('./offer-words')
const { orderWords, pending, seated } = await import('./order-words')
const { money } = await import('./price')

const offer: Offer = { id: 'f', room_id: 'r', price: 500, currency: 'usd', tax_bp: 2000, tax: 83, cap: 2, left: 2, refund_hours: 24, state: 'open', language: 'fr', captions: true }
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

it('writes money as the language does, in the digits the server counts', () => {
  expect(['usd', 'jpy', 'kwd', 'huf', 'mga'].map((one) => plain(money(12_340, one)))).toEqual(['$123.40', '¥12,340', 'KWD 12.340', 'HUF 123.40', 'MGA 12,340'])
  locale.choose('fr')
  expect(plain(money(12_340, 'eur'))).toBe('123,40 €')
  locale.choose('en')
})

it('says until when the money comes back', () => {
  const now = new Date('2026-01-01T00:00:00Z').getTime()
  const starts_at = '2026-01-04T00:00:00Z'
  const words = (hours: number | undefined, room: Parameters<typeof refundWords>[1]) => refundWords({ ...offer, refund_hours: hours }, room, now)
  expect(words(24, { status: 'scheduled', starts_at })).toBe('Money back until 24 hours before the start.')
  expect(words(1, { status: 'live', starts_at })).toBe('Money back until 1 hour before the start.')
  expect(words(72, { status: 'scheduled', starts_at: '2026-02-01T00:00:00Z' })).toBe('Money back until 3 days before the start.')
  expect(words(73, { status: 'scheduled', starts_at })).toBe('The time to give a ticket back is over.')
  expect(words(0, { status: 'scheduled', starts_at })).toBe('Money back until the room starts.')
  expect(words(24, { status: 'scheduled' })).toBe('Money back until the room starts.')
  expect(words(24, { status: 'live' })).toBe('The time to give a ticket back is over.')
  expect(words(undefined, { status: 'scheduled', starts_at })).toBe('No money back, unless the host gives it.')
})

it('says in what language it is, and whether it can be read', () => {
  expect(languageWords(offer)).toBe('Spoken in French, with live captions to read.')
  expect(languageWords({ ...offer, captions: false })).toBe('Spoken in French. There are no captions in French on this server.')
})

it('says why there is no seat, with a next step, and nothing while there is one', () => {
  const standings: Offer['state'][] = ['sold-out', 'early', 'closed', 'over']
  for (const one of standings) {
    const words = standingWords({ ...offer, state: one, opens_at: '2026-01-01T00:00:00Z' }, 'Hedy')
    expect(words?.sentence, one).toMatch(/\.$/)
    expect(words?.next, one).toMatch(/\.$/)
  }
  expect(standingWords(offer, 'Hedy')).toBeNull()
})

it('has words for every state an order ends in, with a next step wherever there is something to do', () => {
  const all: OrderState[] = ['held', 'paying', 'paid', 'expired', 'cancelled', 'failed', 'refunding', 'refunded', 'disputed']
  const without = all.filter((one) => !orderWords({ ...offer, state: one }).next)
  expect(without).toEqual(['held', 'paid'])
  expect(orderWords({ ...offer, state: 'refunding' }).sentence).toBe('The ticket was given back. $5.00 is on its way to you.')
  expect(all.filter(pending)).toEqual(['held', 'paying'])
  expect(all.filter(seated)).toEqual(['held', 'paying', 'paid'])
})
