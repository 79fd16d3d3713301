package stripepay

import (
	"context"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"

	"salon/ticketing"
)

// CreateAccount makes an Express account: Stripe asks its owner who they are, and
// shows them what they are paid.
func (c *Client) CreateAccount(ctx context.Context, key string, n ticketing.NewAccount) (string, error) {
	p := &stripe.AccountParams{Type: stripe.String(string(stripe.AccountTypeExpress)), Capabilities: &stripe.AccountCapabilitiesParams{
		CardPayments: &stripe.AccountCapabilitiesCardPaymentsParams{Requested: stripe.Bool(true)},
		Transfers:    &stripe.AccountCapabilitiesTransfersParams{Requested: stripe.Bool(true)}},
		Metadata: c.marked(map[string]uuid.UUID{hostKey: n.Host})}
	if n.Country != "" {
		p.Country = stripe.String(n.Country)
	}
	p.Context = ctx
	p.SetIdempotencyKey(key)
	a, err := c.api.Accounts.New(p)
	if err != nil {
		return "", made(err)
	}
	return a.ID, nil
}

// AccountLink returns an address at which the account's owner is onboarded.
func (c *Client) AccountLink(ctx context.Context, account string, to ticketing.LinkTo) (string, error) {
	p := &stripe.AccountLinkParams{Account: stripe.String(account), Type: stripe.String(string(stripe.AccountLinkTypeAccountOnboarding)),
		ReturnURL: stripe.String(to.Return), RefreshURL: stripe.String(to.Refresh)}
	p.Context = ctx
	link, err := c.api.AccountLinks.New(p)
	if err != nil {
		return "", asked(err)
	}
	return link.URL, nil
}

// Account says what a connected account may do now.
func (c *Client) Account(ctx context.Context, id string) (ticketing.Account, error) {
	p := &stripe.AccountParams{}
	p.Context = ctx
	a, err := c.api.Accounts.GetByID(id, p)
	if err != nil {
		return ticketing.Account{}, asked(err)
	}
	out := ticketing.Account{ID: a.ID, ChargesEnabled: a.ChargesEnabled, PayoutsEnabled: a.PayoutsEnabled}
	if a.Capabilities != nil {
		out.Transfers = a.Capabilities.Transfers == stripe.AccountCapabilityStatusActive
	}
	if a.Requirements != nil {
		out.Due = a.Requirements.CurrentlyDue
	}
	return out, nil
}
