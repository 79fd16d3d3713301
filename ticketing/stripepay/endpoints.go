package stripepay

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/stripe/stripe-go/v76"
)

// Where events come in, below the server's address.
const (
	PlatformPath = "/webhooks/stripe"
	ConnectPath  = "/webhooks/stripe/connect"
)

// What the endpoints hear of. Of accounts it is known only that something
// changed: they are asked about whenever it matters.
var (
	platformEvents = []string{
		"checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
		"charge.refunded", "charge.refund.updated", "refund.created", "refund.updated",
		"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
	}
	connectEvents = []string{"account.updated", "account.application.deauthorized", "capability.updated"}
)

// ErrEndpoints says that there are endpoints of ours already. Stripe tells their
// secrets only once.
var ErrEndpoints = errors.New("stripe has webhook endpoints of this server already")

// MakeEndpoints makes the two endpoints at Stripe that tell this server of
// events, in the version of the API that we speak, and returns their secrets.
// What bears our mark is deleted first with replace, and refused without.
func (c *Client) MakeEndpoints(ctx context.Context, base *url.URL, replace bool) (s Secrets, err error) {
	old, err := c.endpoints(ctx)
	if err != nil {
		return s, err
	}
	if len(old) > 0 && !replace {
		return s, ErrEndpoints
	}
	for _, id := range old {
		p := &stripe.WebhookEndpointParams{}
		p.Context = ctx
		if _, err := c.api.WebhookEndpoints.Del(id, p); err != nil {
			return s, fmt.Errorf("delete endpoint %s: %w", id, err)
		}
	}
	platform, err := c.makeEndpoint(ctx, base.JoinPath(PlatformPath), platformEvents, false)
	if err != nil {
		return s, err
	}
	connect, err := c.makeEndpoint(ctx, base.JoinPath(ConnectPath), connectEvents, true)
	return Secrets{[]string{platform}, []string{connect}}, err
}

// endpoints are the ids of those that bear our mark.
func (c *Client) endpoints(ctx context.Context) (ids []string, err error) {
	p := &stripe.WebhookEndpointListParams{}
	p.Context = ctx
	p.Limit = stripe.Int64(pageSize)
	list := c.api.WebhookEndpoints.List(p)
	for list.Next() {
		if w := list.WebhookEndpoint(); w.Metadata[markKey] == c.config.Mark {
			ids = append(ids, w.ID)
		}
	}
	return ids, asked(list.Err())
}

func (c *Client) makeEndpoint(ctx context.Context, at *url.URL, events []string, connect bool) (secret string, err error) {
	p := &stripe.WebhookEndpointParams{URL: stripe.String(at.String()), EnabledEvents: stripe.StringSlice(events), Connect: stripe.Bool(connect),
		APIVersion: stripe.String(stripe.APIVersion), Metadata: c.marked(nil)}
	p.Context = ctx
	w, err := c.api.WebhookEndpoints.New(p)
	if err != nil {
		return "", fmt.Errorf("make endpoint %s: %w", at, err)
	}
	return w.Secret, nil
}
