package stripesim

import "time"

// refund gives money of a charge back to the buyer. A connected account's own
// refunds are what reversals look like from its side.
type refund struct {
	base
	Amount             int64             `json:"amount"`
	BalanceTransaction optional          `json:"balance_transaction"`
	Charge             optional          `json:"charge"`
	Currency           string            `json:"currency"`
	FailureTransaction optional          `json:"failure_balance_transaction,omitempty"`
	FailureReason      optional          `json:"failure_reason,omitempty"`
	Metadata           map[string]string `json:"metadata"`
	PaymentIntent      optional          `json:"payment_intent"`
	Reason             optional          `json:"reason"`
	SourceReversal     optional          `json:"source_transfer_reversal"`
	Status             string            `json:"status"`
	TransferReversal   optional          `json:"transfer_reversal"`

	// FinishesAt is when it comes to an end by itself, 0 when it has or will
	// not; and then whether the bank sends the money back.
	FinishesAt int64 `json:"_finishes_at,omitempty"`
	WillFail   bool  `json:"_will_fail,omitempty"`
}

const refundParams = "charge payment_intent amount reason metadata[*] reverse_transfer refund_application_fee"

// refundsOf are the refunds of a charge, as a list.
func (st *state) refundsOf(ch *charge) *page {
	var all []*refund
	for _, r := range st.Refunds {
		if string(r.Charge) == ch.ID {
			all = append(all, r)
		}
	}
	return listed(all, "/v1/charges/"+ch.ID+"/refunds")
}

func createRefund(st *state, c *call) (any, error) {
	reason := optional(c.oneOf("reason", "", "duplicate", "fraudulent", "requested_by_customer"))
	reversed, withFee := c.flag("reverse_transfer"), c.flag("refund_application_fee")
	asked := c.integer("amount", 0)
	if !c.has("charge") && !c.has("payment_intent") {
		c.fail(malformed("parameter_missing", "", "One of the following params should be provided for this request: payment_intent or charge."))
	}
	if c.err != nil {
		return nil, c.err
	}
	ch, err := st.toRefund(c)
	if err != nil {
		return nil, err
	}
	r := &refund{base: st.base("re", "refund", ""), Amount: ch.Amount - ch.AmountRefunded, Charge: optional(ch.ID), Currency: ch.Currency,
		Metadata: c.pairs("metadata"), PaymentIntent: ch.PaymentIntent, Reason: reason, Status: "succeeded"}
	if c.has("amount") {
		r.Amount = asked
	}
	if err := st.mayRefund(ch, r.Amount, reversed, withFee); err != nil {
		return nil, err
	}
	st.refund(ch, r, reversed, withFee)
	return r, nil
}

// toRefund is the charge that a request is about.
func (st *state) toRefund(c *call) (*charge, error) {
	if c.has("charge") {
		ch, err := find[*charge](st, c.account, c.text("charge"), "charge", "charge")
		if err == nil && c.has("payment_intent") && !c.is("payment_intent", ch.PaymentIntent) {
			err = invalid("", "payment_intent", "The charge %s does not belong to this payment intent.", ch.ID)
		}
		return ch, err
	}
	pi, err := find[*paymentIntent](st, c.account, c.text("payment_intent"), "payment_intent", "payment_intent")
	if err != nil {
		return nil, err
	}
	if pi.Status != "succeeded" {
		return nil, invalid("", "payment_intent", "This PaymentIntent (%s) does not have a successful charge to refund.", pi.ID)
	}
	return must[*charge](st, pi.LatestCharge), nil
}

