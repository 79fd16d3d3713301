package ticketing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"salon/internal/postgres"
	"salon/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// errands are the jobs that follow, run when a test says so.
type errands struct {
	mu  sync.Mutex
	all []errand
}

func (e *errands) InsertTx(_ context.Context, _ pgx.Tx, job river.JobArgs) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, job.(errand))
	return nil
}

func (e *errands) take() (next errand, any bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.all) == 0 {
		return next, false
	}
	next, e.all = e.all[0], e.all[1:]
	return next, true
}

// journal notes what rooms were told.
type journal struct {
	mu   sync.Mutex
	sold []int
}

func (j *journal) SoldTx(_ context.Context, _ pgx.Tx, _ uuid.UUID, sold int) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sold = append(j.sold, sold)
	return nil
}

type bundle struct {
	*Service
	t       testing.TB
	ctx     context.Context
	pool    *pgxpool.Pool
	stripe  *stripe
	errands *errands
	journal *journal
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	return newBundle(t, postgrestest.New(t))
}

func newBundle(t testing.TB, pool *pgxpool.Pool) *bundle {
	settings := DefaultSettings()
	settings.HoldsPerAddress = 1000
	b := &bundle{nil, t, t.Context(), pool, newStripe(), &errands{}, &journal{}}
	b.Service = NewService(NewStore(pool), postgrestest.Indexed(t, pool), settings, b.stripe, b.journal, b.errands, slog.New(slog.DiscardHandler))
	return b
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.pool.Exec(b.ctx, sql, args...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) number(sql string, args ...any) (n int64) {
	b.t.Helper()
	if err := b.pool.QueryRow(b.ctx, sql, args...).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bundle) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) want(what string, err, want error) {
	b.t.Helper()
	if !errors.Is(err, want) {
		b.t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func (b *bundle) account(handle string) uuid.UUID {
	b.t.Helper()
	id := uuid.Must(uuid.NewV7())
	b.exec(`insert into accounts (id, handle, display_name, email, password_hash) values ($1, $2, $2, $2 || '@example.org', '')`, id, handle)
	return id
}

func (b *bundle) people(n int) []uuid.UUID {
	b.t.Helper()
	all := make([]uuid.UUID, n)
	names := make([]string, n)
	for i := range all {
		all[i] = uuid.Must(uuid.NewV7())
		names[i] = fmt.Sprintf("p%d_%x", i, all[i][12:])
	}
	b.exec(`insert into accounts (id, handle, display_name, email, password_hash)
		select id, name, name, name || '@example.org', '' from unnest($1::uuid[], $2::text[]) as x (id, name)`, all, names)
	return all
}

// room is one that has not started, as package rooms makes them.
func (b *bundle) room(host uuid.UUID, startsIn time.Duration) uuid.UUID {
	b.t.Helper()
	room, decision := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	b.exec(`insert into gate_decisions (id, account_id, purpose, snapshot, passed) values ($1, $2, 'host', '{}', true)`, decision, host)
	b.exec(`insert into rooms (id, host_id, title, language, gate_decision_id, starts_at) values ($1, $2, 'Evening', 'en', $3, now() + $4::interval)`, room, host, decision, startsIn)
	return room
}

// seller is a host whom Stripe lets be paid.
func (b *bundle) seller(handle string) uuid.UUID {
	b.t.Helper()
	host := b.account(handle)
	_, err := b.Onboard(b.ctx, host, "", LinkTo{})
	b.must(err)
	id, err := payoutOf(b.ctx, b.pool, host)
	b.must(err)
	b.stripe.mu.Lock()
	defer b.stripe.mu.Unlock()
	*b.stripe.accounts[id] = Account{ID: id, ChargesEnabled: true, Transfers: true, PayoutsEnabled: true}
	return host
}

// usual is an offer of so many seats at 5 dollars, refunded until a day before.
func usual(seats int) NewOffer {
	return NewOffer{Price: 500, Currency: "usd", Cap: seats, RefundHours: new(24)}
}

func (b *bundle) offer(host, room uuid.UUID, n NewOffer) Offer {
	b.t.Helper()
	f, err := b.SetOffer(b.ctx, host, room, n)
	b.must(err)
	return f
}

// sale is a seller with a room two days ahead and its usual offer.
func (b *bundle) sale(seats int) Offer {
	b.t.Helper()
	host := b.seller("host")
	return b.offer(host, b.room(host, 48*time.Hour), usual(seats))
}

func ask(f Offer, who uuid.UUID) Ask {
	return Ask{ID: uuid.Must(uuid.NewV7()), Offer: f.ID, Account: who, Network: 1}
}

func (b *bundle) hold(f Offer, who uuid.UUID) Order {
	b.t.Helper()
	o, err := b.Hold(b.ctx, ask(f, who))
	b.must(err)
	return o
}

// checkout holds a seat and asks for the page where it is paid.
func (b *bundle) checkout(f Offer, who uuid.UUID) Order {
	b.t.Helper()
	o := b.hold(f, who)
	url, err := b.Pay(b.ctx, who, o.ID, Return{"https://salon.example/yes", "https://salon.example/no"})
	if err != nil || url == "" {
		b.t.Fatalf("pay: %q %v", url, err)
	}
	return b.order(o.ID)
}

// buy buys a ticket to the end.
func (b *bundle) buy(f Offer, who uuid.UUID) Order {
	b.t.Helper()
	o := b.checkout(f, who)
	b.stripe.pay(o.ID)
	b.must(b.settleOrder(o.ID))
	return b.order(o.ID)
}

func (b *bundle) settleOrder(order uuid.UUID) error {
	return b.Settle(b.ctx, b.stripe.sessionOf(order).ID)
}

func (b *bundle) order(id uuid.UUID) Order {
	b.t.Helper()
	o, err := one[Order](b.ctx, b.pool, ErrNoOrder, selectOrder+` where id = $1`, id)
	b.must(err)
	return o
}

func (b *bundle) state(id uuid.UUID, want State) {
	b.t.Helper()
	if got := b.order(id).State; got != want {
		b.t.Errorf("order is %s, want %s", got, want)
	}
}

// work runs the errands until there are none. Those that fail are left to the
// sweeper.
func (b *bundle) work() {
	for e, any := b.errands.take(); any; e, any = b.errands.take() {
		_ = b.run(b.ctx, e)
	}
}

// over lets the time of an order be over.
func (b *bundle) over(order uuid.UUID) {
	b.t.Helper()
	b.exec(`update orders set expires_at = now() - interval '1 second' where id = $1`, order)
}

// rest lets everything that waits have waited long enough.
func (b *bundle) rest() {
	b.t.Helper()
	b.exec(`update stripe_calls set sent_at = now() - interval '2 days'`)
	b.exec(`update refunds set created_at = now() - interval '1 hour'`)
	b.exec(`update stripe_events set received_at = now() - interval '1 hour'`)
}

// opens says whether an account's ticket opens the door of the offer's room.
func (b *bundle) opens(f Offer, who uuid.UUID) bool {
	b.t.Helper()
	var held bool
	b.must(postgres.InTx(b.ctx, b.pool, func(tx pgx.Tx) (err error) {
		_, held, err = b.HoldsTicketTx(b.ctx, tx, who, *f.RoomID)
		return err
	}))
	return held
}

// sound fails if anything is as it ought not to be.
func (b *bundle) sound() {
	b.t.Helper()
	findings, err := b.Fsck(b.ctx)
	if err != nil || len(findings) > 0 {
		b.t.Errorf("fsck: %v %v", findings, err)
	}
}

// balance is what came into an account of the ledger, over all orders.
func (b *bundle) balance(account string) int64 {
	b.t.Helper()
	return b.number(`select coalesce(sum(amount), 0)::bigint from ledger_entries where account = $1`, account)
}
