package stripepay

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"salon/ticketing"
)

// Payment reads a payment with everything that hangs on it: in one answer, so
// that its parts are of one moment; disputes, which are rare, in another.
func (c *Client) Payment(ctx context.Context, id string) (ticketing.Payment, error) {
	p := &stripe.PaymentIntentParams{}
	p.Context = ctx
	for _, part := range []string{"balance_transaction", "application_fee", "transfer"} {
		p.AddExpand("latest_charge." + part)
	}
	pi, err := c.api.PaymentIntents.Get(id, p)
	if err != nil {
		return ticketing.Payment{}, asked(err)
	}
	out := paymentOf(pi)
	if !out.Disputed {
		return out, nil
	}
	return out, c.addDisputes(ctx, &out)
}

func paymentOf(pi *stripe.PaymentIntent) ticketing.Payment {
	p := ticketing.Payment{ID: pi.ID, Status: statusOf(pi), Amount: pi.AmountReceived, Currency: string(pi.Currency), Fee: pi.ApplicationFeeAmount}
	if pi.TransferData != nil && pi.TransferData.Destination != nil {
		p.Destination = pi.TransferData.Destination.ID
	}
	charge := pi.LatestCharge
	if charge == nil {
		return p
	}
	p.Charge, p.Refunded, p.Disputed = charge.ID, charge.AmountRefunded, charge.Disputed
	if charge.ApplicationFee != nil {
		p.FeeRefunded = charge.ApplicationFee.AmountRefunded
	}
	if charge.Transfer != nil {
		p.Reversed = charge.Transfer.AmountReversed
	}
	if took := charge.BalanceTransaction; took != nil {
		p.Processing = &ticketing.Processing{Amount: took.Fee, Currency: string(took.Currency)}
	}
	return p
}

// statusOf is what became of the payment. After an attempt that failed it is for
// the session to say whether another can follow: an open one takes it.
func statusOf(pi *stripe.PaymentIntent) ticketing.PaymentStatus {
	switch {
	case pi.Status == stripe.PaymentIntentStatusSucceeded:
		return ticketing.PaymentSucceeded
	case pi.Status == stripe.PaymentIntentStatusCanceled:
		return ticketing.PaymentFailed
	case pi.Status == stripe.PaymentIntentStatusRequiresPaymentMethod && pi.LastPaymentError != nil:
		return ticketing.PaymentFailed
	}
	return ticketing.PaymentPending
}
