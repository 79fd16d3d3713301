package stripepay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"salon/ticketing"
	"salon/ticketing/stripepay"
	"salon/ticketing/stripesim"
)

const createsSession = "POST /v1/checkout/sessions"

// What goes wrong with a call that makes something, by what the domain may do
// about it: each from what the simulator answers as Stripe does.
func TestErrorsOfWhatIsMade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault stripesim.Fault
		want  error // nil: none of the four
		made  int   // sessions there are then
		again error // with the same key; nil: it works
	}{
		"too fast":         {stripesim.Fault{Kind: "rate_limit"}, ticketing.ErrTryAgain, 0, nil},
		"locked":           {stripesim.Fault{Kind: "lock_timeout"}, ticketing.ErrTryAgain, 0, nil},
		"500 before":       {stripesim.Fault{Kind: "error"}, ticketing.ErrKeySpent, 0, ticketing.ErrKeySpent},
		"500 after":        {stripesim.Fault{Kind: "error", After: true}, ticketing.ErrKeySpent, 1, ticketing.ErrKeySpent},
		"no answer before": {stripesim.Fault{Kind: "drop"}, nil, 0, nil},
		"no answer after":  {stripesim.Fault{Kind: "drop", After: true}, nil, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := simulated(t)
			request := w.checkout(w.seller())
			c.fault.On = createsSession
			w.must(w.control.Fail(w.ctx, c.fault))
			_, err := w.afresh().CreateSession(w.ctx, "key", request)
			checkKind(t, "first", err, c.want)
			w.must(w.control.ClearFaults(w.ctx))
			all, err := w.pay.RecentSessions(w.ctx, time.Now().Add(-time.Hour))
			if err != nil || len(all) != c.made {
				t.Errorf("%d sessions, want %d: %v", len(all), c.made, err)
			}
			s, err := w.pay.CreateSession(w.ctx, "key", request)
			if c.again != nil {
				checkKind(t, "again", err, c.again)
			} else if err != nil || s.Order != request.Order || c.made == 1 && s.ID != all[0].ID {
				t.Errorf("again: %+v %v", s, err)
			}
		})
	}
}

