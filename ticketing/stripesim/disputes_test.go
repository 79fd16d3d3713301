package stripesim_test

import (
	"testing"

	"github.com/stripe/stripe-go/v76"
)

// dispute lets the buyer's bank take a sale back.
func (b *bundle) dispute(s *stripe.CheckoutSession, minor int64) string {
	b.t.Helper()
	id, err := b.control.Dispute(b.ctx, s.PaymentIntent.LatestCharge.ID, minor, "fraudulent")
	b.ok(err)
	return id
}

// The platform is debited, also for destination charges; it gets the money from
// the seller by a reversal, and gives it back by a transfer when it wins.
func TestDisputeWon(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	s := b.sold(seller)
	hook := b.listen(false, "*")
	id := b.dispute(s, 0)
	d, err := b.stripe.Disputes.Get(id, nil)
	b.ok(err)
	want(t, "amount", d.Amount, 2000)
	want(t, "status", d.Status, stripe.DisputeStatusNeedsResponse)
	want(t, "payment", d.PaymentIntent.ID, s.PaymentIntent.ID)
	want(t, "movement", d.BalanceTransactions[0].Net, -3500)
	want(t, "the charge is disputed", b.charge(s).Disputed, true)
	b.holds("", "usd", 12-3500)
	same(t, "events", hook.types(), []string{"charge.dispute.created", "charge.dispute.funds_withdrawn"})
	_, err = b.stripe.Refunds.New(&stripe.RefundParams{PaymentIntent: stripe.String(s.PaymentIntent.ID)})
	invalid(t, err, stripe.ErrorCodeChargeDisputed)

	_, err = b.stripe.TransferReversals.New(&stripe.TransferReversalParams{ID: stripe.String(b.charge(s).Transfer.ID), RefundApplicationFee: stripe.Bool(true)})
	b.ok(err)
	b.holds(seller, "usd", 0)
	hook.types()
	b.ok(b.control.CloseDispute(b.ctx, id, true))
	same(t, "events", hook.types(), []string{"charge.dispute.funds_reinstated", "charge.dispute.closed"})
	b.holds("", "usd", 1912)
	if b.control.CloseDispute(b.ctx, id, false) == nil {
		t.Error("a closed dispute was closed")
	}
	list := b.stripe.Disputes.List(&stripe.DisputeListParams{PaymentIntent: stripe.String(s.PaymentIntent.ID)})
	want(t, "listed", list.Next(), true)
	want(t, "status", list.Dispute().Status, stripe.DisputeStatusWon)
	b.refund(s, 500, func(p *stripe.RefundParams) { p.ReverseTransfer, p.RefundApplicationFee = nil, nil }) // a won charge can be refunded
}

func TestDisputeLost(t *testing.T) {
	b := setup(t)
	s := b.sold(b.seller())
	id := b.dispute(s, 1500)
	hook := b.listen(false, "*")
	d, err := b.stripe.Disputes.Close(id, nil) // giving in
	b.ok(err)
	want(t, "status", d.Status, stripe.DisputeStatusLost)
	same(t, "events", hook.types(), []string{"charge.dispute.closed"})
	b.holds("", "usd", 12-1500-1500)
	if _, err := b.control.Dispute(b.ctx, s.PaymentIntent.LatestCharge.ID, 0, "fraudulent"); err == nil {
		t.Error("a charge was disputed twice")
	}
	_, err = b.stripe.Refunds.New(&stripe.RefundParams{PaymentIntent: stripe.String(s.PaymentIntent.ID)})
	invalid(t, err, stripe.ErrorCodeChargeDisputed)
}

// One of Stripe's cards disputes by itself; a refunded charge can be disputed too.
func TestDisputeByItself(t *testing.T) {
	b := setup(t)
	hook := b.listen(false, "checkout.session.completed", "charge.dispute.created")
	s := b.open(b.ticket(b.seller()))
	b.pay(s, cardForm("4000000000000259"))
	same(t, "events", hook.types(), []string{"checkout.session.completed", "charge.dispute.created"})
	want(t, "payment status", b.getSession(s.ID).PaymentStatus, stripe.CheckoutSessionPaymentStatusPaid)

	refunded := b.sold("")
	b.refund(refunded, 0, func(p *stripe.RefundParams) { p.ReverseTransfer, p.RefundApplicationFee = nil, nil })
	b.dispute(refunded, 0)
	same(t, "events", hook.types(), []string{"checkout.session.completed", "charge.dispute.created"})
}
