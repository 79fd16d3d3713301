package stripesim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"salon/ticketing/stripesim"
)

// tell makes one event that a hook for everything hears.
func (b *bundle) tell() {
	b.t.Helper()
	s := b.open(b.ticket(""))
	_, err := b.stripe.CheckoutSessions.Expire(s.ID, nil)
	b.ok(err)
}

// Every receiver checks the signature with the client's own code (see hook).
// Each kind of endpoint hears its own kind of account, and the types it named.
func TestWhoHearsWhat(t *testing.T) {
	b := setup(t)
	platform, connect := b.listen(false, "*"), b.listen(true, "*")
	one := b.listen(false, "checkout.session.completed")
	seller := b.seller()
	b.sold(seller)
	same(t, "connect", connect.types(), []string{"capability.updated", "capability.updated", "account.updated"})
	same(t, "one type", one.types(), []string{"checkout.session.completed"})
	want(t, "the platform's", len(platform.types()), 6)
}

// The event holds the thing as it was then, and what asked for it.
func TestEvents(t *testing.T) {
	b := setup(t)
	hook := b.listen(false, "*")
	s := b.open(b.ticket(""))
	p := &stripe.CheckoutSessionExpireParams{}
	p.SetIdempotencyKey("end-it")
	_, err := b.stripe.CheckoutSessions.Expire(s.ID, p)
	b.ok(err)
	e := hook.events()[0]
	want(t, "object", e.Data.Object["id"], any(s.ID))
	want(t, "status then", e.Data.Object["status"], any("expired"))
	want(t, "version", e.APIVersion, stripe.APIVersion)
	want(t, "live", e.Livemode, false)
	want(t, "asked under", e.Request.IdempotencyKey, "end-it")
	got, err := b.stripe.Events.Get(e.ID, nil)
	b.ok(err)
	want(t, "type", got.Type, stripe.EventTypeCheckoutSessionExpired)
	want(t, "webhooks left", got.PendingWebhooks, 0)

	b.sold("")
	list := b.stripe.Events.List(&stripe.EventListParams{Types: stripe.StringSlice([]string{"charge.succeeded", "checkout.session.completed"})})
	var types []string
	for list.Next() {
		types = append(types, string(list.Event().Type))
		want(t, "asked by nobody", list.Event().Request.ID, "")
	}
	b.ok(list.Err())
	same(t, "types", types, []string{"checkout.session.completed", "charge.succeeded"})
	b.ok(b.control.Advance(b.ctx, 31*24*time.Hour))
	old := b.stripe.Events.List(&stripe.EventListParams{Type: stripe.String("charge.succeeded")})
	want(t, "after a month", old.Next(), false)
	b.ok(old.Err())
	_, err = b.stripe.Events.Get(e.ID, nil)
	refused(t, err, http.StatusNotFound, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeResourceMissing)
}

// What fails is sent again, later each time, and given up in the end.
func TestRetries(t *testing.T) {
	b := setup(t, func(c *stripesim.Config) { c.RetryWebhooks = []time.Duration{time.Minute, time.Hour} })
	hook := b.listen(false, "*")
	for _, status := range []int{500, 302, 404} {
		hook.status <- status
	}
	b.tell()
	same(t, "at once", hook.types(), []string{"checkout.session.expired"})
	b.ok(b.control.Advance(b.ctx, 59*time.Second))
	same(t, "too early", hook.types(), nil)
	b.ok(b.control.Advance(b.ctx, 2*time.Second))
	same(t, "after a minute", hook.types(), []string{"checkout.session.expired"})
	b.ok(b.control.Advance(b.ctx, 2*time.Hour))
	same(t, "after an hour", hook.types(), []string{"checkout.session.expired"})
	b.ok(b.control.Advance(b.ctx, 100*time.Hour))
	same(t, "given up", hook.types(), nil)

	b.tell() // the control: what works is sent once
	same(t, "once", hook.types(), []string{"checkout.session.expired"})
	b.ok(b.control.Advance(b.ctx, 100*time.Hour))
	same(t, "not again", hook.types(), nil)
}

func TestWebhooksInTrouble(t *testing.T) {
	b := setup(t)
	hook := b.listen(false, "*")
	rule := func(r stripesim.WebhookRule) { t.Helper(); b.ok(b.control.Webhooks(b.ctx, r)) }
	const told = "checkout.session.expired"

	rule(stripesim.WebhookRule{Type: "checkout.*", Action: "drop", Times: 1})
	b.tell()
	same(t, "dropped", hook.types(), nil)
	b.tell()
	same(t, "the one after", hook.types(), []string{told})

	rule(stripesim.WebhookRule{Type: "*", Action: "double", Times: 1})
	b.tell()
	events := hook.events()
	want(t, "doubled", len(events), 2)
	want(t, "one event", events[0].ID, events[1].ID)

	rule(stripesim.WebhookRule{Type: "*", Action: "delay", DelaySeconds: 600, Times: 1})
	b.tell()
	same(t, "delayed", hook.types(), nil)
	b.ok(b.control.Advance(b.ctx, 11*time.Minute))
	same(t, "later", hook.types(), []string{told})

	rule(stripesim.WebhookRule{Type: "charge.*", Action: "drop"})
	b.tell()
	same(t, "another type", hook.types(), []string{told})
	b.sold("")
	want(t, "without the charge", len(hook.types()), 3)
	b.ok(b.control.ClearWebhooks(b.ctx))
	b.sold("")
	want(t, "all", len(hook.types()), 4)
	if b.control.Webhooks(b.ctx, stripesim.WebhookRule{Type: "*", Action: "lose"}) == nil {
		t.Error("an unknown action was taken")
	}
}

