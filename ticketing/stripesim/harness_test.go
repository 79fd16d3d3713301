package stripesim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
	"github.com/stripe/stripe-go/v76/webhook"

	"salon/ticketing/stripesim"
)

// The numbers of Stripe's test cards and accounts that the tests use.
const (
	goodCard     = "4242 4242 4242 4242"
	declinedCard = "4000 0000 0000 0002"
	atOnceCard   = "4000000000000077"
	goodIBAN     = "DE89370400440532013000"
	badIBAN      = "DE62370400440532013001"
	goodAccount  = "000123456789"
	silentBank   = "000000000009"
)

type bundle struct {
	t       *testing.T
	ctx     context.Context
	sim     *stripesim.Server
	stripe  *client.API
	control *stripesim.Control
}

func setup(t *testing.T, with ...func(*stripesim.Config)) *bundle {
	t.Helper()
	t.Parallel()
	var config stripesim.Config
	for _, w := range with {
		w(&config)
	}
	return start(t, config)
}

func start(t *testing.T, config stripesim.Config) *bundle {
	t.Helper()
	sim, err := stripesim.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		remember(sim.Control())
		if err := sim.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &bundle{t, t.Context(), sim, sim.Client(), sim.Control()}
}

// ok ends the test on an error of something that has to work.
func (b *bundle) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// refused returns what Stripe would have said, and fails the test when the call
// worked or failed in another way.
func refused(t *testing.T, err error, status int, kind stripe.ErrorType, code stripe.ErrorCode) *stripe.Error {
	t.Helper()
	var e *stripe.Error
	if !errors.As(err, &e) {
		t.Fatalf("no Stripe error: %v", err)
	}
	if e.HTTPStatusCode != status || e.Type != kind || e.Code != code {
		t.Fatalf("refused with %d %s %q (%s), want %d %s %q", e.HTTPStatusCode, e.Type, e.Code, e.Msg, status, kind, code)
	}
	return e
}

func invalid(t *testing.T, err error, code stripe.ErrorCode) *stripe.Error {
	t.Helper()
	return refused(t, err, http.StatusBadRequest, stripe.ErrorTypeInvalidRequest, code)
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// account makes a connected account that nobody has onboarded.
func (b *bundle) account() string {
	b.t.Helper()
	a, err := b.stripe.Accounts.New(&stripe.AccountParams{Type: stripe.String("express"), Email: stripe.String("ana@example.com"),
		Capabilities: &stripe.AccountCapabilitiesParams{
			CardPayments: &stripe.AccountCapabilitiesCardPaymentsParams{Requested: stripe.Bool(true)},
			Transfers:    &stripe.AccountCapabilitiesTransfersParams{Requested: stripe.Bool(true)},
		}})
	b.ok(err)
	return a.ID
}

// seller makes an account that can be paid.
func (b *bundle) seller() string {
	b.t.Helper()
	id := b.account()
	b.ok(b.control.Onboard(b.ctx, id, "finish"))
	return id
}

func (b *bundle) getAccount(id string) *stripe.Account {
	b.t.Helper()
	a, err := b.stripe.Accounts.GetByID(id, nil)
	b.ok(err)
	return a
}

// ticket is what a shop asks Stripe to sell: for 20.00, of which 1.00 is ours.
func (b *bundle) ticket(seller string) *stripe.CheckoutSessionParams {
	p := &stripe.CheckoutSessionParams{
		Mode: stripe.String("payment"), ClientReferenceID: stripe.String("order-1"), CustomerEmail: stripe.String("noor@example.com"),
		SuccessURL: stripe.String("http://127.0.0.1:1/paid?session={CHECKOUT_SESSION_ID}"), CancelURL: stripe.String("http://127.0.0.1:1/back"),
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}), Metadata: map[string]string{"order": "1"},
		LineItems: []*stripe.CheckoutSessionLineItemParams{{Quantity: stripe.Int64(1), PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
			Currency: stripe.String("usd"), UnitAmount: stripe.Int64(2000),
			ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String("Evening with Ana")}}}},
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: map[string]string{"order": "1"}},
	}
	if seller != "" {
		p.PaymentIntentData.ApplicationFeeAmount = stripe.Int64(100)
		p.PaymentIntentData.TransferData = &stripe.CheckoutSessionPaymentIntentDataTransferDataParams{Destination: stripe.String(seller)}
	}
	return p
}

func (b *bundle) open(p *stripe.CheckoutSessionParams) *stripe.CheckoutSession {
	b.t.Helper()
	s, err := b.stripe.CheckoutSessions.New(p)
	b.ok(err)
	return s
}

// getSession reads a session with its payment, charge and movements.
func (b *bundle) getSession(id string) *stripe.CheckoutSession {
	b.t.Helper()
	s, err := b.stripe.CheckoutSessions.Get(id, &stripe.CheckoutSessionParams{
		Expand: stripe.StringSlice([]string{"line_items", "payment_intent.latest_charge.balance_transaction"})})
	b.ok(err)
	return s
}

