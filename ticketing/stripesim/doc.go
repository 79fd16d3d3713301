// Package stripesim is a Stripe that runs on this machine: a server that keeps
// state, answers stripe-go over HTTP as Stripe's API of version 2023-10-16 does,
// shows a payment page and an onboarding page to browsers, and sends signed
// webhooks. No money moves. `salon dev` sells tickets through it, and every test
// of ticketing speaks to it; stripe-go is never replaced.
//
// What it knows is what a shop with destination charges needs: connected
// accounts and their onboarding, Checkout in payment mode, what a payment leaves
// behind (payment intent, charge, transfer, application fee, balance
// transactions), refunds, reversals, disputes, payouts, events and webhooks. A
// parameter it does not know is refused as unknown, never ignored. What differs
// from Stripe is listed in docs/stripe-simulator.md.
//
// The whole state is one value behind one lock: a request sees all of another
// or nothing of it. Time is the simulator's own, real unless moved by
// Control.Advance; whatever is due (sessions that expire, bank debits that
// settle, webhooks to send again) happens in the order of its due time.
//
// Start serves four things at one loopback address: the API under /v1/, the
// pages under /c/ and /setup/, the controls under /_sim/, which are not Stripe's
// and are spoken by Control, and nothing to strangers: every name but a loopback
// one in the Host header is refused, and the API and the controls want the key.
package stripesim
