package stripesim

import (
	"errors"
	"slices"
)

// buyer is who fills in the payment page, and how they pay.
type buyer struct {
	Email, Name string
	Method      method
}

var (
	errNotOpen = errors.New("the session is not open any more")
	errSeller  = errors.New("the seller cannot be paid now")
)

// declinedError is a payment that did not go through; the session stays open.
type declinedError struct{ decline }

func (d declinedError) Error() string { return d.message }

// pay makes one attempt to pay a session. Of many at once, one succeeds.
func (st *state) pay(s *session, by buyer) error {
	if s.Status != "open" || !slices.Contains(s.PaymentMethodTypes, by.Method.Type) {
		return errNotOpen
	}
	if st.checkDestination(s.Plan.Destination, "") != nil {
		return errSeller
	}
	pi := st.intentOf(s)
	ch := st.attempt(pi, by)
	if why := st.declineNow(by.Method); why != "" {
		return declinedError{st.fail(pi, ch, why)}
	}
	s.Status, s.URL = "complete", ""
	s.CustomerDetails = &customerDetails{Email: optional(by.Email), Name: optional(by.Name), TaxExempt: "none"}
	if by.Method.Type != "card" {
		st.begun(pi, ch)
	} else {
		st.succeed(pi, ch)
		s.PaymentStatus = "paid"
	}
	st.emit("checkout.session.completed", s)
	if ch.Paid && by.Method.Disputed {
		st.dispute(ch, ch.Amount, "fraudulent")
	}
	return nil
}

// declineNow says why a payment is refused at once, "" when it is not. Bank
// debits are refused later.
func (st *state) declineNow(m method) string {
	if len(st.declines) > 0 {
		next := st.declines[0]
		st.declines = st.declines[1:]
		return next
	}
	if m.Type == "card" {
		return m.Decline
	}
	return ""
}

// fail ends an attempt that was refused.
func (st *state) fail(pi *paymentIntent, ch *charge, why string) decline {
	d := declines[why]
	failure := &paymentError{Type: "card_error", Charge: ch.ID, Code: d.code, DeclineCode: why, Message: d.message}
	if d.own {
		failure.DeclineCode = ""
	}
	ch.Status, ch.SettlesAt = "failed", 0
	ch.FailureCode, ch.FailureMessage = optional(d.code), optional(d.message)
	ch.Outcome = &outcome{NetworkStatus: "declined_by_network", Reason: optional(why), RiskLevel: "normal", SellerMessage: d.message, Type: "issuer_declined"}
	pi.Status, pi.LastPaymentError = "requires_payment_method", failure
	pi.PaymentMethod = ""
	st.emit("charge.failed", ch)
	st.emit("payment_intent.payment_failed", pi)
	return d
}

// begun leaves a bank debit to its bank.
func (st *state) begun(pi *paymentIntent, ch *charge) {
	pi.Status = "processing"
	ch.SettlesAt = st.now.Add(st.config.SettleAfter).Unix()
	st.emit("charge.pending", ch)
	st.emit("payment_intent.processing", pi)
	st.settleLater(ch)
}

// settle ends a bank debit that is pending: why is why it failed, "" when the
// money came.
func (st *state) settle(ch *charge, why string) {
	if ch.Status != "pending" {
		return
	}
	ch.SettlesAt = 0
	pi := must[*paymentIntent](st, ch.PaymentIntent)
	s := must[*session](st, optional(pi.Session))
	if why != "" {
		st.fail(pi, ch, why)
		st.emit("checkout.session.async_payment_failed", s)
		return
	}
	st.succeed(pi, ch)
	s.PaymentStatus = "paid"
	st.emit("checkout.session.async_payment_succeeded", s)
	if ch.Method.Disputed {
		st.dispute(ch, ch.Amount, "fraudulent")
	}
}

// succeed takes the money and sends it where it belongs.
func (st *state) succeed(pi *paymentIntent, ch *charge) {
	ch.Status, ch.Paid, ch.Captured, ch.AmountCaptured, ch.Outcome = "succeeded", true, true, ch.Amount, &approved
	fee := st.config.feeOf(ch.Amount, ch.Currency)
	t := st.book(entry{of: ch, kind: ch.kind(), amount: ch.Amount, currency: ch.Currency, fee: fee, feeType: "stripe_fee", available: st.availableFor(ch)})
	ch.BalanceTransaction = optional(t.ID)
	st.toDestination(ch)
	pi.Status, pi.AmountReceived, pi.LastPaymentError = "succeeded", ch.Amount, nil
	st.emit("charge.succeeded", ch)
	st.emit("payment_intent.succeeded", pi)
}

// kind is how balance transactions call it.
func (ch *charge) kind() string {
	if ch.Method.Type == "card" {
		return "charge"
	}
	return "payment"
}

func (c *Config) feeOf(amount int64, code string) int64 {
	if f, ok := c.Fees[code]; ok {
		return f.of(amount)
	}
	return defaultFee.of(amount)
}

// availableFor is when the money of a charge can be used.
func (st *state) availableFor(ch *charge) int64 {
	if ch.Method.Available {
		return st.now.Unix()
	}
	return st.now.Add(st.config.AvailableAfter).Unix()
}
