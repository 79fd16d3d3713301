package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/google/uuid"

	"salon/internal/jobs"
	"salon/internal/mail"
	"salon/internal/postgres"
	"salon/rooms"
	"salon/ticketing"
	"salon/ticketing/stripepay"
	"salon/ticketing/stripesim"
	"salon/web"
)

// sales is the part of a house that sells tickets.
type sales struct {
	service *ticketing.Service
	stripe  stripepay.Config
	live    bool
	events  *stripepay.Webhooks
	changed chan seat // whose seat to look at again
}

// seat names a person in a room.
type seat struct{ room, account uuid.UUID }

// openJobs makes what works jobs, not yet started: mails, and what follows from
// sales.
func (h *house) openJobs(ctx context.Context) error {
	var parts []jobs.Part
	post, err := h.mailWorker()
	if err != nil {
		return err
	}
	if post != nil {
		parts = append(parts, jobs.Of(post))
	}
	if h.sellsTickets() {
		h.errands = ticketing.NewWorker()
		parts = append(parts, jobs.Of(h.errands))
	}
	if len(parts) == 0 {
		return nil
	}
	if h.jobs, err = jobs.New(h.pool, h.log, parts...); err != nil {
		return err
	}
	if post != nil {
		h.mail = mail.NewQueue(h.jobs)
	}
	return nil
}

// startJobs begins to work them, once everybody who does is there.
func (h *house) startJobs(ctx context.Context) error {
	if h.jobs == nil {
		return nil
	}
	if err := h.jobs.Start(ctx); err != nil {
		return err
	}
	h.later(h.jobs.Stop)
	return nil
}

func (h *house) sellsTickets() bool { return h.settings.ticketWay(h.simulates) != "off" }

// openTickets starts what sells tickets, and lets the doors ask for them: also
// for those that were sold before selling was switched off.
func (h *house) openTickets(ctx context.Context, store *rooms.Store) error {
	if !h.sellsTickets() {
		store.AskForTickets(ticketing.NewStore(h.pool))
		return nil
	}
	terms, err := h.settings.terms()
	if err != nil {
		return err
	}
	h.sales = &sales{changed: make(chan seat, 1024), live: stripepay.Live(h.settings.StripeKey),
		stripe: stripepay.Config{Key: h.settings.StripeKey, Mark: h.settings.mark(h.public), Methods: h.settings.methods()}}
	simulated := h.settings.ticketWay(h.simulates) == "simulated"
	if simulated {
		if err := h.simulateStripe(ctx); err != nil {
			return err
		}
	}
	client := stripepay.New(h.sales.stripe)
	secrets := stripepay.Secrets{Platform: h.settings.StripeWebhookSecrets, Connect: h.settings.StripeConnectSecrets}
	if simulated {
		if secrets, err = h.simulateEndpoints(ctx, client); err != nil {
			return err
		}
	}
	seats, err := postgres.ConnectIndexed(ctx, h.databaseURL)
	if err != nil {
		return err
	}
	h.later(func() error { seats.Close(); return nil })
	h.sales.service = ticketing.NewService(ticketing.NewStore(h.pool), seats, terms, client, store, h.jobs, h.log)
	people := h.people()
	h.sales.service.WriteBy(ticketPost{people})
	h.sales.service.AskWhoSells(sellers{people, rooms.NewGate(h.pool, followers{people})})
	h.sales.service.CallOffIn(store)
	h.errands.Serve(h.sales.service)
	store.AskForTickets(h.sales.service)
	h.sales.events = &stripepay.Webhooks{Secrets: secrets, Live: h.sales.live, Hints: h.sales.service, Refuse: web.Refuse}
	sweeper := ticketing.NewSweeper(h.sales.service, postgres.NewLease(h.pool, "sales", leaseLife), h.log)
	h.later(h.background(sweeper.Run))
	return nil
}

// simulatedMark is on what we make at our own Stripe, which we share with nobody.
const simulatedMark = "salon dev"

// simulateStripe starts a Stripe of our own, which remembers what was sold.
func (h *house) simulateStripe(ctx context.Context) error {
	config := stripesim.Config{Listen: h.settings.StripeSimulator, Snapshot: filepath.Join(h.settings.Data, "stripe.json"), Log: h.log}
	sim, err := stripesim.Start(ctx, config)
	if errors.Is(err, syscall.EADDRINUSE) {
		h.log.Warn("simulated Stripe on another port, open payment pages have moved", "taken", config.Listen)
		config.Listen = "127.0.0.1:0"
		sim, err = stripesim.Start(ctx, config)
	}
	if err != nil {
		return err
	}
	h.later(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		return sim.Stop(ctx)
	})
	h.sales.stripe.Key, h.sales.stripe.URL, h.sales.stripe.Mark = sim.Key(), sim.URL(), simulatedMark
	return nil
}

// simulateEndpoints lets the simulated Stripe tell us of events, at the address
// inside: it would trust no certificate of the public one.
func (h *house) simulateEndpoints(ctx context.Context, client *stripepay.Client) (stripepay.Secrets, error) {
	base, err := url.Parse(h.inner)
	if err != nil {
		return stripepay.Secrets{}, err
	}
	return client.MakeEndpoints(ctx, base, true)
}

// paymentEvents are the receivers of Stripe's events, nil without tickets.
func (h *house) paymentEvents() (events web.PaymentEvents) {
	if h.sales != nil {
		events = web.PaymentEvents{stripepay.PlatformPath: h.sales.events.Platform(), stripepay.ConnectPath: h.sales.events.Connect()}
	}
	return events
}

// tickets is the service that sells them, nil without.
func (h *house) tickets() *ticketing.Service {
	if h.sales == nil {
		return nil
	}
	return h.sales.service
}

// heard takes a notice of the database: whoever's seat changed may have lost
// their ticket. One that is too many is found by the sweep.
func (s *sales) heard(notice string) {
	words := strings.Fields(notice)
	if s == nil || len(words) != 3 || words[0] != "seat" {
		return
	}
	room, err := uuid.Parse(words[1])
	account, err2 := uuid.Parse(words[2])
	if err != nil || err2 != nil {
		return
	}
	select {
	case s.changed <- seat{room, account}:
	default:
	}
}

// recheck turns those out whose ticket is gone.
func (h *house) recheck(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case who := <-h.sales.changed:
			if err := h.service.Recheck(ctx, who.room, who.account); err != nil && ctx.Err() == nil {
				h.log.Warn("look at a seat again", "room", who.room, "error", err)
			}
		}
	}
}

// ticketMode is how tickets are sold, as the API says it.
func (h *house) ticketMode() string {
	switch {
	case h.sales == nil:
		return "off"
	case h.sales.stripe.URL != "":
		return "simulated"
	case !h.sales.live:
		return "test"
	}
	return "live"
}

// ticketState is the same in a few words.
func (h *house) ticketState() string {
	switch h.ticketMode() {
	case "simulated":
		return fmt.Sprintf("simulated Stripe at %s, no money moves", h.sales.stripe.URL)
	case "test":
		return "Stripe in test mode, no money moves"
	case "live":
		return "Stripe"
	}
	return "off"
}

// insideHandler answers those who come by the inner address: our own media
// server, the demo's voices, and the simulated Stripe.
func (h *house) insideHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /webhooks/livekit", h.control.Webhook(web.Refuse))
	for path, handler := range h.paymentEvents() {
		mux.Handle("POST "+path, handler)
	}
	mux.Handle("/", h.control.NewGate(web.Refuse))
	return mux
}
