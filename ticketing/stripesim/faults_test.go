package stripesim_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"salon/ticketing/stripesim"
)

const sessions = "POST /v1/checkout/sessions"

func (b *bundle) fail(f stripesim.Fault) { b.t.Helper(); b.ok(b.control.Fail(b.ctx, f)) }

// count is how many sessions there are.
func (b *bundle) count() (n int) {
	b.t.Helper()
	list := b.stripe.CheckoutSessions.List(nil)
	for list.Next() {
		n++
	}
	b.ok(list.Err())
	return n
}

// An error is kept under the key, whether the request had its effect or not.
func TestErrors(t *testing.T) {
	b := setup(t)
	for name, c := range map[string]struct {
		after bool
		made  int
	}{"before": {false, 0}, "after": {true, 1}} {
		before := b.count()
		b.fail(stripesim.Fault{On: sessions, Kind: "error", After: c.after})
		for range 2 {
			_, err := b.stripe.CheckoutSessions.New(b.keyed(name))
			refused(t, err, http.StatusInternalServerError, stripe.ErrorTypeAPI, "")
		}
		want(t, name+": sessions made", b.count()-before, c.made)
	}
	b.open(b.keyed("another"))
}

// A connection that ends without an answer: the same key tells what happened.
func TestDrops(t *testing.T) {
	b := setup(t)
	for name, c := range map[string]struct {
		after    bool
		made     int
		replayed string
	}{"before": {false, 0, ""}, "after": {true, 1, "true"}} {
		before := b.count()
		b.fail(stripesim.Fault{On: sessions, Kind: "drop", After: c.after})
		_, err := b.stripe.CheckoutSessions.New(b.keyed(name))
		var answered *stripe.Error
		if err == nil || errors.As(err, &answered) {
			t.Fatalf("%s: it was answered: %v", name, err)
		}
		want(t, name+": sessions made", b.count()-before, c.made)
		s := b.open(b.keyed(name))
		want(t, name+": replayed", s.LastResponse.Header.Get("Idempotent-Replayed"), c.replayed)
		want(t, name+": sessions in the end", b.count()-before, 1)
	}
}

// A client that gives up waiting: before the effect there is none, after it there is.
func TestTimeouts(t *testing.T) {
	b := setup(t)
	for name, c := range map[string]struct {
		after bool
		made  int
	}{"before": {false, 0}, "after": {true, 1}} {
		before := b.count()
		b.fail(stripesim.Fault{On: sessions, Kind: "hold", After: c.after})
		ctx, cancel := context.WithCancel(b.ctx)
		gaveUp := make(chan error, 1)
		go func() {
			p := b.keyed(name)
			p.Context = ctx
			_, err := b.stripe.CheckoutSessions.New(p)
			gaveUp <- err
		}()
		b.ok(b.control.AwaitHeld(b.ctx, 1))
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: %v", name, err)
		}
		want(t, name+": sessions made", b.count()-before, c.made)
	}
}

// A held answer comes when it is released, with its effect.
func TestHeld(t *testing.T) {
	b := setup(t)
	for _, after := range []bool{false, true} {
		before := b.count()
		b.fail(stripesim.Fault{On: sessions, Kind: "hold", After: after})
		done := make(chan error, 1)
		go func() {
			_, err := b.stripe.CheckoutSessions.New(b.ticket(""))
			done <- err
		}()
		b.ok(b.control.AwaitHeld(b.ctx, 1))
		want(t, "made while held", b.count()-before, map[bool]int{false: 0, true: 1}[after])
		b.ok(b.control.ReleaseHeld(b.ctx))
		b.ok(<-done)
		want(t, "made", b.count()-before, 1)
	}
}