// checkKind wants one of the four, or with nil an error that is none of them.
func checkKind(t *testing.T, what string, err, want error) {
	t.Helper()
	for _, kind := range []error{ticketing.ErrTryAgain, ticketing.ErrRefused, ticketing.ErrKeySpent, ticketing.ErrUnknown} {
		if err == nil || errors.Is(err, kind) != (kind == want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
}

// What Stripe says no to, whoever asks how often.
func TestRefusals(t *testing.T) {
	t.Parallel()
	w := simulated(t)
	seller := w.seller()
	request := w.checkout(seller)
	create := func(key string, change func(*ticketing.Checkout)) error {
		one := request
		change(&one)
		_, err := w.pay.CreateSession(w.ctx, key, one)
		return err
	}
	checkKind(t, "a seller who is nobody", create("1", func(c *ticketing.Checkout) { c.Destination = "acct_nobody" }), ticketing.ErrRefused)
	checkKind(t, "too little", create("2", func(c *ticketing.Checkout) { c.Amount, c.Fee = 1, 0 }), ticketing.ErrRefused)
	checkKind(t, "a fee above the price", create("3", func(c *ticketing.Checkout) { c.Fee = 2001 }), ticketing.ErrRefused)
	checkKind(t, "a request that lay too long", create("4", func(c *ticketing.Checkout) { c.ExpiresAt = time.Now().Add(29 * time.Minute) }), ticketing.ErrKeySpent)
	w.must(create("5", func(*ticketing.Checkout) {}))
	checkKind(t, "a key with another request", create("5", func(c *ticketing.Checkout) { c.Amount = 1999 }), ticketing.ErrKeySpent)
	_, err := w.pay.Refund(w.ctx, "6", ticketing.NewRefund{Refund: uuid.New(), Payment: "pi_nobody", Amount: 1})
	checkKind(t, "a payment that is nobody's", err, ticketing.ErrUnknown)
	paid := w.sold(seller)
	_, err = w.pay.Refund(w.ctx, "7", ticketing.NewRefund{Refund: uuid.New(), Payment: paid.Payment, Amount: 2001})
	checkKind(t, "more than was paid", err, ticketing.ErrRefused)
	_, err = w.pay.Session(w.ctx, "cs_test_nobody")
	checkKind(t, "no session", err, ticketing.ErrUnknown)
	_, err = w.pay.Payment(w.ctx, "pi_nobody")
	checkKind(t, "no payment", err, ticketing.ErrUnknown)
	_, err = w.pay.AccountLink(w.ctx, "acct_nobody", ticketing.LinkTo{Return: "https://salon.example", Refresh: "https://salon.example"})
	checkKind(t, "no account to link", err, ticketing.ErrUnknown)
	w.must(w.control.Fail(w.ctx, stripesim.Fault{On: "GET *", Kind: "error"}))
	_, err = w.pay.Session(w.ctx, paid.ID)
	checkKind(t, "500 to a question", err, nil)
	stranger := stripepay.New(stripepay.Config{Key: "sk_test_wrong", URL: w.sim.URL(), Mark: "salon.example"})
	_, err = stranger.CreateSession(w.ctx, "8", request)
	checkKind(t, "a wrong key of ours", err, ticketing.ErrTryAgain)
}

// A key that is in use at this moment is free again when the other call is done.
func TestAKeyInUse(t *testing.T) {
	t.Parallel()
	w := simulated(t)
	request := w.checkout(w.seller())
	w.must(w.control.Fail(w.ctx, stripesim.Fault{On: createsSession, Kind: "hold"}))
	done := make(chan error, 1)
	go func() {
		_, err := w.pay.CreateSession(w.ctx, "key", request)
		done <- err
	}()
	w.must(w.control.AwaitHeld(w.ctx, 1))
	_, err := w.pay.CreateSession(w.ctx, "key", request)
	checkKind(t, "meanwhile", err, ticketing.ErrTryAgain)
	w.must(w.control.ReleaseHeld(w.ctx))
	w.must(<-done)
	w.open(request) // another key, another session: keys are all that makes calls one
}

// Whoever gives up on an answer does not know what was done.
func TestAnAnswerNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	w := simulated(t)
	request := w.checkout(w.seller())
	w.must(w.control.Fail(w.ctx, stripesim.Fault{On: createsSession, Kind: "hold", After: true}))
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() {
		_, err := w.pay.CreateSession(ctx, "key", request)
		done <- err
	}()
	w.must(w.control.AwaitHeld(w.ctx, 1))
	cancel()
	checkKind(t, "given up", <-done, nil)
	s, err := w.pay.CreateSession(w.ctx, "key", request)
	if err != nil || s.Order != request.Order {
		t.Errorf("%+v %v", s, err)
	}
}

// What stands in front of Stripe fails in its own words. The key does not know
// of it, unless Stripe itself repeats it.
func TestFailuresInFrontOfStripe(t *testing.T) {
	t.Parallel()
	const problem = `{"error": {"type": "api_error", "message": "no"}}`
	for name, c := range map[string]struct {
		status   int
		body     string
		replayed bool
		want     error
	}{
		"a page":                {http.StatusBadGateway, "<html>Bad gateway</html>", false, nil},
		"a page with 500":       {http.StatusInternalServerError, "<html>Oops</html>", false, nil},
		"not now":               {http.StatusServiceUnavailable, problem, false, nil},
		"not now, said again":   {http.StatusServiceUnavailable, problem, true, ticketing.ErrKeySpent},
		"Stripe's own":          {http.StatusInternalServerError, problem, false, ticketing.ErrKeySpent},
		"a page with 400":       {http.StatusBadRequest, "<html>Bad request</html>", false, nil},
		"not allowed to a key":  {http.StatusForbidden, problem, false, ticketing.ErrRefused},
		"an answer of nonsense": {http.StatusOK, "<html>Welcome</html>", false, nil},
	} {
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Idempotent-Replayed", fmt.Sprint(c.replayed))
			w.WriteHeader(c.status)
			_, _ = strings.NewReader(c.body).WriteTo(w)
		}))
		pay := stripepay.New(stripepay.Config{Key: "sk_test_1", URL: front.URL})
		_, err := pay.CreateAccount(t.Context(), "key", ticketing.NewAccount{})
		checkKind(t, name, err, c.want)
		front.Close()
	}
}
