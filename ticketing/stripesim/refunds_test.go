package stripesim_test

import (
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"salon/ticketing/stripesim"
)

// refund gives back minor units of a sale, 0 for all that is left, taking it
// from whom it belongs to.
func (b *bundle) refund(s *stripe.CheckoutSession, minor int64, also ...func(*stripe.RefundParams)) *stripe.Refund {
	b.t.Helper()
	p := &stripe.RefundParams{PaymentIntent: stripe.String(s.PaymentIntent.ID), ReverseTransfer: stripe.Bool(true), RefundApplicationFee: stripe.Bool(true)}
	if minor > 0 {
		p.Amount = stripe.Int64(minor)
	}
	for _, a := range also {
		a(p)
	}
	r, err := b.stripe.Refunds.New(p)
	b.ok(err)
	return r
}

// After a full refund the seller has neither won nor lost; the platform pays
// what Stripe keeps.
func TestFullRefund(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	s := b.sold(seller)
	hook := b.listen(false, "*")
	r := b.refund(s, 0, func(p *stripe.RefundParams) {
		p.Reason = stripe.String("requested_by_customer")
		p.AddMetadata("order", "1")
	})
	want(t, "amount", r.Amount, 2000)
	want(t, "status", r.Status, stripe.RefundStatusSucceeded)
	want(t, "metadata", r.Metadata["order"], "1")
	b.holds(seller, "usd", 0)
	b.holds("", "usd", -88)
	ch := b.charge(s)
	want(t, "refunded", ch.Refunded, true)
	want(t, "amount refunded", ch.AmountRefunded, 2000)
	transfer, err := b.stripe.Transfers.Get(ch.Transfer.ID, nil)
	b.ok(err)
	want(t, "reversed", transfer.Reversed, true)
	want(t, "reversal's refund", transfer.Reversals.Data[0].SourceRefund.ID, r.ID)
	fee, err := b.stripe.ApplicationFees.Get(ch.ApplicationFee.ID, nil)
	b.ok(err)
	want(t, "fee refunded", fee.Refunded, true)
	want(t, "fee refunds", len(fee.Refunds.Data), 1)
	same(t, "events", hook.types(), []string{"application_fee.refunded", "transfer.reversed", "refund.created", "charge.refunded"})
}

// Parts add up: three odd thirds give back all of amount, transfer and fee.
func TestPartialRefunds(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	s := b.sold(seller)
	b.refund(s, 667)
	b.holds(seller, "usd", 1900-667+33)
	b.refund(s, 667)
	b.holds(seller, "usd", 1900-2*667+67)
	want(t, "refunded so far", b.charge(s).Refunded, false)
	b.refund(s, 666)
	b.holds(seller, "usd", 0)
	b.holds("", "usd", -88)
	refunds := b.stripe.Refunds.List(&stripe.RefundListParams{Charge: stripe.String(b.charge(s).ID)})
	n := 0
	for refunds.Next() {
		n++
	}
	b.ok(refunds.Err())
	want(t, "refunds", n, 3)
}

// The mistake Stripe allows: without the two flags the platform pays for the seller.
func TestRefundWithoutReversal(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	s := b.sold(seller)
	b.refund(s, 0, func(p *stripe.RefundParams) { p.ReverseTransfer, p.RefundApplicationFee = nil, nil })
	b.holds(seller, "usd", 1900)
	b.holds("", "usd", 12-2000)
}

