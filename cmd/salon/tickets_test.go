package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"salon/accounts"
	"salon/internal/postgres/postgrestest"
	"salon/rooms"
	"salon/ticketing"
	"salon/ticketing/stripesim"
	"salon/web"
)

func TestTicketSettingsAreChecked(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"a simulated Stripe for people":          {"serve", "--tickets", "simulated"},
		"Stripe without a key":                   {"serve", "--tickets", "stripe"},
		"a simulated Stripe beside a key":        {"dev", "--tickets", "simulated", "--stripe-key", "sk_test_1"},
		"a live key where much is simulated":     {"dev", "--stripe-key", "sk_live_1"},
		"a live restricted key there":            {"dev", "--stripe-key", "rk_live_1"},
		"a key of another kind":                  {"serve", "--stripe-key", "pk_live_1"},
		"no percentage":                          {"serve", "--ticket-cut", "some"},
		"a percentage too fine":                  {"serve", "--ticket-cut", "3.125"},
		"more than everything":                   {"serve", "--ticket-cut", "101"},
		"tiers that do not grow":                 {"serve", "--ticket-cut", "3:100,4:100,5"},
		"tiers that end":                         {"serve", "--ticket-cut", "3:100"},
		"a fixed part of no currency":            {"serve", "--ticket-cut-fixed", "xxx=1"},
		"a rate that is none":                    {"serve", "--processing-rates", "eur=1.5+"},
		"prices of no currency":                  {"serve", "--ticket-prices", "xxx=1-2"},
		"prices without a most":                  {"serve", "--ticket-prices", "usd=100"},
		"a least above the most":                 {"serve", "--ticket-prices", "usd=500-100"},
		"less than can be charged":               {"serve", "--ticket-prices", "usd=10-100"},
		"holds that never end":                   {"serve", "--ticket-hold", "240h"},
		"no holds":                               {"serve", "--holds-per-account", "0"},
		"endpoints without a key":                {"admin", "stripe-setup", "--public-url", "https://salon.example"},
		"endpoints at an address without a name": {"admin", "stripe-setup", "--stripe-key", "sk_test_1", "--public-url", "http://127.0.0.1:8080"},
	} {
		if _, err := parse(t, args...); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestTicketSettingsBecomeTerms(t *testing.T) {
	t.Parallel()
	line, err := parse(t, "serve")
	if err != nil {
		t.Fatal(err)
	}
	usual, err := line.Serve.terms()
	want := ticketing.DefaultSettings()
	want.Cut.Processing, want.Prices = map[string]ticketing.Rate{}, map[string]ticketing.Prices{}
	if diff := cmp.Diff(usual, want); diff != "" || err != nil {
		t.Error("the defaults differ from the domain's:", diff, err)
	}
	line, err = parse(t, "serve", "--ticket-cut", "2.5:1000,0.75", "--ticket-cut-fixed", "eur=20,jpy=30", "--processing-by", "server", "--processing-rates", "eur=1.5+25")
	if err != nil {
		t.Fatal(err)
	}
	other, err := line.Serve.terms()
	rules := ticketing.CutRules{Tiers: []ticketing.Tier{{UpTo: 1000, BasisPoints: 250}, {BasisPoints: 75}}, Fixed: map[string]int64{"eur": 20, "jpy": 30},
		Processing: map[string]ticketing.Rate{"eur": {BasisPoints: 150, Fixed: 25}}, PlatformBears: true}
	if diff := cmp.Diff(other.Cut, rules); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, c := range []struct {
		args      []string
		dev, want string
	}{
		{nil, "simulated", "off"}, {[]string{"--stripe-key", "sk_test_1"}, "stripe", "stripe"}, {[]string{"--tickets", "off"}, "off", "off"},
	} {
		dev, err := parse(t, append([]string{"dev"}, c.args...)...)
		serve, err2 := parse(t, append([]string{"serve"}, c.args...)...)
		if err != nil || err2 != nil || dev.Dev.ticketWay(true) != c.dev || serve.Serve.ticketWay(false) != c.want {
			t.Errorf("%v: %s %s %v %v", c.args, dev.Dev.ticketWay(true), serve.Serve.ticketWay(false), err, err2)
		}
	}
}

// selling opens a house on which tickets are sold through a simulated Stripe, and
// mails are kept.
func selling(t *testing.T, data, database string) *house {
	t.Helper()
	line, err := parse(t, "dev", "--data", data, "--captions", "none", "--stripe-simulator", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	line.Dev.DatabaseURL = database
	return openHouse(t, line.Dev.settings, func(h *house) { h.simulates, h.keepsMail = true, true })
}

// From a host who has nothing to a ticket that opens the door, through the real
// Stripe client, the simulated Stripe, its webhooks and the jobs; and back
// again. The second house finds the same Stripe.
func TestADevelopmentServerSellsTickets(t *testing.T) {
	t.Parallel()
	data, database := t.TempDir(), postgrestest.URL(t)
	h := selling(t, data, database)
	people, tickets := h.people(), h.tickets()
	ctx := t.Context()
	_, room := h.host(t)
	buyer, err := people.SignUp(ctx, accounts.NewAccount{Handle: "buyer", DisplayName: "Buyer", Email: "buyer@example.org", Password: "long enough"})
	must(t, err)
	if _, err := h.service.Join(ctx, buyer.ID, room.ID, false); err != nil {
		t.Fatalf("without an offer the door asks for a ticket: %v", err)
	}
	if _, err := tickets.Onboard(ctx, room.HostID, "", ticketing.LinkTo{Return: h.public.String(), Refresh: h.public.String()}); err != nil {
		t.Fatal(err)
	}
	payouts, err := tickets.Payouts(ctx, room.HostID)
	must(t, err)
	control := &stripesim.Control{URL: h.sales.stripe.URL, Key: h.sales.stripe.Key}
	must(t, control.Onboard(ctx, payouts.ID, "finish"))
	sale := ticketing.NewOffer{Price: 2000, Currency: "usd", Cap: 2}
	_, err = tickets.SetOffer(ctx, room.HostID, room.ID, sale)
	if !errors.Is(err, accounts.ErrUnproved) {
		t.Errorf("an address that is only claimed: %v", err)
	}
	_, err = h.pool.Exec(ctx, `update accounts set verified_at = now() where id = $1`, room.HostID)
	must(t, err)
	gate := rooms.NewGate(h.pool, followers{people})
	must(t, gate.SetSellingRules(ctx, uuid.Nil, rooms.GateRules{Paths: []rooms.Path{{Kind: rooms.PathHosted, Min: 2}}}))
	_, err = tickets.SetOffer(ctx, room.HostID, room.ID, sale)
	if !errors.Is(err, rooms.ErrSellingGate) {
		t.Errorf("whom the rules do not let: %v", err)
	}
	must(t, gate.SetSellingRules(ctx, uuid.Nil, rooms.GateRules{Paths: []rooms.Path{{Kind: rooms.PathHosted, Min: 1}}}))
	offer, err := tickets.SetOffer(ctx, room.HostID, room.ID, sale)
	must(t, err)
	_, err = h.service.Join(ctx, buyer.ID, room.ID, false)
	if !errors.Is(err, rooms.ErrNoTicket) {
		t.Errorf("without a ticket: %v", err)
	}
	order, err := tickets.Hold(ctx, ticketing.Ask{ID: uuid.New(), Offer: offer.ID, Account: buyer.ID, Network: 1})
	must(t, err)
	page, err := tickets.Pay(ctx, buyer.ID, order.ID, ticketing.Return{SuccessURL: h.public.String(), CancelURL: h.public.String()})
	must(t, err)
	answer, err := http.PostForm(page, url.Values{"method": {"card"}, "number": {"4242424242424242"}, "expiry": {"12/40"}, "cvc": {"123"}, "name": {"Buyer"}, "email": {"buyer@example.org"}})
	must(t, err)
	answer.Body.Close()
	state := func(want ticketing.State) func() bool {
		return func() bool {
			o, err := tickets.Order(ctx, buyer.ID, order.ID)
			must(t, err)
			return o.State == want
		}
	}
	until(t, "paid by a webhook", state(ticketing.Paid))
	until(t, "a receipt", h.wrote(t, buyer.Email, "Your ticket from ", "You paid 20.00 USD.", "room of @host:\n\n    “", "/tickets/"+order.ID.String()))
	entry, err := h.service.Join(ctx, buyer.ID, room.ID, false)
	must(t, err)
	seat, err := rooms.NewStore(h.pool).Seat(ctx, *room.Run, entry.Identity)
	if err != nil || !seat.MayEnter() {
		t.Errorf("%+v %v", seat, err)
	}
	if status := h.post(t, "/webhooks/stripe"); status != http.StatusUnauthorized {
		t.Errorf("an event nobody signed: %d", status)
	}
	if status := h.post(t, "/webhooks/stripe/connect"); status != http.StatusUnauthorized {
		t.Errorf("an event of an account nobody signed: %d", status)
	}

	_, err = tickets.Refund(ctx, room.HostID, order.ID)
	must(t, err)
	if err := h.service.MayStay(ctx, room.ID, buyer.ID); !errors.Is(err, rooms.ErrNoTicket) {
		t.Errorf("with a ticket that was given back: %v", err)
	}
	until(t, "refunded", state(ticketing.Refunded))
	until(t, "a letter about the money", h.wrote(t, buyer.Email, "Your money back from ", "the host took your ticket back.", "You get 20.00 USD back"))
	h.announce()
	check := fsckCommand{reach: reach{Data: data, DatabaseURL: database}}
	must(t, check.Run(ctx))
	_, err = h.pool.Exec(ctx, `update offers set taken = 2`)
	must(t, err)
	if err := check.Run(ctx); !errors.Is(err, errUnsound) {
		t.Errorf("damage is not found: %v", err)
	}
	check.Repair = true
	must(t, check.Run(ctx))
	must(t, h.stop())

	h = selling(t, data, database)
	if payouts, err := h.tickets().Payouts(ctx, room.HostID); err != nil || !payouts.CanSell() {
		t.Errorf("the next start: %+v %v", payouts, err)
	}
}

// wrote says whether a mail with these words was kept for an address, and only
// one with this subject.
func (h *house) wrote(t *testing.T, to, subject string, words ...string) func() bool {
	return func() bool {
		kept, err := h.outbox(t.Context())
		must(t, err)
		kept = slices.DeleteFunc(kept, func(m web.OutboxMail) bool { return m.To != to || !strings.HasPrefix(m.Subject, subject) })
		if len(kept) > 1 {
			t.Fatalf("%d mails: %v", len(kept), kept)
		}
		for _, w := range words {
			if len(kept) == 1 && !strings.Contains(kept[0].Text, w) {
				t.Fatalf("no %q in %s", w, kept[0].Text)
			}
		}
		return len(kept) == 1
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// post sends nothing to a path and returns the status.
func (h *house) post(t *testing.T, path string) int {
	t.Helper()
	answer, err := http.Post(h.public.String()+path, "application/json", nil)
	must(t, err)
	answer.Body.Close()
	return answer.StatusCode
}

// Without tickets nothing of Stripe is there, and a port that is taken is no
// reason not to start.
func TestTheSimulatedStripeFindsAPort(t *testing.T) {
	t.Parallel()
	taken, err := stripesim.Start(t.Context(), stripesim.Config{})
	must(t, err)
	defer taken.Stop(t.Context())
	u, err := url.Parse(taken.URL())
	must(t, err)
	h := &house{settings: settings{Data: t.TempDir(), ticketSettings: ticketSettings{StripeSimulator: u.Host}}, sales: &sales{}, log: slog.New(slog.DiscardHandler)}
	must(t, h.simulateStripe(t.Context()))
	if h.sales.stripe.URL == taken.URL() || h.ticketState() != fmt.Sprintf("simulated Stripe at %s, no money moves", h.sales.stripe.URL) {
		t.Errorf("%+v", h.sales.stripe)
	}
	must(t, h.stop())
	without := &house{}
	if without.tickets() != nil || without.paymentEvents() != nil || without.ticketState() != "off" {
		t.Error("something is sold")
	}
}
