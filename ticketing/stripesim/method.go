package stripesim

import (
	"maps"
	"strings"
)

// method is what somebody pays with: one of Stripe's test cards or accounts. Of
// its number only the end is kept.
type method struct {
	Type      string // card, sepa_debit or us_bank_account
	Brand     string `json:",omitempty"` // of a card
	Last4     string
	Decline   string `json:",omitempty"` // why it does not pay, a key of declines
	Disputed  bool   `json:",omitempty"` // its owner disputes the payment at once
	Available bool   `json:",omitempty"` // the money is available at once
	Refunds   string `json:",omitempty"` // what becomes of refunds: "", pending or failed
	Never     bool   `json:",omitempty"` // its bank never answers
}

// cards are Stripe's test cards (docs.stripe.com/testing) that matter to a shop.
var cards = map[string]method{
	"4242424242424242": {Brand: "visa"},
	"4000056655665556": {Brand: "visa"},
	"5555555555554444": {Brand: "mastercard"},
	"378282246310005":  {Brand: "amex"},
	"4000000000000077": {Brand: "visa", Available: true},
	"4000000000000002": {Brand: "visa", Decline: "generic_decline"},
	"4000000000009995": {Brand: "visa", Decline: "insufficient_funds"},
	"4000000000009987": {Brand: "visa", Decline: "lost_card"},
	"4000000000009979": {Brand: "visa", Decline: "stolen_card"},
	"4000000000000069": {Brand: "visa", Decline: "expired_card"},
	"4000000000000127": {Brand: "visa", Decline: "incorrect_cvc"},
	"4000000000000119": {Brand: "visa", Decline: "processing_error"},
	"4000000000000259": {Brand: "visa", Disputed: true},
	"4000000000007726": {Brand: "visa", Refunds: "pending"},
	"4000000000005126": {Brand: "visa", Refunds: "failed"},
}

// bankAccounts are Stripe's test bank accounts, by how they are paid from.
var bankAccounts = map[string]map[string]method{
	"sepa_debit": {
		"DE89370400440532013000": {},
		"DE62370400440532013001": {Decline: "debit_not_authorized"},
		"DE35370400440532013002": {Disputed: true},
	},
	"us_bank_account": {
		"000123456789": {},
		"000222222227": {Decline: "insufficient_funds"},
		"000000000009": {Never: true},
	},
}

// decline is how Stripe puts that a payment did not go through.
type decline struct {
	code, message string
	own           bool // the code says it all, there is no decline code
}

var declines = map[string]decline{
	"generic_decline":      {code: "card_declined", message: "Your card was declined."},
	"insufficient_funds":   {code: "card_declined", message: "Your card has insufficient funds."},
	"lost_card":            {code: "card_declined", message: "Your card was declined."},
	"stolen_card":          {code: "card_declined", message: "Your card was declined."},
	"expired_card":         {code: "expired_card", message: "Your card has expired.", own: true},
	"incorrect_cvc":        {code: "incorrect_cvc", message: "Your card's security code is incorrect.", own: true},
	"processing_error":     {code: "processing_error", message: "An error occurred while processing your card. Try again in a little bit.", own: true},
	"debit_not_authorized": {code: "payment_intent_payment_attempt_failed", message: "The customer has notified their bank that this payment was unauthorized.", own: true},
}

// methodOf looks a number up. The message is for the buyer.
func methodOf(kind, number string) (m method, message string) {
	number = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(number))
	known, wrong := cards, "Your card number is incorrect."
	if kind != "card" {
		known, wrong = bankAccounts[kind], "This is not one of Stripe's test accounts."
	}
	m, ok := known[number]
	switch {
	case ok:
		m.Type, m.Last4 = kind, number[len(number)-4:]
		return m, ""
	case kind == "card" && luhn(number):
		return m, "Your card was declined: this page takes test cards only, no real ones."
	}
	return m, wrong
}

// luhn checks the last digit of a card's number (ISO/IEC 7812-1).
func luhn(number string) bool {
	sum := 0
	for i := range number {
		digit := int(number[len(number)-1-i] - '0')
		if digit < 0 || digit > 9 {
			return false
		}
		if i%2 == 1 {
			digit = digit*2%10 + digit/5
		}
		sum += digit
	}
	return len(number) >= 12 && sum%10 == 0
}

// details are what a charge says of it.
func (m method) details() map[string]any {
	inner := map[string]any{"last4": m.Last4}
	if m.Type == "card" {
		maps.Copy(inner, map[string]any{"brand": m.Brand, "country": "US", "exp_month": 12, "exp_year": 2040, "funding": "credit", "network": m.Brand})
	}
	return map[string]any{"type": m.Type, m.Type: inner}
}
