package stripepay_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"salon/ticketing"
	"salon/ticketing/stripepay"
	"salon/ticketing/stripesim"
)

// The numbers of Stripe's test cards and accounts that the tests use.
const (
	goodCard     = "4242424242424242"
	declinedCard = "4000000000000002"
	failingCard  = "4000000000005126" // its refunds fail
	goodIBAN     = "DE89370400440532013000"
	badIBAN      = "DE62370400440532013001"
)

// world is a simulated Stripe and a client of it.
type world struct {
	t       testing.TB
	ctx     context.Context
	sim     *stripesim.Server
	control *stripesim.Control
	pay     *stripepay.Client
}

func simulated(t testing.TB, with ...func(*stripesim.Config, *stripepay.Config)) *world {
	t.Helper()
	var config stripesim.Config
	client := stripepay.Config{Mark: "salon.example", Methods: []string{"card"}, CallsPerSecond: 1e6}
	for _, w := range with {
		w(&config, &client)
	}
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
	client.Key, client.URL = sim.Key(), sim.URL()
	return &world{t, t.Context(), sim, sim.Control(), stripepay.New(client)}
}

// afresh is a client that has kept no connection: on those, Go asks again by
// itself when one breaks.
func (w *world) afresh() *stripepay.Client {
	return stripepay.New(stripepay.Config{Key: w.sim.Key(), URL: w.sim.URL(), Mark: "salon.example", Methods: []string{"card"}, CallsPerSecond: 1e6})
}

// must ends the test on an error of what has to work.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) is(what string, err, kind error) {
	w.t.Helper()
	if !errors.Is(err, kind) {
		w.t.Errorf("%s: %v, want %v", what, err, kind)
	}
}

// seller makes an account that can be paid.
func (w *world) seller() string {
	w.t.Helper()
	id, err := w.pay.CreateAccount(w.ctx, "account:"+uuid.NewString(), ticketing.NewAccount{Host: uuid.New()})
	w.must(err)
	w.must(w.control.Onboard(w.ctx, id, "finish"))
	return id
}

// checkout is a request for 20.00 with a fee of 1.00.
func (w *world) checkout(seller string) ticketing.Checkout {
	w.t.Helper()
	now, err := w.control.Now(w.ctx)
	w.must(err)
	return ticketing.Checkout{Order: uuid.New(), Offer: uuid.New(), Buyer: uuid.New(), Title: "Evening with Ana", Amount: 2000, Currency: "usd", Fee: 100,
		Destination: seller, ExpiresAt: now.Add(31 * time.Minute), SuccessURL: "https://salon.example/paid", CancelURL: "https://salon.example/back"}
}

func (w *world) open(c ticketing.Checkout) ticketing.Session {
	w.t.Helper()
	s, err := w.pay.CreateSession(w.ctx, "checkout:"+c.Order.String(), c)
	w.must(err)
	return s
}

func card(number string) url.Values {
	return url.Values{"method": {"card"}, "number": {number}, "expiry": {"12/40"}, "cvc": {"123"}, "name": {"Noor"}, "email": {"noor@example.com"}}
}

func debit(iban string) url.Values {
	return url.Values{"method": {"sepa_debit"}, "number": {iban}, "name": {"Noor"}, "email": {"noor@example.com"}}
}

// browser is a buyer's: it follows nowhere.
var browser = http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// pays says whether a page took the payment.
func (w *world) pays(page string, form url.Values) bool {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.ctx, http.MethodPost, page, strings.NewReader(form.Encode()))
	w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := browser.Do(r)
	w.must(err)
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode == http.StatusSeeOther
}

// sold sells a ticket of a seller's and returns the session as it is then.
func (w *world) sold(seller string) ticketing.Session {
	w.t.Helper()
	s := w.open(w.checkout(seller))
	if !w.pays(s.URL, card(goodCard)) {
		w.t.Fatal("not paid")
	}
	s, err := w.pay.Session(w.ctx, s.ID)
	w.must(err)
	return s
}

func (w *world) payment(id string) ticketing.Payment {
	w.t.Helper()
	p, err := w.pay.Payment(w.ctx, id)
	w.must(err)
	return p
}