func TestWhichRequestsFail(t *testing.T) {
	b := setup(t)
	b.fail(stripesim.Fault{On: sessions, Kind: "error", Skip: 1, Times: 2})
	var got []bool
	for range 5 {
		_, err := b.stripe.CheckoutSessions.New(b.ticket(""))
		got = append(got, err == nil)
	}
	want(t, "how they went", [5]bool(got), [5]bool{true, false, false, true, true})

	b.fail(stripesim.Fault{On: "POST *", Kind: "error"})
	_ = b.count() // reads pass
	_, err := b.stripe.Accounts.New(&stripe.AccountParams{Type: stripe.String("express")})
	refused(t, err, http.StatusInternalServerError, stripe.ErrorTypeAPI, "")

	b.fail(stripesim.Fault{On: "GET /v1/checkout/sessions/{id}", Kind: "error", Times: 1000})
	s := b.open(b.ticket(""))
	_, err = b.stripe.CheckoutSessions.Get(s.ID, nil)
	refused(t, err, http.StatusInternalServerError, stripe.ErrorTypeAPI, "")
	b.ok(b.control.ClearFaults(b.ctx))
	_, err = b.stripe.CheckoutSessions.Get(s.ID, nil)
	b.ok(err)
	if b.control.Fail(b.ctx, stripesim.Fault{On: sessions, Kind: "explode"}) == nil {
		t.Error("an unknown fault was taken")
	}
}

// 429 comes before anything is done, and is not kept under the key.
func TestTooFast(t *testing.T) {
	b := setup(t)
	for kind, code := range map[string]stripe.ErrorCode{"rate_limit": stripe.ErrorCodeRateLimit, "lock_timeout": stripe.ErrorCodeLockTimeout} {
		before := b.count()
		b.fail(stripesim.Fault{On: sessions, Kind: kind})
		_, err := b.stripe.CheckoutSessions.New(b.keyed(kind))
		refused(t, err, http.StatusTooManyRequests, stripe.ErrorTypeInvalidRequest, code)
		want(t, "sessions made", b.count()-before, 0)
		b.open(b.keyed(kind))
	}
}

// The client repeats a lock timeout by itself, and nothing is done twice.
func TestClientRepeatsLockTimeouts(t *testing.T) {
	b := setup(t)
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{URL: stripe.String(b.sim.URL()), MaxNetworkRetries: stripe.Int64(2),
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}})
	backend.(*stripe.BackendImplementation).SetNetworkRetriesSleep(false)
	retrying := client.New(b.sim.Key(), &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
	b.fail(stripesim.Fault{On: sessions, Kind: "lock_timeout"})
	_, err := retrying.CheckoutSessions.New(b.ticket(""))
	b.ok(err)
	b.fail(stripesim.Fault{On: sessions, Kind: "drop", After: true})
	_, err = retrying.CheckoutSessions.New(b.ticket(""))
	b.ok(err)
	want(t, "sessions", b.count(), 2)
}

func TestWritesPerSecond(t *testing.T) {
	b := setup(t, func(c *stripesim.Config) { c.WritesPerSecond = 0.001 }) // the next comes after 1000 seconds
	b.open(b.ticket(""))
	_, err := b.stripe.CheckoutSessions.New(b.ticket(""))
	refused(t, err, http.StatusTooManyRequests, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeRateLimit)
	want(t, "reads pass", b.count(), 1)
	b.ok(b.control.Advance(b.ctx, 1001*time.Second))
	b.open(b.ticket(""))
}

// What cannot be done is said to be so, not passed over.
func TestControlsAreChecked(t *testing.T) {
	b := setup(t)
	wrong := &stripesim.Control{URL: b.sim.URL(), Key: "sk_test_other"}
	for name, err := range map[string]error{
		"another key":            wrong.ClearFaults(b.ctx),
		"back in time":           b.control.Advance(b.ctx, -time.Second),
		"no such account":        b.control.Onboard(b.ctx, "acct_none", "finish"),
		"no such outcome":        b.control.Onboard(b.ctx, b.account(), "win"),
		"no such status":         b.control.SetCapability(b.ctx, b.account(), "transfers", "great"),
		"no such payment":        b.control.Settle(b.ctx, "pi_none", true),
		"no such refund":         b.control.FinishRefund(b.ctx, "re_none", true),
		"no such charge":         second(b.control.Dispute(b.ctx, "ch_none", 0, "fraudulent")),
		"no such dispute":        b.control.CloseDispute(b.ctx, "dp_none", true),
		"no such endpoint":       second(b.control.RollSecret(b.ctx, "we_none")),
		"nothing to be paid out": second(b.control.PayOut(b.ctx, "", "usd")),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