func TestReorder(t *testing.T) {
	b := setup(t)
	hook := b.listen(false, "*")
	b.ok(b.control.Webhooks(b.ctx, stripesim.WebhookRule{Type: "*", Action: "hold"}))
	b.sold("")
	same(t, "held", hook.types(), nil)
	held, err := b.control.HeldWebhooks(b.ctx)
	b.ok(err)
	var types []string
	for _, h := range held {
		types = append(types, h.Type)
	}
	same(t, "held", types, []string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"})
	b.ok(b.control.ReleaseWebhooks(b.ctx, held[3].Event, held[1].Event))
	same(t, "released", hook.types(), []string{"checkout.session.completed", "charge.succeeded", "payment_intent.created", "payment_intent.succeeded"})
	held, err = b.control.HeldWebhooks(b.ctx)
	b.ok(err)
	want(t, "left", len(held), 0)
}

// One event can be delivered again and in parallel, whatever became of it.
func TestDeliverAgain(t *testing.T) {
	b := setup(t)
	hook := b.listen(false, "*")
	b.ok(b.control.Webhooks(b.ctx, stripesim.WebhookRule{Type: "*", Action: "drop"}))
	b.tell()
	same(t, "dropped", hook.types(), nil)
	list := b.stripe.Events.List(nil)
	want(t, "an event", list.Next(), true)
	id := list.Event().ID
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := b.control.Deliver(b.ctx, id); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	want(t, "delivered", len(hook.received), 8)
	hook.status <- 500
	if b.control.Deliver(b.ctx, id) == nil {
		t.Error("a failed delivery looks good")
	}
	if b.control.Deliver(b.ctx, "evt_none") == nil {
		t.Error("an unknown event was delivered")
	}
}

// While a secret is changed, both sign.
func TestRollSecret(t *testing.T) {
	b := setup(t)
	hook := b.listen(false, "*")
	old := hook.secret
	fresh, err := b.control.RollSecret(b.ctx, hook.id)
	b.ok(err)
	for _, secret := range []string{old, fresh} {
		hook.secret = secret
		b.tell()
		same(t, "heard", hook.types(), []string{"checkout.session.expired"})
	}
	if fresh == old {
		t.Error("the secret is the same")
	}
}

func TestWebhookEndpoints(t *testing.T) {
	b := setup(t)
	hook := b.listen(false, "*")
	w, err := b.stripe.WebhookEndpoints.Get(hook.id, nil)
	b.ok(err)
	want(t, "secret shown again", w.Secret, "")
	want(t, "version", w.APIVersion, stripe.APIVersion)
	_, err = b.stripe.WebhookEndpoints.Update(hook.id, &stripe.WebhookEndpointParams{EnabledEvents: stripe.StringSlice([]string{"charge.succeeded"})})
	b.ok(err)
	b.sold("")
	same(t, "changed", hook.types(), []string{"charge.succeeded"})
	w, err = b.stripe.WebhookEndpoints.Update(hook.id, &stripe.WebhookEndpointParams{Disabled: stripe.Bool(true)})
	b.ok(err)
	want(t, "status", w.Status, "disabled")
	b.sold("")
	same(t, "disabled", hook.types(), nil)
	_, err = b.stripe.WebhookEndpoints.Del(hook.id, nil)
	b.ok(err)
	list := b.stripe.WebhookEndpoints.List(nil)
	want(t, "listed", list.Next(), false)
	b.ok(list.Err())
	_, err = b.stripe.WebhookEndpoints.New(&stripe.WebhookEndpointParams{URL: stripe.String("http://127.0.0.1:1/"), EnabledEvents: stripe.StringSlice([]string{"checkout.*"})})
	invalid(t, err, "")
	for name, p := range map[string]*stripe.WebhookEndpointParams{
		"elsewhere": {URL: stripe.String("https://example.com/hook"), EnabledEvents: stripe.StringSlice([]string{"*"})},
		"no web":    {URL: stripe.String("ftp://127.0.0.1/"), EnabledEvents: stripe.StringSlice([]string{"*"})},
	} {
		t.Log(name)
		_, err := b.stripe.WebhookEndpoints.New(p)
		invalid(t, err, stripe.ErrorCodeURLInvalid)
	}
	_, err = b.stripe.WebhookEndpoints.New(&stripe.WebhookEndpointParams{URL: stripe.String("http://127.0.0.1:1/")})
	invalid(t, err, stripe.ErrorCodeParameterMissing)
}

// An endpoint without a version of its own gets events that name the account's.
func TestAccountVersion(t *testing.T) {
	b := setup(t, func(c *stripesim.Config) { c.AccountVersion = "2026-08-26.dahlia" })
	got := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
	}))
	t.Cleanup(server.Close)
	_, err := b.stripe.WebhookEndpoints.New(&stripe.WebhookEndpointParams{URL: stripe.String(server.URL), EnabledEvents: stripe.StringSlice([]string{"*"})})
	b.ok(err)
	own := b.listen(false, "*") // has the client's version
	b.tell()
	if body := <-got; !strings.Contains(body, `"api_version":"2026-08-26.dahlia"`) {
		t.Error(body)
	}
	want(t, "the endpoint's own", own.events()[0].APIVersion, stripe.APIVersion)
}

// A deleted endpoint is not tried again.
func TestDeletedEndpointIsLeftAlone(t *testing.T) {
	b := setup(t)
	hook := b.listen(false, "*")
	hook.status <- 500
	b.tell()
	same(t, "at once", hook.types(), []string{"checkout.session.expired"})
	_, err := b.stripe.WebhookEndpoints.Del(hook.id, nil)
	b.ok(err)
	b.ok(b.control.Advance(b.ctx, 100*time.Hour))
	same(t, "later", hook.types(), nil)
}
