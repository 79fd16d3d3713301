package stripesim_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"salon/ticketing/stripesim"
)

func (b *bundle) keyed(key string) *stripe.CheckoutSessionParams {
	p := b.ticket("")
	p.ExpiresAt = stripe.Int64(time.Now().Truncate(time.Hour).Add(4 * time.Hour).Unix())
	p.SetIdempotencyKey(key)
	return p
}

func TestSameKeySameAnswer(t *testing.T) {
	b := setup(t)
	first := b.open(b.keyed("k"))
	again := b.open(b.keyed("k"))
	want(t, "session", again.ID, first.ID)
	h := again.LastResponse.Header
	want(t, "replayed", h.Get("Idempotent-Replayed"), "true")
	want(t, "original request", h.Get("Original-Request"), first.LastResponse.RequestID)
	want(t, "key", h.Get("Idempotency-Key"), "k")
	want(t, "first replayed", first.LastResponse.Header.Get("Idempotent-Replayed"), "")
	want(t, "same bytes", string(again.LastResponse.RawJSON), string(first.LastResponse.RawJSON))
	if other := b.open(b.keyed("k2")); other.ID == first.ID { // the control: another key is another session
		t.Error("another key gave the same session")
	}
}

func TestSameKeyOtherParams(t *testing.T) {
	b := setup(t)
	b.open(b.keyed("k"))
	p := b.keyed("k")
	p.LineItems[0].Quantity = stripe.Int64(2)
	_, err := b.stripe.CheckoutSessions.New(p)
	refused(t, err, http.StatusBadRequest, stripe.ErrorTypeIdempotency, "")
	_, err = b.stripe.Accounts.New(&stripe.AccountParams{Params: stripe.Params{IdempotencyKey: stripe.String("k")}, Type: stripe.String("express")})
	refused(t, err, http.StatusBadRequest, stripe.ErrorTypeIdempotency, "") // another endpoint
}

func TestKeyInUse(t *testing.T) {
	b := setup(t)
	b.ok(b.control.Fail(b.ctx, stripesim.Fault{On: "POST /v1/checkout/sessions", Kind: "hold"}))
	first := make(chan *stripe.CheckoutSession, 1)
	go func() {
		s, err := b.stripe.CheckoutSessions.New(b.keyed("k"))
		if err != nil {
			t.Error(err)
		}
		first <- s
	}()
	b.ok(b.control.AwaitHeld(b.ctx, 1))
	_, err := b.stripe.CheckoutSessions.New(b.keyed("k"))
	refused(t, err, http.StatusConflict, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeIdempotencyKeyInUse)
	b.ok(b.control.ReleaseHeld(b.ctx))
	want(t, "afterwards", b.open(b.keyed("k")).ID, (<-first).ID)
}

// Many at once under one key make one thing.
func TestOneKeyManyRequests(t *testing.T) {
	b := setup(t)
	var mu sync.Mutex
	made, inUse := map[string]int{}, 0
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			s, err := b.stripe.CheckoutSessions.New(b.keyed("k"))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				made[s.ID]++
			} else {
				refused(t, err, http.StatusConflict, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeIdempotencyKeyInUse)
				inUse++
			}
		})
	}
	all.Wait()
	want(t, "sessions", len(made), 1)
	t.Logf("%v sessions by 32 requests, %d of which found the key in use", len(made), inUse)
}

// Only an endpoint that began its work leaves an answer behind.
func TestWhichAnswersAreKept(t *testing.T) {
	b := setup(t)
	seller := b.account()
	bad := b.keyed("wrong")
	bad.Mode = stripe.String("subscription")
	_, err := b.stripe.CheckoutSessions.New(bad)
	invalid(t, err, "")
	b.open(b.keyed("wrong")) // mended: not kept

	refusedByState := func() *stripe.CheckoutSessionParams {
		p := b.keyed("state")
		p.PaymentIntentData.TransferData = &stripe.CheckoutSessionPaymentIntentDataTransferDataParams{Destination: stripe.String(seller)}
		return p
	}
	_, err = b.stripe.CheckoutSessions.New(refusedByState())
	invalid(t, err, "insufficient_capabilities_for_transfer")
	b.ok(b.control.Onboard(b.ctx, seller, "finish"))
	_, err = b.stripe.CheckoutSessions.New(refusedByState())
	invalid(t, err, "insufficient_capabilities_for_transfer") // kept
	p := refusedByState()
	p.SetIdempotencyKey("fresh")
	b.open(p)
}

func TestKeysAreForgottenAfterADay(t *testing.T) {
	b := setup(t)
	account := func() string {
		a, err := b.stripe.Accounts.New(&stripe.AccountParams{Params: stripe.Params{IdempotencyKey: stripe.String("k")}, Type: stripe.String("express")})
		b.ok(err)
		return a.ID
	}
	first := account()
	b.ok(b.control.Advance(b.ctx, 24*time.Hour-time.Minute))
	want(t, "within a day", account(), first)
	b.ok(b.control.Advance(b.ctx, 2*time.Minute))
	if account() == first {
		t.Error("the key outlived a day")
	}
}

func TestLongKeysAreRefused(t *testing.T) {
	b := setup(t)
	for length, status := range map[int]int{255: 404, 256: 400} { // the path is unknown, so a good key gets that far
		got, _, _ := b.raw("POST", "/v1/nothing", func(r *http.Request) {
			r.SetBasicAuth(b.sim.Key(), "")
			r.Header.Set("Idempotency-Key", strings.Repeat("k", length))
		})
		want(t, "status", got, status)
	}
}
