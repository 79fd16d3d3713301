package stripepay_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"salon/internal/postgres/postgrestest"
	"salon/ticketing"
	"salon/ticketing/stripepay"
	"salon/ticketing/stripesim"
)

// errands keeps the jobs that follow, until a test works them.
type errands struct {
	mu  sync.Mutex
	all []river.JobArgs
}

func (e *errands) InsertTx(_ context.Context, _ pgx.Tx, job river.JobArgs) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, job)
	return nil
}

func (e *errands) take() (all []river.JobArgs) {
	e.mu.Lock()
	defer e.mu.Unlock()
	all, e.all = e.all, nil
	return all
}

// worked runs one job as River would.
func worked[T river.JobArgs](ctx context.Context, w river.Worker[T], job river.JobArgs) error {
	return w.Work(ctx, &river.Job[T]{Args: job.(T)})
}

// nobody hears how many seats are sold.
type nobody struct{}

func (nobody) SoldTx(context.Context, pgx.Tx, uuid.UUID, int) error { return nil }

// shop is the whole of a sale: rows in Postgres, the domain, the real client, a
// simulated Stripe over HTTP and the receivers of its webhooks.
type shop struct {
	*world
	*ticketing.Service
	pool   *pgxpool.Pool
	jobs   *errands
	worker *ticketing.Worker
	inbox  *inbox
	offer  ticketing.Offer
}

// inbox is where the simulator's webhooks come in. While it is shut, they are
// kept with their signatures and not received.
type inbox struct {
	mu    sync.Mutex
	shut  bool
	mail  []letter
	hooks *stripepay.Webhooks
}

// letter is a webhook that was kept.
type letter struct {
	path, signature string
	body            []byte
	hint            ticketing.Event
}

func (i *inbox) take() (all []letter) {
	i.mu.Lock()
	defer i.mu.Unlock()
	all, i.mail = i.mail, nil
	return all
}

// close shuts the inbox, or opens it again.
func (i *inbox) close(shut bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.shut = shut
}

func (i *inbox) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST "+stripepay.PlatformPath, i.receiver(i.hooks.Platform))
	mux.Handle("POST "+stripepay.ConnectPath, i.receiver(i.hooks.Connect))
	return mux
}

func (i *inbox) receiver(door func() http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		shut := i.shut
		i.mu.Unlock()
		if !shut {
			door().ServeHTTP(w, r)
			return
		}
		l := letter{path: r.URL.Path, signature: r.Header.Get("Stripe-Signature"), body: readAll(r)}
		i.mu.Lock()
		defer i.mu.Unlock()
		i.mail = append(i.mail, l)
	})
}

func readAll(r *http.Request) []byte {
	body := make([]byte, r.ContentLength)
	for n := 0; n < len(body); {
		m, err := r.Body.Read(body[n:])
		if n += m; err != nil {
			break
		}
	}
	return body
}

// opened opens a shop with so many seats at 20 dollars.
func opened(t *testing.T, seats int, with ...func(*stripesim.Config, *stripepay.Config)) *shop {
	t.Helper()
	return openedOn(t, simulated(t, with...), postgrestest.New(t), seats)
}

func openedOn(t *testing.T, w *world, pool *pgxpool.Pool, seats int) *shop {
	t.Helper()
	s := newShop(w, pool, postgrestest.Indexed(w.t, pool))
	server := httptest.NewServer(s.inbox.handler())
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	w.must(err)
	s.inbox.hooks.Secrets, err = w.pay.MakeEndpoints(w.ctx, base, true)
	w.must(err)
	host := s.person()
	_, err = s.Onboard(w.ctx, host, "", ticketing.LinkTo{Return: "https://salon.example", Refresh: "https://salon.example"})
	w.must(err)
	payouts, err := s.Payouts(w.ctx, host)
	w.must(err)
	w.must(w.control.Onboard(w.ctx, payouts.ID, "finish"))
	s.offer, err = s.SetOffer(w.ctx, host, s.room(host), ticketing.NewOffer{Price: 2000, Currency: "usd", Cap: seats, RefundHours: new(24)})
	w.must(err)
	return s
}

// newShop is the shop's part in one process.
func newShop(w *world, pool, seats *pgxpool.Pool) *shop {
	s := &shop{world: w, pool: pool, jobs: &errands{}, worker: ticketing.NewWorker(), inbox: &inbox{}}
	settings := ticketing.DefaultSettings()
	settings.HoldsPerAddress = 1 << 20
	s.Service = ticketing.NewService(ticketing.NewStore(pool), seats, settings, w.pay, nobody{}, s.jobs, slog.New(slog.DiscardHandler))
	s.worker.Serve(s.Service)
	s.inbox.hooks = &stripepay.Webhooks{Hints: s.Service, Refuse: refuse}
	return s
}

func (s *shop) exec(sql string, args ...any) {
	s.t.Helper()
	_, err := s.pool.Exec(s.ctx, sql, args...)
	s.must(err)
}

