package stripesim

import (
	"cmp"
	"slices"
	"time"
)

const sessionParams = "mode success_url cancel_url client_reference_id customer_email expires_at locale submit_type metadata[*] payment_method_types[] " +
	"line_items[][quantity] line_items[][price_data][currency] line_items[][price_data][unit_amount] line_items[][price_data][product_data][name] " +
	"line_items[][price_data][product_data][description] line_items[][price_data][product_data][images][] line_items[][price_data][product_data][metadata][*] " +
	"payment_intent_data[application_fee_amount] payment_intent_data[transfer_data][destination] payment_intent_data[on_behalf_of] " +
	"payment_intent_data[transfer_group] payment_intent_data[description] payment_intent_data[statement_descriptor_suffix] " +
	"payment_intent_data[receipt_email] payment_intent_data[metadata][*]"

// methods are the ways to pay, and the one currency of each that has one.
var methods = map[string]string{"card": "", "sepa_debit": "eur", "us_bank_account": "usd"}

func createSession(st *state, c *call) (any, error) {
	s := &session{base: st.base("cs_test", "checkout.session", ""), CancelURL: optional(c.link("cancel_url")), ClientReferenceID: optional(c.text("client_reference_id")),
		CustomFields: []string{}, CustomerEmail: optional(c.email("customer_email")), Locale: optional(c.text("locale")), Metadata: c.pairs("metadata"),
		Mode: c.oneOf("mode", "payment", "payment"), PaymentMethodTypes: c.methodTypes(), PaymentStatus: "unpaid", ShippingOptions: []string{}, Status: "open",
		SubmitType: optional(c.oneOf("submit_type", "", "auto", "book", "donate", "pay")), SuccessURL: c.link("success_url"), UIMode: "hosted"}
	c.need("mode")
	c.need("success_url")
	s.URL = optional(st.pageOf(s))
	s.ExpiresAt = c.openUntil(st.now)
	s.order(c)
	s.Plan = c.plan(s.AmountTotal)
	if c.err != nil {
		return nil, c.err
	}
	if err := st.checkDestination(s.Plan.Destination, "payment_intent_data[transfer_data][destination]"); err != nil {
		return nil, err
	}
	add(st, &st.Sessions, s)
	st.expireLater(s)
	return s, nil
}

func (c *call) methodTypes() []string {
	all := c.texts("payment_method_types")
	for _, m := range all {
		if _, ok := methods[m]; !ok {
			c.fail(malformed("", "payment_method_types", "The payment method type provided: %s is invalid, or not one the simulator has.", m))
		}
	}
	if len(all) == 0 {
		return []string{"card"}
	}
	return all
}

// openUntil reads when the session expires. Stripe refuses what is not between
// half an hour and a day from now.
func (c *call) openUntil(now time.Time) int64 {
	until := c.integer("expires_at", now.Add(maxOpen).Unix())
	switch open := time.Duration(until-now.Unix()) * time.Second; {
	case open < minOpen:
		c.fail(malformed("", "expires_at", "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."))
	case open >= maxOpen && c.has("expires_at"):
		c.fail(malformed("", "expires_at", "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."))
	}
	return until
}

// order reads what is bought, and adds it up.
func (s *session) order(c *call) {
	lines := c.items("line_items")
	if len(lines) == 0 {
		c.fail(missingParam("line_items"))
		return
	}
	if len(lines) > 100 {
		c.fail(malformed("", "line_items", "A Checkout Session can have at most 100 line items."))
		return
	}
	for _, line := range lines {
		price := line + "[price_data]"
		i := item{ID: newID("li"), Object: "item", Currency: c.currency(price + "[currency]"),
			Description: c.need(price + "[product_data][name]"), Quantity: c.positive(line + "[quantity]")}
		unit := c.positive(price + "[unit_amount]")
		if i.Quantity > maxAmount || unit > maxAmount {
			c.fail(malformed("parameter_invalid_integer", line, "This value is too large."))
			return
		}
		i.AmountTotal = unit * i.Quantity
		i.AmountSubtotal = i.AmountTotal
		s.Items, s.AmountTotal, s.Currency = append(s.Items, i), s.AmountTotal+i.AmountTotal, cmp.Or(s.Currency, i.Currency)
		if i.Currency != s.Currency {
			c.fail(malformed("", price+"[currency]", "All line items must have the same currency."))
		}
	}
	s.AmountSubtotal = s.AmountTotal
	if c.err != nil {
		return
	}
	if err := checkAmount(s.AmountTotal, s.Currency); err != nil {
		c.fail(err)
	}
	if i := slices.IndexFunc(s.PaymentMethodTypes, func(m string) bool { return methods[m] != "" && methods[m] != s.Currency }); i >= 0 {
		c.fail(malformed("", "payment_method_types", "The payment method type %s cannot be used with %s.", s.PaymentMethodTypes[i], s.Currency))
	}
}

// plan reads what the payment is to be made of.
func (c *call) plan(total int64) plan {
	text := func(name string) optional { return optional(c.text("payment_intent_data[" + name + "]")) }
	p := plan{Destination: optional(c.text("payment_intent_data[transfer_data][destination]")), OnBehalfOf: text("on_behalf_of"),
		Group: text("transfer_group"), Description: text("description"), Suffix: text("statement_descriptor_suffix"), Receipt: text("receipt_email"),
		Metadata: c.pairs("payment_intent_data[metadata]")}
	const name = "payment_intent_data[application_fee_amount]"
	if !c.has(name) {
		return p
	}
	fee := c.positive(name)
	switch {
	case fee > total:
		c.fail(malformed("", name, "The application fee must not be greater than the amount of the payment."))
	case p.Destination == "":
		c.fail(malformed("", name, "Can only apply an application fee when the payment has a destination."))
	}
	p.Fee = &fee
	return p
}

// checkDestination refuses an account that cannot be sent money.
func (st *state) checkDestination(id optional, param string) error {
	if id == "" {
		return nil
	}
	a, err := st.account(string(id))
	if err != nil {
		return invalid("resource_missing", param, "No such destination: '%s'", id)
	}
	if a.Capabilities["transfers"] != "active" {
		return invalid("insufficient_capabilities_for_transfer", param, "Your destination account needs to have at least one of the following capabilities enabled: transfers, crypto_transfers, legacy_payments")
	}
	return nil
}
