// Tickets: what a room sells, buying a seat, and selling. Money is whole numbers of a currency's smallest unit.
import { call } from './call'
import type { Me } from './types'

/** What a room sells, as everyone sees it. */
export interface Offer {
  id: string
  room_id: string
  /** In minor units; 0: free. */
  price: number
  /** ISO 4217 in lower case. */
  currency: string
  /** Tax inside the price, in hundredths of a percent of the price without it. */
  tax_bp: number
  /** That tax, in minor units. */
  tax: number
  cap: number
  /** Seats nobody holds or bought. */
  left: number
  opens_at?: string
  closes_at?: string
  /** Until how many hours before the start a buyer gets everything back; absent: never by themselves. */
  refund_hours?: number
  state: 'open' | 'early' | 'closed' | 'sold-out' | 'over'
  /** Of the room: BCP 47. */
  language: string
  /** Whether what is said can be read live, in the room's language. */
  captions: boolean
  /** The order by which you have a seat, paid or not. */
  mine?: Order
}

export type OrderState =
  | 'held' | 'paying' | 'paid' | 'expired' | 'cancelled' | 'failed' | 'refunding' | 'refunded' | 'disputed'

/** One seat for one person. */
export interface Order {
  id: string
  offer_id?: string
  state: OrderState
  price: number
  currency: string
  complimentary: boolean
  held_at: string
  /** Of the hold. While state is held or paying. */
  expires_at: string
  extended: boolean
}

/** An order with what its buyer wants to know. */
export interface MyTicket {
  order: Order
  ticket_id?: string
  issued_at?: string
  /** Until then you can give back what you did not use; absent: not, or not any more. */
  refundable_until?: string
  /** You can give it back now. */
  refundable: boolean
  /** You came in with it. */
  used: boolean
  /** How many payment pages are made before this one; absent when none is waited for. */
  ahead?: number
  room?: { id: string; title: string; status: string; starts_at?: string; language: string; host: { id: string; handle: string; display_name: string } }
}

/** How this server sells. */
export interface SellingTerms {
  /** off: nothing is sold here. test: Stripe's test mode. Only live moves money. */
  mode: 'off' | 'simulated' | 'test' | 'live'
  /** Minutes a seat is held, and how many more can be asked for once. */
  hold_minutes: number
  extension_minutes: number
  currencies: { code: string; digits: number; smallest: number; largest: number }[]
}

export interface Payouts {
  /** none: no account at Stripe; incomplete: Stripe wants to know more; ready: can be paid. */
  state: 'none' | 'incomplete' | 'ready'
  /** What Stripe still wants to know, in its words. */
  due: string[]
}

export interface NewOffer {
  price: number
  currency: string
  cap: number
  tax_bp?: number
  opens_at?: string | null
  closes_at?: string | null
  refund_hours?: number | null
}

/** Where the money of one sale would go. */
export interface Quote {
  gross: number
  cut: number
  processing: number
  net: number
  currency: string
}

export interface Sales {
  offer: Offer
  /** Tickets that are good, given ones with them. */
  sold: number
  given: number
  /** Seats held by people who have not paid. */
  held: number
  /** Newest first. */
  buyers: Buyer[]
}

export interface Buyer {
  order: Order
  account?: { id: string; handle: string; display_name: string }
  /** Came in with it. */
  arrived: boolean
}

export interface Sums {
  gross: number
  refunded: number
  cut: number
  processing: number
  absorbed: number
  net: number
}

export interface Statement extends Sums {
  room_id: string
  currency: string
  tax: number
  /** Tier 0 is the fixed part and what the minimum added. */
  tiers: { tier: number; cut: number }[]
  lines: (Sums & { order: string; state: OrderState; paid_at: string; tax: number })[]
}

/** What a person must look at, of the server's sales. */
export interface Alarm {
  id: string
  kind: string
  subject: string
  order_id?: string
  detail: string
  created_at: string
}