func (s *shop) text(sql string, args ...any) (text string) {
	s.t.Helper()
	s.must(s.pool.QueryRow(s.ctx, sql, args...).Scan(&text))
	return text
}

func (s *shop) number(sql string, args ...any) (n int) {
	s.t.Helper()
	s.must(s.pool.QueryRow(s.ctx, sql, args...).Scan(&n))
	return n
}

func (s *shop) person() uuid.UUID {
	s.t.Helper()
	id := uuid.Must(uuid.NewV7())
	s.exec(`insert into accounts (id, handle, display_name, email, password_hash) values ($1, $2, $2, $2 || '@example.org', '')`, id, fmt.Sprintf("p%x", id[6:]))
	return id
}

func (s *shop) room(host uuid.UUID) uuid.UUID {
	s.t.Helper()
	room, decision := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	s.exec(`insert into gate_decisions (id, account_id, purpose, snapshot, passed) values ($1, $2, 'host', '{}', true)`, decision, host)
	s.exec(`insert into rooms (id, host_id, title, language, gate_decision_id, starts_at) values ($1, $2, 'Evening', 'en', $3, now() + interval '2 days')`, room, host, decision)
	return room
}

var back = ticketing.Return{SuccessURL: "https://salon.example/paid", CancelURL: "https://salon.example/back"}

// held holds a seat for somebody new.
func (s *shop) held() ticketing.Order {
	s.t.Helper()
	o, err := s.Hold(s.ctx, ticketing.Ask{ID: uuid.Must(uuid.NewV7()), Offer: s.offer.ID, Account: s.person(), Network: 1})
	s.must(err)
	return o
}

// page is where the order is paid.
func (s *shop) page(o ticketing.Order) string {
	s.t.Helper()
	url, err := s.Pay(s.ctx, *o.AccountID, o.ID, back)
	s.must(err)
	return url
}

// bought holds and pays a seat; it is a ticket once the webhook was received and
// worked.
func (s *shop) bought() ticketing.Order {
	s.t.Helper()
	o := s.held()
	if !s.pays(s.page(o), card(goodCard)) {
		s.t.Fatal("not paid")
	}
	return o
}

func (s *shop) state(o ticketing.Order) ticketing.State {
	s.t.Helper()
	return ticketing.State(s.text(`select state from orders where id = $1`, o.ID))
}

func (s *shop) isState(o ticketing.Order, want ticketing.State) {
	s.t.Helper()
	if got := s.state(o); got != want {
		s.t.Errorf("order is %s, want %s", got, want)
	}
}

func (s *shop) session(o ticketing.Order) string {
	s.t.Helper()
	return s.text(`select session_id from payments where order_id = $1`, o.ID)
}

// work runs the jobs until there are none. What fails is the sweeper's.
func (s *shop) work() {
	for all := s.jobs.take(); len(all) > 0; all = s.jobs.take() {
		for _, job := range all {
			_ = worked(s.ctx, s.worker, job)
		}
	}
}

// flush waits for the webhooks and works what follows from them.
func (s *shop) flush() {
	s.t.Helper()
	s.must(s.control.Flush(s.ctx))
	s.work()
}

// rest lets everything that waits have waited long enough.
func (s *shop) rest() {
	s.t.Helper()
	for _, sql := range []string{
		`update stripe_calls set sent_at = now() - interval '2 days'`, `update refunds set created_at = now() - interval '1 hour'`,
		`update stripe_events set received_at = now() - interval '1 hour'`,
	} {
		s.exec(sql)
	}
}

// over lets the time of an order be over.
func (s *shop) over(o ticketing.Order) {
	s.t.Helper()
	s.exec(`update orders set expires_at = now() - interval '1 second' where id = $1`, o.ID)
}

// converge does what the sweeper does, until nothing is left to do.
func (s *shop) converge() {
	s.t.Helper()
	for range 3 {
		s.rest()
		_ = s.Sweep(s.ctx)
		s.work()
		s.must(s.Reconcile(s.ctx))
		s.work()
	}
}

// sound fails if anything is as it ought not to be, here or towards Stripe.
func (s *shop) sound() {
	s.t.Helper()
	findings, err := s.Fsck(s.ctx)
	if err != nil || len(findings) > 0 {
		s.t.Errorf("fsck: %v %v", findings, err)
	}
}

// ends counts what became of the payments at Stripe.
func (s *shop) ends() (kept, refunded, sessions int) {
	s.t.Helper()
	all, err := s.pay.RecentSessions(s.ctx, time.Now().Add(-48*time.Hour))
	s.must(err)
	for _, one := range all {
		if one.Payment == "" {
			continue
		}
		switch p := s.payment(one.Payment); {
		case p.Status == ticketing.PaymentSucceeded && p.Refunded == p.Amount:
			refunded++
		case p.Status == ticketing.PaymentSucceeded:
			kept++
		}
	}
	return kept, refunded, len(all)
}
