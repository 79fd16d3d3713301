package stripesim_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stripe/stripe-go/v76"
)

const races = 100

// Two browsers confirm one session: one pays, and one charge is made.
func TestTwoConfirms(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	for range races {
		s := b.open(b.ticket(seller))
		var all sync.WaitGroup
		results := make(chan int, 2)
		for range 2 {
			all.Go(func() { results <- b.browse(s.URL, cardForm(goodCard)).status })
		}
		all.Wait()
		close(results)
		paid := 0
		for status := range results {
			if status == http.StatusSeeOther {
				paid++
			}
		}
		want(t, "browsers that paid", paid, 1)
	}
	charges := 0
	list := b.stripe.Charges.List(nil)
	for list.Next() {
		charges++
	}
	b.ok(list.Err())
	want(t, "charges", charges, races)
	b.holds(seller, "usd", races*1900)
}

// A session is paid and expired at once: exactly one of the two happens.
func TestExpireAgainstPay(t *testing.T) {
	b := setup(t)
	paid, expired := 0, 0
	for range races {
		s := b.open(b.ticket(""))
		var all sync.WaitGroup
		var page answer
		var err error
		all.Go(func() { page = b.browse(s.URL, cardForm(goodCard)) })
		all.Go(func() { _, err = b.stripe.CheckoutSessions.Expire(s.ID, nil) })
		all.Wait()
		now := b.getSession(s.ID)
		switch {
		case page.status == http.StatusSeeOther && err != nil:
			want(t, "status", now.Status, stripe.CheckoutSessionStatusComplete)
			paid++
		case page.status == http.StatusGone && err == nil:
			want(t, "status", now.Status, stripe.CheckoutSessionStatusExpired)
			if now.PaymentIntent != nil {
				t.Error("an expired session has a payment")
			}
			expired++
		default:
			t.Fatalf("both or neither: page %d, expire %v", page.status, err)
		}
	}
	t.Logf("%d paid, %d expired", paid, expired)
	b.holds("", "usd", int64(paid)*1912)
}

// Two refunds of everything at once: one happens.
func TestTwoRefunds(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	for range races / 5 {
		s := b.sold(seller)
		var all sync.WaitGroup
		errs := make(chan error, 4)
		for range 4 {
			all.Go(func() {
				_, err := b.stripe.Refunds.New(&stripe.RefundParams{PaymentIntent: stripe.String(s.PaymentIntent.ID), ReverseTransfer: stripe.Bool(true), RefundApplicationFee: stripe.Bool(true)})
				errs <- err
			})
		}
		all.Wait()
		close(errs)
		done := 0
		for err := range errs {
			if err == nil {
				done++
			} else {
				invalid(t, err, stripe.ErrorCodeChargeAlreadyRefunded)
			}
		}
		want(t, "refunds", done, 1)
	}
	b.holds(seller, "usd", 0)
	b.holds("", "usd", -88*races/5) // what Stripe keeps
}
