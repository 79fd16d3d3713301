package stripepay

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"

	"salon/ticketing"
)

// pageSize is how many things Stripe lists in one answer at most.
const pageSize = 100

// CreateSession asks for a page at which an order is paid.
func (c *Client) CreateSession(ctx context.Context, key string, n ticketing.Checkout) (ticketing.Session, error) {
	p := c.checkout(n)
	p.Context = ctx
	p.SetIdempotencyKey(key)
	s, err := c.api.CheckoutSessions.New(p)
	if err != nil {
		return ticketing.Session{}, made(err)
	}
	return c.session(s), nil
}

// checkout is the request. It follows from the stored one alone, because Stripe
// refuses a key that comes with another.
func (c *Client) checkout(n ticketing.Checkout) *stripe.CheckoutSessionParams {
	marked := c.marked(map[string]uuid.UUID{orderKey: n.Order, offerKey: n.Offer, buyerKey: n.Buyer})
	p := &stripe.CheckoutSessionParams{
		Mode: stripe.String(string(stripe.CheckoutSessionModePayment)), ClientReferenceID: stripe.String(n.Order.String()), Metadata: marked,
		SuccessURL: stripe.String(n.SuccessURL), CancelURL: stripe.String(n.CancelURL), ExpiresAt: stripe.Int64(n.ExpiresAt.Unix()),
		LineItems: []*stripe.CheckoutSessionLineItemParams{{Quantity: stripe.Int64(1), PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
			Currency: stripe.String(n.Currency), UnitAmount: stripe.Int64(n.Amount),
			ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String(n.Title)}}}},
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{
			TransferData:  &stripe.CheckoutSessionPaymentIntentDataTransferDataParams{Destination: stripe.String(n.Destination)},
			TransferGroup: stripe.String(n.Order.String()), Metadata: marked},
	}
	if n.Fee > 0 { // Stripe takes no fee of 0
		p.PaymentIntentData.ApplicationFeeAmount = stripe.Int64(n.Fee)
	}
	switch {
	case n.CardsOnly:
		p.PaymentMethodTypes = stripe.StringSlice([]string{"card"})
	case len(c.config.Methods) > 0:
		p.PaymentMethodTypes = stripe.StringSlice(c.config.Methods)
	}
	return p
}

// Session reads a session.
func (c *Client) Session(ctx context.Context, id string) (ticketing.Session, error) {
	p := &stripe.CheckoutSessionParams{}
	p.Context = ctx
	s, err := c.api.CheckoutSessions.Get(id, p)
	if err != nil {
		return ticketing.Session{}, asked(err)
	}
	return c.session(s), nil
}

// ExpireSession ends an open session. Stripe refuses that of one that is over:
// then what it is is read.
func (c *Client) ExpireSession(ctx context.Context, id string) (ticketing.Session, error) {
	p := &stripe.CheckoutSessionExpireParams{}
	p.Context = ctx
	s, err := c.api.CheckoutSessions.Expire(id, p)
	if err == nil {
		return c.session(s), nil
	}
	if err = asked(err); !errors.Is(err, ticketing.ErrRefused) {
		return ticketing.Session{}, err
	}
	now, readErr := c.Session(ctx, id)
	if readErr != nil || now.Status == ticketing.SessionOpen {
		return now, errors.Join(err, readErr)
	}
	return now, nil
}

// RecentSessions lists the sessions of ours that were made since then.
func (c *Client) RecentSessions(ctx context.Context, since time.Time) ([]ticketing.Session, error) {
	p := &stripe.CheckoutSessionListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	p.Context = ctx
	p.Limit = stripe.Int64(pageSize)
	var all []ticketing.Session
	list := c.api.CheckoutSessions.List(p)
	for list.Next() {
		if s := c.session(list.CheckoutSession()); s.Order != uuid.Nil {
			all = append(all, s)
		}
	}
	return all, asked(list.Err())
}

func (c *Client) session(s *stripe.CheckoutSession) ticketing.Session {
	out := ticketing.Session{ID: s.ID, URL: s.URL, Status: ticketing.SessionStatus(s.Status),
		Paid:  s.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid,
		Order: c.id(s.Metadata, orderKey), Offer: c.id(s.Metadata, offerKey), Buyer: c.id(s.Metadata, buyerKey),
		Amount: s.AmountTotal, Currency: string(s.Currency), CreatedAt: time.Unix(s.Created, 0)}
	if s.PaymentIntent != nil {
		out.Payment = s.PaymentIntent.ID
	}
	return out
}