// answer is what a browser got.
type answer struct {
	status   int
	location string
	body     string
}

// browse sends a form, or without one just looks, and follows nowhere.
func (b *bundle) browse(address string, form url.Values) answer {
	b.t.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	r, err := http.NewRequestWithContext(b.ctx, method, address, strings.NewReader(body))
	b.ok(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultTransport.RoundTrip(r)
	b.ok(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	b.ok(err)
	return answer{resp.StatusCode, resp.Header.Get("Location"), string(text)}
}

func cardForm(number string) url.Values {
	return url.Values{"method": {"card"}, "number": {number}, "expiry": {"12/40"}, "cvc": {"123"}, "name": {"Noor"}, "email": {"noor@example.com"}}
}

func bankForm(method, number string) url.Values {
	return url.Values{"method": {method}, "number": {number}, "name": {"Noor"}, "email": {"noor@example.com"}}
}

// pay pays a session by a card that pays.
func (b *bundle) pay(s *stripe.CheckoutSession, form url.Values) {
	b.t.Helper()
	if a := b.browse(s.URL, form); a.status != http.StatusSeeOther {
		b.t.Fatalf("not paid: %d %s", a.status, a.body)
	}
}

// sold sells a ticket of a seller's and returns the session as it is then.
func (b *bundle) sold(seller string) *stripe.CheckoutSession {
	b.t.Helper()
	s := b.open(b.ticket(seller))
	b.pay(s, cardForm(goodCard))
	return b.getSession(s.ID)
}

func (b *bundle) charge(s *stripe.CheckoutSession) *stripe.Charge {
	b.t.Helper()
	ch, err := b.stripe.Charges.Get(s.PaymentIntent.LatestCharge.ID, nil)
	b.ok(err)
	return ch
}

// holds checks what an account has, "" being the platform, available and
// pending together.
func (b *bundle) holds(account, currency string, minor int64) {
	b.t.Helper()
	p := &stripe.BalanceParams{}
	if account != "" {
		p.SetStripeAccount(account)
	}
	balance, err := b.stripe.Balance.Get(p)
	b.ok(err)
	total := int64(0)
	for _, amounts := range [][]*stripe.Amount{balance.Available, balance.Pending} {
		for _, a := range amounts {
			if string(a.Currency) == currency {
				total += a.Amount
			}
		}
	}
	want(b.t, "the balance of "+account, total, minor)
	want(b.t, "the movements of "+account, b.sum(account, currency), minor)
}

// sum adds up an account's balance transactions.
func (b *bundle) sum(account, currency string) (net int64) {
	p := &stripe.BalanceTransactionListParams{Currency: stripe.String(currency)}
	if account != "" {
		p.SetStripeAccount(account)
	}
	all := b.stripe.BalanceTransactions.List(p)
	for all.Next() {
		net += all.BalanceTransaction().Net
	}
	b.ok(all.Err())
	return net
}

// hook is a receiver of webhooks.
type hook struct {
	b        *bundle
	id       string
	secret   string
	received chan stripe.Event
	status   chan int // what to answer; 200 when there is nothing in it
}

// listen registers a receiver; connect is for events of connected accounts.
func (b *bundle) listen(connect bool, types ...string) *hook {
	b.t.Helper()
	h := &hook{b: b, received: make(chan stripe.Event, 1000), status: make(chan int, 100)}
	server := httptest.NewServer(h)
	b.t.Cleanup(server.Close)
	w, err := b.stripe.WebhookEndpoints.New(&stripe.WebhookEndpointParams{URL: stripe.String(server.URL), Connect: stripe.Bool(connect),
		EnabledEvents: stripe.StringSlice(types), APIVersion: stripe.String(stripe.APIVersion)})
	b.ok(err)
	h.id, h.secret = w.ID, w.Secret
	return h
}

// ServeHTTP takes what is signed with our secret, as a shop would.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		var e stripe.Event
		if e, err = webhook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), h.secret); err == nil {
			h.received <- e
		}
	}
	if err != nil {
		h.b.t.Errorf("webhook refused: %v", err)
	}
	select {
	case status := <-h.status:
		w.WriteHeader(status)
	default:
	}
}

// types flushes, and returns what was received since, in order.
func (h *hook) types() (all []string) {
	for _, e := range h.events() {
		all = append(all, string(e.Type))
	}
	return all
}

func (h *hook) events() (all []stripe.Event) {
	h.b.t.Helper()
	h.b.ok(h.b.control.Flush(h.b.ctx))
	for len(h.received) > 0 {
		all = append(all, <-h.received)
	}
	return all
}

func inMinutes(n int) *int64 {
	return stripe.Int64(time.Now().Add(time.Duration(n) * time.Minute).Unix())
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s are\n %v, want\n %v", what, got, want)
	}
}
