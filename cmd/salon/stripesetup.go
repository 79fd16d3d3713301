package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"salon/ticketing/stripepay"
)

// stripeSetupCommand makes the webhook endpoints at Stripe, in the version of
// the API that this program speaks, which Stripe's dashboard cannot choose.
type stripeSetupCommand struct {
	stripeSettings
	PublicURL string `required:"" env:"SALON_PUBLIC_URL" help:"Where Stripe reaches the server, https://."`
	Replace   bool   `help:"Delete those that were made before, whose secrets nobody can read again."`
}

// Validate is called by kong.
func (c *stripeSetupCommand) Validate() error {
	if c.StripeKey == "" {
		return errors.New("--stripe-key is needed")
	}
	if u, err := url.Parse(c.PublicURL); err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("public URL %q must start with https:// and name a host: Stripe sends events to no other", c.PublicURL)
	}
	return c.check()
}

// Run makes the endpoints and prints their secrets as settings.
func (c *stripeSetupCommand) Run(ctx context.Context) error {
	public, err := url.Parse(c.PublicURL)
	if err != nil {
		return err
	}
	secrets, err := stripepay.New(stripepay.Config{Key: c.StripeKey, Mark: c.mark(public)}).MakeEndpoints(ctx, public, c.Replace)
	if errors.Is(err, stripepay.ErrEndpoints) {
		return fmt.Errorf("%w; --replace makes new ones in their place", err)
	}
	if err != nil {
		return err
	}
	fmt.Printf("STRIPE_WEBHOOK_SECRETS=%s\nSTRIPE_CONNECT_SECRETS=%s\n", secrets.Platform[0], secrets.Connect[0])
	return nil
}
