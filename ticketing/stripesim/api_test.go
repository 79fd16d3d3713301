package stripesim_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stripe/stripe-go/v76"

	"salon/ticketing/stripesim"
)

// raw sends a request as no Stripe client would.
func (b *bundle) raw(method, path string, with func(*http.Request)) (int, string, http.Header) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.ctx, method, b.sim.URL()+path, nil)
	b.ok(err)
	with(r)
	resp, err := http.DefaultTransport.RoundTrip(r)
	b.ok(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	b.ok(err)
	return resp.StatusCode, string(body), resp.Header
}

func TestKeyIsAsked(t *testing.T) {
	b := setup(t)
	for name, c := range map[string]struct {
		with   func(*http.Request)
		status int
	}{
		"bearer": {func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+b.sim.Key()) }, 200},
		"basic":  {func(r *http.Request) { r.SetBasicAuth(b.sim.Key(), "") }, 200},
		"none":   {func(*http.Request) {}, 401},
		"other":  {func(r *http.Request) { r.Header.Set("Authorization", "Bearer sk_test_other") }, 401},
		"live":   {func(r *http.Request) { r.Header.Set("Authorization", "Bearer sk_live_"+b.sim.Key()) }, 401},
		"short":  {func(r *http.Request) { r.Header.Set("Authorization", "Bearer sk") }, 401},
	} {
		status, body, header := b.raw("GET", "/v1/balance", c.with)
		want(t, name, status, c.status)
		want(t, name+"'s request id", strings.HasPrefix(header.Get("Request-Id"), "req_"), true)
		if c.status == 401 && !strings.Contains(body, `"type":"invalid_request_error"`) {
			t.Errorf("%s: %s", name, body)
		}
		if strings.Contains(body, b.sim.Key()) {
			t.Errorf("%s: the key is in the answer", name)
		}
	}
	status, _, _ := b.raw("GET", "/_sim/requests", func(*http.Request) {})
	want(t, "controls without a key", status, 401)
}

// A stranger's page can give our address a name of its own.
func TestOtherNamesAreRefused(t *testing.T) {
	b := setup(t)
	for host, status := range map[string]int{"127.0.0.1:80": 200, "localhost:80": 200, "[::1]:80": 200, "evil.example": 403, "127.0.0.1.evil.example:80": 403} {
		got, _, _ := b.raw("GET", "/v1/balance", func(r *http.Request) { r.Host = host; r.SetBasicAuth(b.sim.Key(), "") })
		want(t, host, got, status)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]stripesim.Config{
		"live key":      {Key: "sk_live_1"},
		"no secret key": {Key: "pk_test_1"},
		"open address":  {Listen: "0.0.0.0:0"},
		"all addresses": {Listen: ":0"},
	} {
		if sim, err := stripesim.Start(t.Context(), c); err == nil {
			t.Errorf("%s: it started", name)
			_ = sim.Stop(context.Background())
		}
	}
}

func TestStopMayBeRepeated(t *testing.T) {
	b := setup(t)
	b.ok(b.control.Fail(b.ctx, stripesim.Fault{On: "GET /v1/balance", Kind: "hold"}))
	held := make(chan error, 1)
	go func() {
		_, err := b.stripe.Balance.Get(nil)
		held <- err
	}()
	b.ok(b.control.AwaitHeld(b.ctx, 1))
	for range 3 {
		b.ok(b.sim.Stop(b.ctx))
	}
	if <-held == nil {
		t.Error("a request that was held was answered")
	}
	if _, err := http.Get(b.sim.URL()); err == nil {
		t.Error("it still answers")
	}
}

// Simulators come and go under fire, each on the snapshot of the one before.
func TestStress(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "stripe.json")
			for made := range 8 {
				b := start(t, stripesim.Config{Key: "sk_sim_stress", Snapshot: file})
				want(t, "kept", b.count(), made)
				b.open(b.ticket(""))
				var fire sync.WaitGroup
				for range 4 {
					fire.Go(func() { _, _ = b.stripe.Balance.Get(nil) })
				}
				for range 2 {
					fire.Go(func() { _ = b.sim.Stop(context.Background()) })
				}
				fire.Wait()
			}
		})
	}
}

func TestVersionIsTheClients(t *testing.T) {
	b := setup(t)
	_, err := b.stripe.Balance.Get(nil)
	b.ok(err)
	other := &stripe.BalanceParams{Params: stripe.Params{Headers: http.Header{"Stripe-Version": {"2024-04-10"}}}}
	_, err = b.stripe.Balance.Get(other)
	invalid(t, err, "")
	_, _, header := b.raw("GET", "/v1/balance", func(r *http.Request) { r.SetBasicAuth(b.sim.Key(), "") })
	want(t, "version", header.Get("Stripe-Version"), "2023-10-16")
}