func TestRefundRules(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	s, plain := b.sold(seller), b.sold("")
	by := func(s *stripe.CheckoutSession) *stripe.RefundParams {
		return &stripe.RefundParams{PaymentIntent: stripe.String(s.PaymentIntent.ID)}
	}
	too := by(s)
	too.Amount = stripe.Int64(2001)
	none := by(s)
	none.Amount = stripe.Int64(0)
	reason := by(s)
	reason.Reason = stripe.String("bored")
	reversal := by(plain)
	reversal.ReverseTransfer = stripe.Bool(true)
	fee := by(plain)
	fee.RefundApplicationFee = stripe.Bool(true)
	other := by(s)
	other.Charge = stripe.String(plain.PaymentIntent.LatestCharge.ID)
	for name, c := range map[string]struct {
		p    *stripe.RefundParams
		code stripe.ErrorCode
	}{
		"of nothing":          {&stripe.RefundParams{}, stripe.ErrorCodeParameterMissing},
		"more than there was": {too, ""}, "zero": {none, stripe.ErrorCodeParameterInvalidInteger},
		"no such reason": {reason, ""}, "nothing to reverse": {reversal, ""}, "no fee": {fee, ""}, "of two things": {other, ""},
	} {
		t.Log(name)
		_, err := b.stripe.Refunds.New(c.p)
		invalid(t, err, c.code)
	}
	b.refund(s, 0)
	_, err := b.stripe.Refunds.New(by(s))
	invalid(t, err, stripe.ErrorCodeChargeAlreadyRefunded)
	up, err := b.stripe.Refunds.Update(b.refund(plain, 1, func(p *stripe.RefundParams) { p.ReverseTransfer, p.RefundApplicationFee = nil, nil }).ID,
		&stripe.RefundParams{Metadata: map[string]string{"note": "x"}})
	b.ok(err)
	want(t, "metadata", up.Metadata["note"], "x")
}

// Two of Stripe's cards make refunds late, or fail.
func TestRefundsThatTakeTimeOrFail(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	for number, c := range map[string]struct{ first, last stripe.RefundStatus }{
		"4000000000007726": {stripe.RefundStatusPending, stripe.RefundStatusSucceeded},
		"4000000000005126": {stripe.RefundStatusSucceeded, stripe.RefundStatusFailed},
	} {
		s := b.open(b.ticket(seller))
		b.pay(s, cardForm(number))
		s = b.getSession(s.ID)
		hook := b.listen(false, "refund.updated", "charge.refund.updated")
		r := b.refund(s, 0)
		want(t, number+" at first", r.Status, c.first)
		b.ok(b.control.Advance(b.ctx, 4*time.Minute))
		r, err := b.stripe.Refunds.Get(r.ID, nil)
		b.ok(err)
		want(t, number+" at last", r.Status, c.last)
		same(t, "events", hook.types(), []string{"refund.updated", "charge.refund.updated"})
		want(t, number+": the charge is refunded", b.charge(s).Refunded, c.last == stripe.RefundStatusSucceeded)
	}
	// One sale was given back; of the other the buyer's money came back to the
	// platform, which has taken it from the seller already.
	b.holds(seller, "usd", 0)
	b.holds("", "usd", -88-88+2000)
}

func TestRefundFailsByHand(t *testing.T) {
	b := setup(t)
	s := b.sold(b.seller())
	r := b.refund(s, 0)
	b.ok(b.control.FinishRefund(b.ctx, r.ID, false))
	r, err := b.stripe.Refunds.Get(r.ID, nil)
	b.ok(err)
	want(t, "status", r.Status, stripe.RefundStatusFailed)
	if r.FailureBalanceTransaction == nil || r.FailureReason == "" {
		t.Error("it does not say why, or where the money went")
	}
	if b.control.FinishRefund(b.ctx, r.ID, true) == nil {
		t.Error("a failed refund was brought to a good end")
	}
}

func TestNoOverdraft(t *testing.T) {
	b := setup(t, func(c *stripesim.Config) { c.NoOverdraft = true })
	s := b.sold("") // 19.12 on the balance, 20.00 to give back
	_, err := b.stripe.Refunds.New(&stripe.RefundParams{PaymentIntent: stripe.String(s.PaymentIntent.ID)})
	invalid(t, err, stripe.ErrorCodeBalanceInsufficient)
	b.sold("")
	b.refund(s, 0, func(p *stripe.RefundParams) { p.ReverseTransfer, p.RefundApplicationFee = nil, nil })
	b.holds("", "usd", 2*1912-2000)
}
