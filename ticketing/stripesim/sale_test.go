package stripesim_test

import (
	"testing"

	"github.com/stripe/stripe-go/v76"
)

// A ticket is sold: what is left behind, to the cent, on both sides.
func TestSaleToTheCent(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	platform := b.listen(false, "*")
	s := b.sold(seller)

	want(t, "status", s.Status, stripe.CheckoutSessionStatusComplete)
	want(t, "payment status", s.PaymentStatus, stripe.CheckoutSessionPaymentStatusPaid)
	want(t, "url", s.URL, "")
	want(t, "reference", s.ClientReferenceID, "order-1")
	want(t, "buyer", s.CustomerDetails.Email, "noor@example.com")
	want(t, "line", s.LineItems.Data[0].Description, "Evening with Ana")
	pi := s.PaymentIntent
	want(t, "payment", pi.Status, stripe.PaymentIntentStatusSucceeded)
	want(t, "received", pi.AmountReceived, 2000)
	want(t, "metadata", pi.Metadata["order"], "1")

	ch := pi.LatestCharge
	want(t, "charge", ch.Status, stripe.ChargeStatusSucceeded)
	want(t, "processing fee", ch.BalanceTransaction.Fee, 88) // 2.9 % of 20.00 and 0.30
	want(t, "charge net", ch.BalanceTransaction.Net, 1912)
	transfer, err := b.stripe.Transfers.Get(ch.Transfer.ID, nil)
	b.ok(err)
	want(t, "transfer", transfer.Amount, 2000)
	want(t, "transfer's charge", transfer.SourceTransaction.ID, ch.ID)
	want(t, "transfer to", transfer.Destination.ID, seller)
	fee, err := b.stripe.ApplicationFees.Get(ch.ApplicationFee.ID, nil)
	b.ok(err)
	want(t, "fee", fee.Amount, 100)
	want(t, "fee's charge", fee.OriginatingTransaction.ID, ch.ID)
	want(t, "fee from", fee.Account.ID, seller)

	b.holds("", "usd", 1912-2000+100)
	b.holds(seller, "usd", 2000-100)
	same(t, "events", platform.types(), []string{"payment_intent.created", "transfer.created", "application_fee.created",
		"charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"})
}

// Everything a sale leaves behind is found from the others.
func TestSaleIsFoundAgain(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	b.sold(b.seller())
	s := b.sold(seller)
	pi, err := b.stripe.PaymentIntents.Get(s.PaymentIntent.ID, nil)
	b.ok(err)
	want(t, "payment's charge", pi.LatestCharge.ID, s.PaymentIntent.LatestCharge.ID)
	want(t, "payment to", pi.TransferData.Destination.ID, seller)
	intents := b.stripe.PaymentIntents.List(nil)
	want(t, "a payment", intents.Next(), true)
	want(t, "the latest payment", intents.PaymentIntent().ID, pi.ID)

	sessions := b.stripe.CheckoutSessions.List(&stripe.CheckoutSessionListParams{PaymentIntent: stripe.String(pi.ID)})
	want(t, "a session", sessions.Next(), true)
	want(t, "the payment's session", sessions.CheckoutSession().ID, s.ID)
	want(t, "another session", sessions.Next(), false)
	charges := b.stripe.Charges.List(&stripe.ChargeListParams{TransferGroup: stripe.String(pi.TransferGroup)})
	want(t, "a charge", charges.Next(), true)
	ch := charges.Charge()
	want(t, "the group's charge", ch.ID, pi.LatestCharge.ID)

	movement, err := b.stripe.BalanceTransactions.Get(ch.BalanceTransaction.ID, &stripe.BalanceTransactionParams{Expand: stripe.StringSlice([]string{"source"})})
	b.ok(err)
	want(t, "movement of", movement.Source.Charge.ID, ch.ID)
	movements := b.stripe.BalanceTransactions.List(&stripe.BalanceTransactionListParams{Source: stripe.String(ch.ID)})
	want(t, "a movement", movements.Next(), true)
	want(t, "the charge's movement", movements.BalanceTransaction().ID, movement.ID)

	transfer, err := b.stripe.Transfers.Update(ch.Transfer.ID, &stripe.TransferParams{Description: stripe.String("Seat 4"), Metadata: map[string]string{"seat": "4"}})
	b.ok(err)
	want(t, "description", transfer.Description, "Seat 4")
	fees := b.stripe.ApplicationFees.List(&stripe.ApplicationFeeListParams{Charge: stripe.String(transfer.DestinationPayment.ID)})
	want(t, "a fee", fees.Next(), true)
	want(t, "the payment's fee", fees.ApplicationFee().ID, ch.ApplicationFee.ID)

	b.refund(s, 1000)
	reversals := b.stripe.TransferReversals.List(&stripe.TransferReversalListParams{ID: stripe.String(transfer.ID)})
	want(t, "a reversal", reversals.Next(), true)
	want(t, "reversed", reversals.TransferReversal().Amount, 1000)
	back := b.stripe.FeeRefunds.List(&stripe.FeeRefundListParams{ID: stripe.String(ch.ApplicationFee.ID)})
	want(t, "a fee refund", back.Next(), true)
	want(t, "fee refunded", back.FeeRefund().Amount, 50)
}