func TestWhatIsUnknownIsRefused(t *testing.T) {
	b := setup(t)
	p := b.ticket("")
	p.AddExtra("payment_intent_data[capture_method]", "manual")
	_, err := b.stripe.CheckoutSessions.New(p)
	e := invalid(t, err, stripe.ErrorCodeParameterUnknown)
	want(t, "param", e.Param, "payment_intent_data[capture_method]")
	if !strings.HasPrefix(e.RequestID, "req_") {
		t.Errorf("the error's request id is %q", e.RequestID)
	}
	_, err = b.stripe.Customers.New(&stripe.CustomerParams{Email: stripe.String("noor@example.com")})
	refused(t, err, http.StatusNotFound, stripe.ErrorTypeInvalidRequest, "")
	_, err = b.stripe.Charges.Get("ch_none", nil)
	refused(t, err, http.StatusNotFound, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeResourceMissing)
	// An id of another kind is no such thing either.
	_, err = b.stripe.Charges.Get(b.open(b.ticket("")).ID, nil)
	refused(t, err, http.StatusNotFound, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeResourceMissing)
}

func TestLists(t *testing.T) {
	b := setup(t)
	var ids []string
	for range 25 {
		ids = append([]string{b.open(b.ticket("")).ID}, ids...) // newest first
	}
	page := func(with func(*stripe.CheckoutSessionListParams)) (got []string, more bool) {
		p := &stripe.CheckoutSessionListParams{ListParams: stripe.ListParams{Single: true}}
		with(p)
		all := b.stripe.CheckoutSessions.List(p)
		for all.Next() {
			got = append(got, all.CheckoutSession().ID)
		}
		b.ok(all.Err())
		return got, all.CheckoutSessionList().HasMore
	}
	for name, c := range map[string]struct {
		with func(*stripe.CheckoutSessionListParams)
		want []string
		more bool
	}{
		"ten":      {func(*stripe.CheckoutSessionListParams) {}, ids[:10], true},
		"limit":    {func(p *stripe.CheckoutSessionListParams) { p.Limit = stripe.Int64(3) }, ids[:3], true},
		"all":      {func(p *stripe.CheckoutSessionListParams) { p.Limit = stripe.Int64(25) }, ids, false},
		"after":    {func(p *stripe.CheckoutSessionListParams) { p.StartingAfter = stripe.String(ids[19]) }, ids[20:], false},
		"before":   {func(p *stripe.CheckoutSessionListParams) { p.EndingBefore = stripe.String(ids[20]) }, reversed(ids[10:20]), true}, // the client turns it round
		"status":   {func(p *stripe.CheckoutSessionListParams) { p.Status = stripe.String("expired") }, nil, false},
		"in time":  {func(p *stripe.CheckoutSessionListParams) { p.CreatedRange = &stripe.RangeQueryParams{LesserThan: 1} }, nil, false},
		"in range": {func(p *stripe.CheckoutSessionListParams) { p.CreatedRange = &stripe.RangeQueryParams{GreaterThan: 1} }, ids[:10], true},
	} {
		got, more := page(c.with)
		same(t, name, got, c.want)
		want(t, name+": more", more, c.more)
	}
	// The client's own paging sees each once.
	all := b.stripe.CheckoutSessions.List(&stripe.CheckoutSessionListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(10)}})
	var got []string
	for all.Next() {
		got = append(got, all.CheckoutSession().ID)
	}
	b.ok(all.Err())
	same(t, "paged", got, ids)
	for _, bad := range []*stripe.CheckoutSessionListParams{
		{ListParams: stripe.ListParams{Limit: stripe.Int64(101)}},
		{ListParams: stripe.ListParams{Limit: stripe.Int64(-1)}},
	} {
		all := b.stripe.CheckoutSessions.List(bad)
		want(t, "a page", all.Next(), false)
		invalid(t, all.Err(), "")
	}
}

