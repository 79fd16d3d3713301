package stripesim

import "time"

// session is a Checkout Session in payment mode.
type session struct {
	base
	AmountSubtotal     int64             `json:"amount_subtotal"`
	AmountTotal        int64             `json:"amount_total"`
	AutomaticTax       enabled           `json:"automatic_tax"`
	CancelURL          optional          `json:"cancel_url"`
	ClientReferenceID  optional          `json:"client_reference_id"`
	Currency           string            `json:"currency"`
	CustomFields       []string          `json:"custom_fields"`
	CustomText         struct{}          `json:"custom_text"`
	CustomerDetails    *customerDetails  `json:"customer_details"`
	CustomerEmail      optional          `json:"customer_email"`
	ExpiresAt          int64             `json:"expires_at"`
	Livemode           bool              `json:"livemode"`
	Locale             optional          `json:"locale"`
	Metadata           map[string]string `json:"metadata"`
	Mode               string            `json:"mode"`
	PaymentIntent      optional          `json:"payment_intent"`
	PaymentMethodTypes []string          `json:"payment_method_types"`
	PaymentStatus      string            `json:"payment_status"`
	ShippingOptions    []string          `json:"shipping_options"`
	Status             string            `json:"status"`
	SubmitType         optional          `json:"submit_type"`
	SuccessURL         string            `json:"success_url"`
	TotalDetails       totalDetails      `json:"total_details"`
	UIMode             string            `json:"ui_mode"`
	URL                optional          `json:"url"`

	Items []item `json:"_items"`
	Plan  plan   `json:"_plan"`
}

type enabled struct {
	Enabled bool `json:"enabled"`
}

type totalDetails struct {
	AmountDiscount int64 `json:"amount_discount"`
	AmountShipping int64 `json:"amount_shipping"`
	AmountTax      int64 `json:"amount_tax"`
}

type customerDetails struct {
	Email     optional `json:"email"`
	Name      optional `json:"name"`
	Phone     optional `json:"phone"`
	TaxExempt string   `json:"tax_exempt"`
}

// item is one line of what is bought.
type item struct {
	ID             string `json:"id"`
	Object         string `json:"object"`
	AmountDiscount int64  `json:"amount_discount"`
	AmountSubtotal int64  `json:"amount_subtotal"`
	AmountTax      int64  `json:"amount_tax"`
	AmountTotal    int64  `json:"amount_total"`
	Currency       string `json:"currency"`
	Description    string `json:"description"`
	Quantity       int64  `json:"quantity"`
}

// plan is what the payment is to be made of: payment_intent_data.
type plan struct {
	Fee         *int64
	Destination optional
	OnBehalfOf  optional
	Group       optional
	Description optional
	Suffix      optional
	Receipt     optional
	Metadata    map[string]string
}

func (s *session) lineItems() *page {
	p := &page{Object: "list", Data: []any{}, URL: "/v1/checkout/sessions/" + s.ID + "/line_items"}
	for _, i := range s.Items {
		p.Data = append(p.Data, i)
	}
	return p
}

// pageOf is where a session is paid.
func (st *state) pageOf(s *session) string { return st.url + "/c/pay/" + s.ID }

// The times Stripe allows a session to be open: at least, and less than.
const (
	minOpen = 30 * time.Minute
	maxOpen = 24 * time.Hour
)

// expireLater ends the session when its time comes.
func (st *state) expireLater(s *session) {
	if s.Status == "open" {
		st.at(time.Unix(s.ExpiresAt, 0), func() {
			if s.Status == "open" {
				st.expire(s)
			}
		})
	}
}

func (st *state) expire(s *session) {
	s.Status, s.URL = "expired", ""
	if s.PaymentIntent != "" {
		st.cancelIntent(must[*paymentIntent](st, s.PaymentIntent))
	}
	st.emit("checkout.session.expired", s)
}

func getSession(st *state, c *call) (any, error) {
	return find[*session](st, c.account, c.id(), "checkout.session", "session")
}

func listSessions(st *state, c *call) (any, error) {
	return list(c, st.Sessions, func(s *session) bool {
		return c.is("payment_intent", s.PaymentIntent) && c.is("status", s.Status)
	})
}

func expireSession(st *state, c *call) (any, error) {
	s, err := find[*session](st, c.account, c.id(), "checkout.session", "session")
	if err != nil {
		return nil, err
	}
	if s.Status != "open" {
		return nil, invalid("", "", "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `%s`.", s.Status)
	}
	st.expire(s)
	return s, nil
}

func sessionItems(st *state, c *call) (any, error) {
	s, err := find[*session](st, c.account, c.id(), "checkout.session", "session")
	if err != nil {
		return nil, err
	}
	return s.lineItems(), nil
}
