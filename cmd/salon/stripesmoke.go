package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"salon/ticketing"
	"salon/ticketing/stripepay"
)

// stripeSmokeCommand goes once through everything we ask of Stripe, in test
// mode, so that an account that is set up otherwise than we believe is found
// before anybody buys.
type stripeSmokeCommand struct {
	stripeSettings
	Account  string        `placeholder:"acct_…" help:"A host's account at Stripe. Without it one is made, and the address printed at which it is set up."`
	Currency string        `default:"usd" help:"What to pay in."`
	Wait     time.Duration `default:"15m" help:"How long to wait for you at Stripe's pages."`

	out io.Writer // of what is found; nil: standard output
	url string    // of Stripe's API; "" is Stripe itself
}

// Validate is called by kong.
func (c *stripeSmokeCommand) Validate() error {
	if c.StripeKey == "" || stripepay.Live(c.StripeKey) {
		return errors.New("--stripe-key must be a key of test mode: this sells, pays and refunds")
	}
	if ticketing.Smallest(c.Currency) == 0 {
		return fmt.Errorf("there are no prices in %q", c.Currency)
	}
	return c.check()
}

// smokeEvery is how often Stripe is asked whether the person is through.
const smokeEvery = 2 * time.Second

// Run prints a line for each step that is as it must be, and ends at the first
// that is not.
func (c *stripeSmokeCommand) Run(ctx context.Context) error {
	if c.out == nil {
		c.out = os.Stdout
	}
	if c.StripeMark == "" {
		c.StripeMark = "salon smoke " + uuid.NewString()
	}
	ctx, cancel := context.WithTimeout(ctx, c.Wait)
	defer cancel()
	at := stripepay.New(stripepay.Config{Key: c.StripeKey, URL: c.url, Mark: c.StripeMark, Methods: []string{"card"}})
	host, err := c.seller(ctx, at)
	if err != nil {
		return err
	}
	if err := c.unpaid(ctx, at, host); err != nil {
		return err
	}
	return c.paidAndBack(ctx, at, host)
}

// seller returns an account that can be paid.
func (c *stripeSmokeCommand) seller(ctx context.Context, at *stripepay.Client) (string, error) {
	if c.Account == "" {
		id, err := at.CreateAccount(ctx, uuid.NewString(), ticketing.NewAccount{Host: uuid.New()})
		if err != nil {
			return "", fmt.Errorf("make an account: %w", err)
		}
		url, err := at.AccountLink(ctx, id, ticketing.LinkTo{Return: "https://example.org/", Refresh: "https://example.org/"})
		if err != nil {
			return "", fmt.Errorf("make an account link: %w", err)
		}
		c.Account = id
		c.say("made account %s\n   set it up at %s", id, url)
	}
	err := c.until(ctx, func() (bool, error) {
		a, err := at.Account(ctx, c.Account)
		return a.CanSell(), err
	})
	if err != nil {
		return "", fmt.Errorf("account %s cannot be paid: %w", c.Account, err)
	}
	c.say("account %s can be paid", c.Account)
	return c.Account, nil
}

// checkout is the smallest sale in the currency, with a fee.
func (c *stripeSmokeCommand) checkout(host string) ticketing.Checkout {
	amount := 2 * ticketing.Smallest(c.Currency)
	return ticketing.Checkout{
		Order: uuid.New(), Offer: uuid.New(), Buyer: uuid.New(), Title: "Smoke test", Amount: amount, Currency: c.Currency, Fee: amount / 10,
		Destination: host, ExpiresAt: time.Now().Add(time.Hour), SuccessURL: "https://example.org/", CancelURL: "https://example.org/",
	}
}

// unpaid opens a checkout, twice under one key, and ends it.
func (c *stripeSmokeCommand) unpaid(ctx context.Context, at *stripepay.Client, host string) error {
	sale, key := c.checkout(host), uuid.NewString()
	first, err := at.CreateSession(ctx, key, sale)
	if err != nil {
		return fmt.Errorf("open a checkout: %w", err)
	}
	again, err := at.CreateSession(ctx, key, sale)
	if err != nil || again.ID != first.ID {
		return fmt.Errorf("the same key made %s and %s: %w", first.ID, again.ID, err)
	}
	ended, err := at.ExpireSession(ctx, first.ID)
	if err != nil || ended.Status != ticketing.SessionExpired {
		return fmt.Errorf("checkout %s is %s after it was ended: %w", first.ID, ended.Status, err)
	}
	c.say("checkout %s was opened once by two calls, and ended", first.ID)
	return nil
}

// paidAndBack sells for a fee and gives everything back.
func (c *stripeSmokeCommand) paidAndBack(ctx context.Context, at *stripepay.Client, host string) error {
	sale := c.checkout(host)
	session, err := at.CreateSession(ctx, uuid.NewString(), sale)
	if err != nil {
		return fmt.Errorf("open a checkout: %w", err)
	}
	c.say("checkout %s\n   pay it with a test card, such as 4242 4242 4242 4242, at %s", session.ID, session.URL)
	err = c.until(ctx, func() (bool, error) {
		session, err = at.Session(ctx, session.ID)
		return session.Paid, err
	})
	if err != nil {
		return fmt.Errorf("checkout %s is not paid: %w", session.ID, err)
	}
	payment, err := c.payment(ctx, at, session.Payment, func(p ticketing.Payment) bool { return p.Processing != nil })
	if err != nil {
		return err
	}
	if payment.Amount != sale.Amount || payment.Fee != sale.Fee || payment.Destination != host {
		return fmt.Errorf("asked for %d with a fee of %d to %s, got %+v", sale.Amount, sale.Fee, host, payment)
	}
	c.say("payment %s: %d %s to %s, fee %d; Stripe kept %d %s", payment.ID, payment.Amount, payment.Currency, host, payment.Fee, payment.Processing.Amount, payment.Processing.Currency)
	if _, err := at.Refund(ctx, uuid.NewString(), ticketing.NewRefund{Refund: uuid.New(), Payment: payment.ID, Amount: payment.Amount}); err != nil {
		return fmt.Errorf("refund: %w", err)
	}
	payment, err = c.payment(ctx, at, payment.ID, func(p ticketing.Payment) bool { return p.Refunded == p.Amount })
	if err != nil {
		return err
	}
	if payment.FeeRefunded != payment.Fee || payment.Reversed != payment.Amount {
		return fmt.Errorf("of %d refunded, %d came from the host and %d of the fee of %d went back", payment.Refunded, payment.Reversed, payment.FeeRefunded, payment.Fee)
	}
	c.say("all of it was refunded, with the host's part and the fee")
	return nil
}

// payment reads a payment until it is as asked.
func (c *stripeSmokeCommand) payment(ctx context.Context, at *stripepay.Client, id string, as func(ticketing.Payment) bool) (p ticketing.Payment, err error) {
	err = c.until(ctx, func() (bool, error) {
		p, err = at.Payment(ctx, id)
		return as(p), err
	})
	if err != nil {
		err = fmt.Errorf("payment %s: %w", id, err)
	}
	return p, err
}

// until asks again and again. Nothing at Stripe tells this command.
func (c *stripeSmokeCommand) until(ctx context.Context, done func() (bool, error)) error {
	for {
		ok, err := done()
		if err != nil || ok {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(smokeEvery):
		}
	}
}

func (c *stripeSmokeCommand) say(format string, args ...any) {
	fmt.Fprintln(c.out, "ok", strings.TrimSpace(fmt.Sprintf(format, args...)))
}