const room = (id: string) => `/api/rooms/${encodeURIComponent(id)}`
const order = (id: string) => `/api/orders/${encodeURIComponent(id)}`

export const getSellingTerms = () => call<SellingTerms>('GET', '/api/tickets/terms')
/** 404 no-offer where the room sells none. */
export const getOffer = (roomId: string) => call<Offer>('GET', `${room(roomId)}/offer`)

/** Makes an account from an address, signs in here, and mails a link that signs in anywhere. An address that has an account is refused with email-taken. */
export const makeLightAccount = (email: string, name: string, language: string, timeZone: string) =>
  call<Me>('POST', '/api/accounts/light', { email, display_name: name || undefined, language, time_zone: timeZone })

/** Holds a seat. The id is made here: asking again with the same is asking once. */
export const holdSeat = (id: string, offer: string) => call<Order>('PUT', order(id), { offer })
export const getOrder = (id: string) => call<MyTicket>('GET', order(id))
/** Has Stripe asked again what became of it. */
export const checkOrder = (id: string) => call<MyTicket>('POST', `${order(id)}/check`)
/** The page where it is paid; without an address it costs nothing and is paid. Refused with payments-busy while many pay at once: ask again after retry_after seconds. */
export const checkout = (id: string) => call<{ url?: string; order: Order }>('POST', `${order(id)}/checkout`)
export const extendHold = (id: string) => call<Order>('POST', `${order(id)}/extend`)
/** Gives up a seat that is not paid. */
export const cancelOrder = (id: string) => call<Order>('DELETE', order(id))
/** Gives a ticket back, and all that was paid for it: the buyer within the promise, the host at any time. */
export const refundOrder = (id: string) => call<Order>('POST', `${order(id)}/refund`)

export const getMyTickets = () => call<{ tickets: MyTicket[] }>('GET', '/api/me/tickets')
/** A picture (SVG) of the address of the ticket's page. */
export const ticketCode = (ticket: string) => `/api/me/tickets/${encodeURIComponent(ticket)}/code.svg`
export const ticketCalendar = (ticket: string) => `/api/me/tickets/${encodeURIComponent(ticket)}/calendar.ics`

export const getPayouts = () => call<Payouts>('GET', '/api/me/payouts')
/** An address at Stripe that works once and for minutes: made on a click. country is ISO 3166, '' the server's own. */
export const onboard = (country: string) => call<{ url: string }>('POST', '/api/me/payouts', { country: country || undefined })
export const getQuote = (price: number, currency: string) => call<Quote>('GET', `/api/me/quote?price=${price}&currency=${currency}`)

export const setOffer = (roomId: string, offer: NewOffer) => call<Offer>('PUT', `${room(roomId)}/offer`, offer)
/** Calls the sale off: everyone gets their money back. */
export const callSaleOff = (roomId: string) => call('DELETE', `${room(roomId)}/offer`)
/** Gives a seat away. */
export const giveSeat = (roomId: string, id: string, handle: string) => call<Order>('POST', `${room(roomId)}/gifts`, { id, handle })
/** How many buyers are read at once; when there are fewer, there are no others. */
export const BUYERS_PAGE = 500
/** With the newest buyers, or with those listed after an order. */
export const getSales = (roomId: string, after?: string) =>
  call<Sales>('GET', `${room(roomId)}/sales?limit=${BUYERS_PAGE}${after ? `&before=${encodeURIComponent(after)}` : ''}`)
export const getStatement = (roomId: string) => call<Statement>('GET', `${room(roomId)}/statement`)
export const statementTable = (roomId: string) => `${room(roomId)}/statement.csv`

export const getAlarms = () => call<{ alarms: Alarm[] }>('GET', '/api/sales/alarms')
export const closeAlarm = (id: string, note: string) => call('POST', `/api/sales/alarms/${encodeURIComponent(id)}/close`, { note })
