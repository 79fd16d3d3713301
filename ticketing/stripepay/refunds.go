package stripepay

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"

	"salon/ticketing"
)

// Refund gives money back, and takes it from host and fee in proportion: without
// both the platform would pay for the host. Stripe refuses to take back a fee
// where none was taken.
func (c *Client) Refund(ctx context.Context, key string, n ticketing.NewRefund) (ticketing.Refund, error) {
	payment, err := c.Payment(ctx, n.Payment)
	if err != nil {
		return ticketing.Refund{}, err
	}
	p := &stripe.RefundParams{PaymentIntent: stripe.String(n.Payment), Amount: stripe.Int64(n.Amount), ReverseTransfer: stripe.Bool(true),
		Metadata: c.marked(map[string]uuid.UUID{refundKey: n.Refund})}
	if payment.Fee > 0 {
		p.RefundApplicationFee = stripe.Bool(true)
	}
	p.Context = ctx
	p.SetIdempotencyKey(key)
	r, err := c.api.Refunds.New(p)
	if err != nil {
		return ticketing.Refund{}, made(err)
	}
	return c.refund(r), nil
}

// RecentRefunds lists the refunds that were made since then, by whomever.
func (c *Client) RecentRefunds(ctx context.Context, since time.Time) ([]ticketing.Refund, error) {
	p := &stripe.RefundListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	p.Context = ctx
	p.Limit = stripe.Int64(pageSize)
	var all []ticketing.Refund
	list := c.api.Refunds.List(p)
	for list.Next() {
		all = append(all, c.refund(list.Refund()))
	}
	return all, asked(list.Err())
}

func (c *Client) refund(r *stripe.Refund) ticketing.Refund {
	out := ticketing.Refund{ID: r.ID, Refund: c.id(r.Metadata, refundKey), Amount: r.Amount, Status: ticketing.RefundPending}
	if r.PaymentIntent != nil {
		out.Payment = r.PaymentIntent.ID
	}
	switch r.Status {
	case stripe.RefundStatusSucceeded:
		out.Status = ticketing.RefundSucceeded
	case stripe.RefundStatusFailed, stripe.RefundStatusCanceled:
		out.Status = ticketing.RefundFailed
	}
	return out
}
