package stripepay

import (
	"context"
	"time"

	"github.com/stripe/stripe-go/v76"

	"salon/ticketing"
)

// addDisputes adds what disputes took from the platform.
func (c *Client) addDisputes(ctx context.Context, p *ticketing.Payment) error {
	params := &stripe.DisputeListParams{PaymentIntent: stripe.String(p.ID)}
	params.Context = ctx
	list := c.api.Disputes.List(params)
	for list.Next() {
		withdrawn, fee := withdrawnBy(list.Dispute())
		p.Withdrawn, p.DisputeFee = p.Withdrawn+withdrawn, p.DisputeFee+fee
	}
	return asked(list.Err())
}

// RecentDisputes lists the disputes that were opened since then.
func (c *Client) RecentDisputes(ctx context.Context, since time.Time) ([]ticketing.Dispute, error) {
	p := &stripe.DisputeListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	p.Context = ctx
	p.Limit = stripe.Int64(pageSize)
	var all []ticketing.Dispute
	list := c.api.Disputes.List(p)
	for list.Next() {
		if d := list.Dispute(); d.PaymentIntent != nil {
			withdrawn, _ := withdrawnBy(d)
			all = append(all, ticketing.Dispute{Payment: d.PaymentIntent.ID, Withdrawn: withdrawn})
		}
	}
	return all, asked(list.Err())
}

// withdrawnBy is what a dispute took from the platform until now. The movements
// are in the currency of the platform's balance, so they only say whether it is
// gone; how much is in the dispute, which has the payment's currency.
func withdrawnBy(d *stripe.Dispute) (amount, fee int64) {
	moved := int64(0)
	for _, movement := range d.BalanceTransactions {
		moved += movement.Amount
		fee += movement.Fee
	}
	if moved < 0 {
		amount = d.Amount
	}
	return amount, fee
}
