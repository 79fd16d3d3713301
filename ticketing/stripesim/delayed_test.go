package stripesim_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// euros is a ticket that can be paid by bank debit.
func (b *bundle) euros(seller string) *stripe.CheckoutSessionParams {
	p := b.ticket(seller)
	p.LineItems[0].PriceData.Currency = stripe.String("eur")
	p.PaymentMethodTypes = stripe.StringSlice([]string{"card", "sepa_debit"})
	return p
}

func TestDebitThatPays(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	hook := b.listen(false, "*")
	s := b.open(b.euros(seller))
	b.pay(s, bankForm("sepa_debit", goodIBAN))
	now := b.getSession(s.ID)
	want(t, "status", now.Status, stripe.CheckoutSessionStatusComplete)
	want(t, "payment status", now.PaymentStatus, stripe.CheckoutSessionPaymentStatusUnpaid)
	want(t, "payment", now.PaymentIntent.Status, stripe.PaymentIntentStatusProcessing)
	want(t, "charge", now.PaymentIntent.LatestCharge.Status, stripe.ChargeStatusPending)
	same(t, "events", hook.types(), []string{"payment_intent.created", "charge.pending", "payment_intent.processing", "checkout.session.completed"})
	b.holds(seller, "eur", 0)
	_, err := b.stripe.CheckoutSessions.Expire(s.ID, nil)
	invalid(t, err, "")

	b.ok(b.control.Advance(b.ctx, 2*time.Minute))
	same(t, "events too early", hook.types(), nil)
	b.ok(b.control.Advance(b.ctx, 2*time.Minute))
	want(t, "payment status", b.getSession(s.ID).PaymentStatus, stripe.CheckoutSessionPaymentStatusPaid)
	same(t, "events", hook.types(), []string{"transfer.created", "application_fee.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.async_payment_succeeded"})
	b.holds(seller, "eur", 1900)
	ch := b.charge(now)
	want(t, "paid by", ch.PaymentMethodDetails.Type, stripe.ChargePaymentMethodDetailsTypeSEPADebit)
	want(t, "last digits", ch.PaymentMethodDetails.SEPADebit.Last4, "3000")
}

func TestDebitThatFails(t *testing.T) {
	b := setup(t)
	hook := b.listen(false, "checkout.session.async_payment_failed", "payment_intent.payment_failed", "checkout.session.expired")
	s := b.open(b.euros(b.seller()))
	b.pay(s, bankForm("sepa_debit", badIBAN))
	b.ok(b.control.Advance(b.ctx, 25*time.Hour)) // past the session's own end too
	now := b.getSession(s.ID)
	want(t, "status", now.Status, stripe.CheckoutSessionStatusComplete)
	want(t, "payment status", now.PaymentStatus, stripe.CheckoutSessionPaymentStatusUnpaid)
	want(t, "payment", now.PaymentIntent.Status, stripe.PaymentIntentStatusRequiresPaymentMethod)
	same(t, "events", hook.types(), []string{"payment_intent.payment_failed", "checkout.session.async_payment_failed"})
	_, err := b.stripe.Refunds.New(&stripe.RefundParams{PaymentIntent: stripe.String(now.PaymentIntent.ID)})
	invalid(t, err, "")
	b.holds("", "eur", 0)
}

// A bank that never answers is ended by hand, once.
func TestSettleByHand(t *testing.T) {
	b := setup(t)
	for _, well := range []bool{true, false} {
		p := b.ticket("")
		p.PaymentMethodTypes = stripe.StringSlice([]string{"us_bank_account"})
		s := b.open(p)
		b.pay(s, bankForm("us_bank_account", silentBank))
		b.ok(b.control.Advance(b.ctx, 14*24*time.Hour))
		pi := b.getSession(s.ID).PaymentIntent
		want(t, "after two weeks", pi.Status, stripe.PaymentIntentStatusProcessing)
		b.ok(b.control.Settle(b.ctx, pi.ID, well))
		paid := map[bool]stripe.CheckoutSessionPaymentStatus{true: "paid", false: "unpaid"}
		want(t, "payment status", b.getSession(s.ID).PaymentStatus, paid[well])
		if err := b.control.Settle(b.ctx, pi.ID, well); err == nil {
			t.Error("it was settled twice")
		}
	}
}

func TestRefundOfDebitTakesItsTime(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	s := b.open(b.euros(seller))
	b.pay(s, bankForm("sepa_debit", goodIBAN))
	b.ok(b.control.Advance(b.ctx, 5*time.Minute))
	r, err := b.stripe.Refunds.New(&stripe.RefundParams{PaymentIntent: stripe.String(b.getSession(s.ID).PaymentIntent.ID),
		ReverseTransfer: stripe.Bool(true), RefundApplicationFee: stripe.Bool(true)})
	b.ok(err)
	want(t, "status", r.Status, stripe.RefundStatusPending)
	b.ok(b.control.Advance(b.ctx, 5*time.Minute))
	r, err = b.stripe.Refunds.Get(r.ID, nil)
	b.ok(err)
	want(t, "later", r.Status, stripe.RefundStatusSucceeded)
	b.holds(seller, "eur", 0)
}

func TestWrongAccountNumber(t *testing.T) {
	b := setup(t)
	s := b.open(b.euros(b.seller()))
	want(t, "page", b.browse(s.URL, bankForm("sepa_debit", "DE00")).status, http.StatusUnprocessableEntity)
	b.pay(s, cardForm(goodCard)) // the card beside it works
}