func TestExpand(t *testing.T) {
	b := setup(t)
	s := b.sold(b.seller()) // expands payment_intent.latest_charge.balance_transaction
	want(t, "balance transaction", s.PaymentIntent.LatestCharge.BalanceTransaction.Amount, 2000)
	plain, err := b.stripe.CheckoutSessions.Get(s.ID, nil)
	b.ok(err)
	want(t, "payment's amount unexpanded", plain.PaymentIntent.Amount, 0)
	want(t, "payment's id", plain.PaymentIntent.ID, s.PaymentIntent.ID)
	if plain.LineItems != nil {
		t.Error("line items are shown unasked")
	}

	list := b.stripe.CheckoutSessions.List(&stripe.CheckoutSessionListParams{Expand: stripe.StringSlice([]string{"data.payment_intent"})})
	want(t, "a session", list.Next(), true)
	want(t, "payment's amount in a list", list.CheckoutSession().PaymentIntent.Amount, 2000)

	refund, err := b.stripe.Refunds.New(&stripe.RefundParams{PaymentIntent: stripe.String(s.PaymentIntent.ID), Amount: stripe.Int64(500),
		Expand: stripe.StringSlice([]string{"charge.refunds", "balance_transaction"})})
	b.ok(err)
	want(t, "refund's movement", refund.BalanceTransaction.Amount, -500)
	want(t, "the charge's refunds", len(refund.Charge.Refunds.Data), 1)

	for _, path := range []string{"amount", "payment_intent.metadata", "a.b.c.d.e"} {
		_, err = b.stripe.CheckoutSessions.Get(s.ID, &stripe.CheckoutSessionParams{Expand: stripe.StringSlice([]string{path})})
		invalid(t, err, "")
	}
}

// Each account sees its own, and nobody sees an account that is not theirs.
func TestStripeAccount(t *testing.T) {
	b := setup(t)
	ana, ben := b.seller(), b.seller()
	s := b.sold(ana)
	ch := s.PaymentIntent.LatestCharge
	transfer, err := b.stripe.Transfers.Get(ch.Transfer.ID, nil)
	b.ok(err)
	arrived := transfer.DestinationPayment.ID
	as := func(account string) *stripe.ChargeParams {
		p := &stripe.ChargeParams{}
		p.SetStripeAccount(account)
		return p
	}
	got, err := b.stripe.Charges.Get(arrived, as(ana))
	b.ok(err)
	want(t, "what arrived", got.Amount, 2000)
	want(t, "its transfer", got.SourceTransfer.ID, transfer.ID)
	for name, err := range map[string]error{
		"the platform's, by the account": second(b.stripe.Charges.Get(ch.ID, as(ana))),
		"the account's, by the platform": second(b.stripe.Charges.Get(arrived, nil)),
		"the account's, by another":      second(b.stripe.Charges.Get(arrived, as(ben))),
	} {
		t.Log(name)
		refused(t, err, http.StatusNotFound, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeResourceMissing)
	}
	_, err = b.stripe.Charges.Get(arrived, as("acct_none"))
	refused(t, err, http.StatusForbidden, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeAccountInvalid)
	p := b.ticket("")
	p.SetStripeAccount(ana)
	_, err = b.stripe.CheckoutSessions.New(p)
	invalid(t, err, "") // no direct charges
	b.holds(ben, "usd", 0)
}

func reversed(all []string) []string {
	all = slices.Clone(all)
	slices.Reverse(all)
	return all
}

func second[T any](_ T, err error) error { return err }

// What was asked is on record, with what the caller gave.
func TestRequestsAreLogged(t *testing.T) {
	b := setup(t)
	b.ok(b.control.ClearRequests(b.ctx))
	p := b.ticket("")
	p.SetIdempotencyKey("order:1:checkout:1")
	s := b.open(p)
	_, err := b.stripe.Charges.Get("ch_none", nil)
	refused(t, err, http.StatusNotFound, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeResourceMissing)
	bad := b.ticket("")
	bad.AddExtra("nothing", "1")
	_, err = b.stripe.CheckoutSessions.New(bad)
	invalid(t, err, stripe.ErrorCodeParameterUnknown)
	log, err := b.control.Requests(b.ctx)
	b.ok(err)
	var lines []string
	for _, r := range log {
		lines = append(lines, fmt.Sprint(r.Endpoint, " ", r.Path, " ", r.Status, " ", r.Refused))
	}
	same(t, "requests", lines, []string{
		"POST /v1/checkout/sessions /v1/checkout/sessions 200 false",
		"GET /v1/charges/{id} /v1/charges/ch_none 404 false",
		"POST /v1/checkout/sessions /v1/checkout/sessions 400 true"})
	want(t, "key", log[0].IdempotencyKey, "order:1:checkout:1")
	want(t, "version", log[0].Version, stripe.APIVersion)
	want(t, "form", log[0].Form.Get("client_reference_id"), "order-1")
	want(t, "request id", log[0].ID, s.LastResponse.RequestID)
}