// mayRefund refuses what cannot be given back, and what was not there to take.
func (st *state) mayRefund(ch *charge, amount int64, reversed, withFee bool) error {
	left := ch.Amount - ch.AmountRefunded
	switch {
	case !ch.Paid:
		return invalid("", "charge", "Charge %s has not succeeded and cannot be refunded.", ch.ID)
	case st.chargedBack(ch):
		return invalid("charge_disputed", "", "Charge %s has been charged back; cannot issue a refund.", ch.ID)
	case left == 0:
		return invalid("charge_already_refunded", "", "Charge %s has already been refunded.", ch.ID)
	case amount < 1:
		return invalid("parameter_invalid_integer", "amount", "Invalid positive integer")
	case amount > left:
		return invalid("", "amount", "Refund amount (%s) is greater than unrefunded amount on charge (%s)", formatAmount(amount, ch.Currency), formatAmount(left, ch.Currency))
	case reversed && ch.Transfer == "":
		return invalid("", "reverse_transfer", "Charge %s has no transfer to reverse.", ch.ID)
	case withFee && ch.ApplicationFee == "":
		return invalid("", "refund_application_fee", "Charge %s has no application fee to refund.", ch.ID)
	}
	backing := int64(0)
	if reversed {
		t := must[*transfer](st, ch.Transfer)
		if err := st.mayReverse(t, amount, t.Amount-t.AmountReversed); err != nil {
			return err
		}
		backing = amount
	}
	if f := st.balances("")[ch.Currency]; st.config.NoOverdraft && f.available+f.pending+backing < amount {
		return insufficient("Insufficient funds in your Stripe balance to refund this amount.")
	}
	return nil
}

// refund gives the money back, and takes it from whom it is to be taken.
func (st *state) refund(ch *charge, r *refund, reversed, withFee bool) {
	feeBack := int64(0)
	if withFee {
		fee := must[*applicationFee](st, ch.ApplicationFee)
		feeBack = fee.share(ch.AmountRefunded, r.Amount, ch.Amount)
		st.refundFee(fee, feeBack, map[string]string{})
	}
	if reversed {
		back := st.reverse(must[*transfer](st, ch.Transfer), r.Amount, feeBack, map[string]string{})
		r.TransferReversal, back.SourceRefund = optional(back.ID), optional(r.ID)
	}
	kind := map[string]string{"charge": "refund", "payment": "payment_refund"}[ch.kind()]
	r.BalanceTransaction = optional(st.book(entry{of: r, kind: kind, amount: -r.Amount, currency: ch.Currency}).ID)
	add(st, &st.Refunds, r)
	ch.AmountRefunded += r.Amount
	ch.Refunded = ch.AmountRefunded == ch.Amount
	st.course(ch, r)
	st.emit("refund.created", r)
	st.emit("charge.refunded", ch)
}

// course sets how the refund goes on: those to bank accounts take their time,
// and two test cards make a refund late or fail.
func (st *state) course(ch *charge, r *refund) {
	r.WillFail = ch.Method.Refunds == "failed"
	if ch.Method.Type != "card" || ch.Method.Refunds == "pending" {
		r.Status = "pending"
	}
	if r.Status == "pending" || r.WillFail {
		r.FinishesAt = st.now.Add(st.config.SettleAfter).Unix()
		st.finishLater(r)
	}
}

func (st *state) finishLater(r *refund) {
	if r.FinishesAt != 0 {
		st.at(time.Unix(r.FinishesAt, 0), func() {
			if r.FinishesAt != 0 {
				st.finish(r, !r.WillFail)
			}
		})
	}
}

// finish brings a refund to its end. One that fails returns the money to the
// platform's balance; what was taken from the connected account for it is not
// given back by itself.
func (st *state) finish(r *refund, well bool) {
	r.FinishesAt = 0
	if r.Status == "failed" {
		return
	}
	r.Status = "succeeded"
	if !well {
		ch := must[*charge](st, r.Charge)
		r.Status, r.FailureReason = "failed", "lost_or_stolen_card"
		r.FailureTransaction = optional(st.book(entry{of: r, kind: "refund_failure", amount: r.Amount, currency: r.Currency}).ID)
		ch.AmountRefunded -= r.Amount
		ch.Refunded = false
	}
	st.emit("refund.updated", r)
	st.emit("charge.refund.updated", r)
}

func getRefund(st *state, c *call) (any, error) {
	return find[*refund](st, c.account, c.id(), "refund", "id")
}

func listRefunds(st *state, c *call) (any, error) {
	return list(c, st.Refunds, func(r *refund) bool {
		return c.is("charge", r.Charge) && c.is("payment_intent", r.PaymentIntent)
	})
}

func updateRefund(st *state, c *call) (any, error) {
	r, err := find[*refund](st, c.account, c.id(), "refund", "id")
	if err != nil {
		return nil, err
	}
	merge(r.Metadata, c.pairs("metadata"))
	return r, nil
}
