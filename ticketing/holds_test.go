package ticketing

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
	"salon/internal/postgres/postgrestest"
)

// second is another process on the same database.
func (b *bundle) second() *Service {
	b.t.Helper()
	return NewService(NewStore(b.pool), postgrestest.Indexed(b.t, b.pool), b.settings, b.stripe, b.journal, b.errands, slog.New(slog.DiscardHandler))
}

// rush lets so many clients at once hold seats for everyone, by the services in
// turn, and says how many were held, how many told that all are gone, and how
// long each waited, shortest first.
func (b *bundle) rush(f Offer, people []uuid.UUID, clients int, by ...*Service) (held, full int64, waits []time.Duration) {
	b.t.Helper()
	var all sync.WaitGroup
	var next, got, none atomic.Int64
	waits = make([]time.Duration, len(people))
	for range clients {
		all.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(people); i = next.Add(1) - 1 {
				begun := time.Now()
				a := ask(f, people[i])
				a.Network = Network(i) // from everywhere: those of one network are answered one group after the other
				_, err := by[int(i)%len(by)].Hold(b.ctx, a)
				waits[i] = time.Since(begun)
				switch {
				case err == nil:
					got.Add(1)
				case errors.Is(err, ErrSoldOut):
					none.Add(1)
				default:
					b.t.Error(err)
				}
			}
		})
	}
	all.Wait()
	slices.Sort(waits)
	return got.Load(), none.Load(), waits
}

// M1 and M2: exactly as many seats are sold as there are, by two processes and
// whatever isolation the database's owner prefers.
func TestM1M2NeverOversold(t *testing.T) {
	for isolation, rounds := range map[string]int{"read committed": 20, "repeatable read": 5, "serializable": 5} {
		t.Run(isolation, func(t *testing.T) {
			b := setup(t)
			b.exec(`do $$ begin execute format('alter database %I set default_transaction_isolation = ''` + isolation + `''', current_database()); end $$`)
			b.pool.Reset()
			b.desk.pool.Reset()
			host, second := b.seller("host"), b.second()
			over, under, worst := int64(0), int64(0), time.Duration(0)
			for range rounds {
				f := b.offer(host, b.room(host, 48*time.Hour), usual(100))
				held, full, waits := b.rush(f, b.people(2000), 64, b.Service, second)
				if held != 100 || full != 1900 {
					t.Errorf("%d held, %d told it is sold out", held, full)
				}
				if n := b.number(`select taken from offers where id = $1`, f.ID); n != 100 {
					t.Errorf("%d counted", n)
				}
				over, under = over+max(0, held-100), under+max(0, 100-held)
				worst = max(worst, waits[len(waits)*99/100])
				b.sound()
				b.exec(`update orders set expires_at = now() where state = 'held'`)
				b.must(b.expireHeld(b.ctx)) // people of one network hold so many
			}
			figure := "money.m1_" + strings.ReplaceAll(isolation, " ", "_")
			t.Logf("figure %s_rounds %d", figure, rounds)
			t.Logf("figure %s_oversold %d", figure, over)
			t.Logf("figure %s_undersold %d", figure, under)
			t.Logf("figure %s_worst_p99_ms %d", figure, worst.Milliseconds())
		})
	}
}

// The control of M1: who counts and then inserts, without the offer's row, sells
// more than there is. All count before the first commits.
func TestM1WithoutTheLockItIsOversold(t *testing.T) {
	b := setup(t)
	f := b.sale(3)
	var counted, all sync.WaitGroup
	people := b.people(8)
	counted.Add(len(people))
	for _, who := range people {
		all.Go(func() {
			err := postgres.InTx(b.ctx, b.pool, func(tx pgx.Tx) error {
				var taken int
				err := tx.QueryRow(b.ctx, `select count(*) from orders where offer_id = $1`, f.ID).Scan(&taken)
				counted.Done()
				counted.Wait()
				if err != nil || taken >= f.Cap {
					return err
				}
				_, err = tx.Exec(b.ctx, `insert into orders (id, offer_id, account_id, price, currency, network, expires_at) values ($1, $2, $3, 500, 'usd', 0, now())`,
					uuid.Must(uuid.NewV7()), f.ID, who)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	n := b.number(`select count(*) from orders`)
	t.Logf("figure money.m1_control_oversold %d", n-3)
	if n <= 3 {
		t.Errorf("only %d sold: the control controls nothing", n)
	}
	if findings, err := b.Fsck(b.ctx); err != nil || len(findings) == 0 || findings[0].Invariant != "I1" {
		t.Errorf("fsck: %v %v", findings, err)
	}
}

// The schema itself refuses a count above the cap, whoever writes it.
func TestTheSchemaRefusesToOversell(t *testing.T) {
	b := setup(t)
	f := b.sale(3)
	_, err := b.pool.Exec(b.ctx, `update offers set taken = 4 where id = $1`, f.ID)
	if postgres.Constraint(err) != "offers_never_oversold" {
		t.Error(err)
	}
}

func TestARetriedIdIsTheSameOrder(t *testing.T) {
	b := setup(t)
	f := b.sale(3)
	people := b.people(4)
	one, two := ask(f, people[0]), ask(f, people[1])
	first, err := b.Hold(b.ctx, one)
	b.must(err)
	_, err = b.Hold(b.ctx, two)
	b.must(err)
	// Known ids and new ones in one group with one seat free: the first two are
	// told of their orders and take nothing, the third takes the seat.
	three, four := ask(f, people[2]), ask(f, people[3])
	j, err := b.desk.reserve([]asking{{Ask: one}, {Ask: two}, {Ask: three}, {Ask: four}}, false)
	b.must(err)
	if want := []verdict{verdictKnown, verdictKnown, verdictHeld, verdictFull}; !slices.Equal(j.verdicts, want) {
		t.Errorf("%v, want %v", j.verdicts, want)
	}
	again, err := b.Hold(b.ctx, one)
	if err != nil || !cmp.Equal(again, first) {
		t.Errorf("again: %+v %v, first %+v", again, err, first)
	}
	_, err = b.Hold(b.ctx, Ask{ID: one.ID, Offer: f.ID, Account: people[3]})
	b.want("another's id", err, ErrOrderID)
	_, err = b.Hold(b.ctx, ask(f, people[0]))
	b.want("a second seat", err, ErrHaveSeat)
	if refused := fault.Of(err); refused == nil || refused.Members["order"] != first.ID {
		t.Errorf("which order: %+v", refused)
	}
	_, err = b.Hold(b.ctx, Ask{Offer: f.ID, Account: people[3]})
	b.want("no id", err, fault.InvalidInput)
	_, err = b.Hold(b.ctx, ask(Offer{ID: uuid.Must(uuid.NewV7())}, people[3]))
	b.want("no offer", err, ErrNoOffer)
	_, err = b.Hold(b.ctx, ask(f, uuid.Must(uuid.NewV7())))
	b.want("nobody", err, ErrNoBuyer)
	_, err = b.Hold(b.ctx, ask(f, people[3]))
	b.want("too late", err, ErrSoldOut)
	b.sound()
}

// The same id a hundred times at once, by two processes, is one seat.
func TestOneIdAtOnceIsOneSeat(t *testing.T) {
	b := setup(t)
	f, buyer, other := b.sale(50), b.account("buyer"), b.second()
	a := ask(f, buyer)
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			if o, err := []*Service{b.Service, other}[i%2].Hold(b.ctx, a); err != nil || o.ID != a.ID || o.State != OnHold {
				t.Errorf("%+v %v", o, err)
			}
		})
	}
	all.Wait()
	if n := b.number(`select taken from offers`); n != 1 {
		t.Errorf("%d seats", n)
	}
	b.sound()
}

// Of one person's hundred wishes with ids of their own, one is granted.
func TestOnePersonHasOneSeat(t *testing.T) {
	b := setup(t)
	f, buyer, other := b.sale(50), b.account("buyer"), b.second()
	var all sync.WaitGroup
	var held atomic.Int64
	for i := range 100 {
		all.Go(func() {
			_, err := []*Service{b.Service, other}[i%2].Hold(b.ctx, ask(f, buyer))
			if err == nil {
				held.Add(1)
			} else if !errors.Is(err, ErrHaveSeat) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if held.Load() != 1 {
		t.Errorf("%d seats", held.Load())
	}
	b.sound()
}

func TestLimitsOfHolds(t *testing.T) {
	b := setup(t)
	b.settings.HoldsPerAccount, b.settings.HoldsPerAddress = 2, 3
	b.desk.settings = b.settings
	host := b.seller("host")
	var offers []Offer
	for range 3 {
		offers = append(offers, b.offer(host, b.room(host, time.Hour), usual(50)))
	}
	buyer := b.account("buyer")
	b.hold(offers[0], buyer)
	second := b.hold(offers[1], buyer)
	_, err := b.Hold(b.ctx, ask(offers[2], buyer))
	b.want("a third at once", err, ErrManyHolds)
	_, err = b.Cancel(b.ctx, buyer, second.ID)
	b.must(err)
	people := b.people(10)
	group := make([]asking, len(people))
	for i, who := range people {
		group[i].Ask = ask(offers[2], who)
	}
	j, err := b.desk.reserve(group, false) // one seat is held from the network already
	b.must(err)
	if want := append([]verdict{verdictHeld, verdictHeld}, slices.Repeat([]verdict{verdictNetwork}, 8)...); !slices.Equal(j.verdicts, want) {
		t.Errorf("%v, want %v", j.verdicts, want)
	}
	elsewhere := ask(offers[2], b.account("elsewhere"))
	elsewhere.Network = 2
	_, err = b.Hold(b.ctx, elsewhere)
	b.must(err)
	if n := b.number(`select count(*) from orders where state = 'cancelled' and network is not null`); n != 0 {
		t.Error("the network of an order that is over is kept")
	}
}

func TestTheWindowOfASale(t *testing.T) {
	b := setup(t)
	host := b.seller("host")
	room := b.room(host, 48*time.Hour)
	n := usual(5)
	at := func(d time.Duration) *time.Time { return new(time.Now().Add(d)) }
	n.OpensAt, n.ClosesAt = at(time.Hour), at(2*time.Hour)
	f := b.offer(host, room, n)
	people := b.people(4)
	_, err := b.Hold(b.ctx, ask(f, people[0]))
	b.want("too early", err, ErrSaleEarly)
	n.OpensAt = at(-time.Hour)
	b.offer(host, room, n)
	b.hold(f, people[0])
	n.ClosesAt = at(-time.Minute)
	b.offer(host, room, n)
	_, err = b.Hold(b.ctx, ask(f, people[1]))
	b.want("closed", err, ErrSaleClosed)
	b.exec(`update rooms set run = 'r', started_at = now(), ended_at = now() where id = $1`, room)
	_, err = b.Hold(b.ctx, ask(f, people[1]))
	b.want("the room is over", err, ErrSaleOver)
	_, err = b.SetOffer(b.ctx, host, room, n)
	b.want("offered again", err, ErrSaleOver)
}

// Whoever holds a seat is asked for no money when nobody will hear anything for
// it: the room is over, or its host was shut out of the server. Where that is
// taken back, the sale goes on.
func TestNobodyPaysForNothing(t *testing.T) {
	b := setup(t)
	f, ada, bob := b.sale(5), b.account("ada"), b.account("bob")
	o := b.hold(f, ada)
	standing := func(want Standing) {
		t.Helper()
		if s, err := b.Sale(b.ctx, *f.RoomID); err != nil || s.Standing != want {
			t.Errorf("the sale is %s %v, want %s", s.Standing, err, want)
		}
	}
	suspended := `update accounts set suspended_at = case when $2 then now() end where id = $1`
	b.exec(suspended, f.HostID, true)
	_, err := b.Hold(b.ctx, ask(f, bob))
	b.want("hold of a seller who is shut out", err, ErrSaleOver)
	_, err = b.pay(ada, o)
	b.want("pay a seller who is shut out", err, ErrSaleOver)
	standing(SaleOver)
	b.exec(suspended, f.HostID, false)
	standing(SaleOpen)
	_, err = b.pay(ada, o)
	b.want("pay a seller who was let in again", err, nil)

	o = b.hold(f, bob)
	b.exec(`update rooms set run = 'r', started_at = now(), ended_at = now() where id = $1`, f.RoomID)
	_, err = b.pay(bob, o)
	b.want("pay for a room that is over", err, ErrSaleOver)
	if n := b.stripe.sessionsOf(o.ID); n != 0 {
		t.Errorf("%d pages to pay at", n)
	}
}

func TestAHoldEndsByTheDatabasesClock(t *testing.T) {
	b := setup(t)
	f, people := b.sale(1), b.people(3)
	o := b.hold(f, people[0])
	longer, err := b.Extend(b.ctx, people[0], o.ID)
	if err != nil || longer.ExpiresAt.Sub(o.ExpiresAt) != b.settings.Extension || !longer.Extended {
		t.Errorf("extended: %+v %v", longer, err)
	}
	_, err = b.Extend(b.ctx, people[0], o.ID)
	b.want("extended twice", err, ErrExtended)
	_, err = b.Extend(b.ctx, people[1], o.ID)
	b.want("another's", err, ErrNoOrder)
	b.must(b.Sweep(b.ctx))
	b.state(o.ID, OnHold)
	b.over(o.ID)
	_, err = b.Extend(b.ctx, people[0], o.ID)
	b.want("extended too late", err, ErrHoldOver)
	_, err = b.Pay(b.ctx, people[0], o.ID, Return{})
	b.want("paid too late", err, ErrHoldOver)
	_, err = b.Hold(b.ctx, ask(f, people[1]))
	b.want("not swept", err, ErrSoldOut)
	b.must(b.Sweep(b.ctx))
	b.state(o.ID, Expired)
	next := b.hold(f, people[1])
	for range 2 {
		if got, err := b.Cancel(b.ctx, people[1], next.ID); err != nil || got.State != Cancelled {
			t.Errorf("cancelled: %+v %v", got, err)
		}
	}
	b.hold(f, people[2])
	b.sound()
}

// Who goes away before being answered takes no seat: asks whose client is gone
// are dropped while the offer is locked by somebody else.
func TestWhoLeavesTheQueueTakesNoSeat(t *testing.T) {
	b := setup(t)
	f, people := b.sale(10), b.people(3)
	tx, err := b.pool.Begin(b.ctx)
	b.must(err)
	defer tx.Rollback(b.ctx)
	_, err = tx.Exec(b.ctx, lockOffer, f.ID)
	b.must(err)
	var first sync.WaitGroup
	first.Go(func() {
		if _, err := b.Hold(b.ctx, ask(f, people[0])); err != nil {
			t.Error(err)
		}
	})
	b.waiting(1)
	gone, leave := context.WithCancel(b.ctx)
	for _, who := range people[1:] {
		b.desk.enqueue(asking{gone, ask(f, who), make(chan answered, 1)})
	}
	leave()
	b.must(tx.Rollback(b.ctx))
	first.Wait()
	if _, err := b.Hold(b.ctx, ask(f, b.account("last"))); err != nil { // their turn is over when this one's is
		t.Error(err)
	}
	if n := b.number(`select taken from offers`); n != 2 {
		t.Errorf("%d seats are taken", n)
	}
}

// waiting returns once so many backends of the database wait for a lock.
func (b *bundle) waiting(n int64) (pids []int) {
	b.t.Helper()
	for {
		rows, _ := b.pool.Query(b.ctx, `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
		pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
		b.must(err)
		if int64(len(pids)) >= n {
			return pids
		}
	}
}

// A backend that dies in the middle of a group loses nobody: each is asked for
// again alone. The desk's connection is the only one that waits for the offer.
func TestAKilledBackendLosesNobody(t *testing.T) {
	b := setup(t)
	f, people := b.sale(20), b.people(30)
	tx, err := b.pool.Begin(b.ctx)
	b.must(err)
	defer tx.Rollback(b.ctx)
	_, err = tx.Exec(b.ctx, lockOffer, f.ID)
	b.must(err)
	var all sync.WaitGroup
	var held, full atomic.Int64
	hold := func(who uuid.UUID) {
		all.Go(func() {
			_, err := b.Hold(b.ctx, ask(f, who))
			switch {
			case err == nil:
				held.Add(1)
			case errors.Is(err, ErrSoldOut):
				full.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	hold(people[0])
	b.kill(b.waiting(1)) // the first group is one person: asked for again alone
	for _, who := range people[1:] {
		hold(who)
	}
	b.queued(f, len(people)-1)
	b.must(tx.Rollback(b.ctx))
	all.Wait()
	if held.Load() != 20 || full.Load() != 10 {
		t.Errorf("%d held, %d told it is sold out", held.Load(), full.Load())
	}
	b.sound()
}

// The same with many in the group that dies.
func TestAKilledGroupIsAskedForAgain(t *testing.T) {
	b := setup(t)
	f, people := b.sale(20), b.people(31)
	block := func() pgx.Tx {
		tx, err := b.pool.Begin(b.ctx)
		b.must(err)
		_, err = tx.Exec(b.ctx, lockOffer, f.ID)
		b.must(err)
		return tx
	}
	asks := make([]asking, 30)
	done := make([]chan answered, len(asks))
	for i := range asks {
		done[i] = make(chan answered, 1)
		asks[i] = asking{b.ctx, ask(f, people[i]), done[i]}
	}
	tx := block()
	var answering sync.WaitGroup
	answering.Go(func() { b.desk.answer(&group{asks: asks}) })
	b.kill(b.waiting(1))
	b.must(tx.Rollback(b.ctx))
	answering.Wait()
	held, full := 0, 0
	for i := range done {
		switch got := <-done[i]; {
		case got.err == nil:
			held++
		case errors.Is(got.err, ErrSoldOut):
			full++
		default:
			t.Error(got.err)
		}
	}
	if held != 20 || full != 10 {
		t.Errorf("%d held, %d told it is sold out", held, full)
	}
	b.sound()
}

func (b *bundle) kill(pids []int) {
	b.t.Helper()
	for _, pid := range pids {
		b.exec(`select pg_terminate_backend($1)`, pid)
	}
}

// queued returns once so many wait at the desk.
func (b *bundle) queued(f Offer, n int) {
	for {
		b.desk.mu.Lock()
		c := b.desk.crowds[f.ID]
		there := c != nil && len(c.waiting) >= n
		b.desk.mu.Unlock()
		if there {
			return
		}
	}
}

func TestAFullQueueSaysSo(t *testing.T) {
	b := setup(t)
	f := b.sale(1)
	b.desk.crowds = map[uuid.UUID]*crowd{f.ID: {waiting: make([]asking, maxQueue)}}
	_, err := b.Hold(b.ctx, ask(f, b.account("buyer")))
	b.want("one too many", err, ErrSaleBusy)
	if refused := fault.Of(err); refused == nil || refused.RetryAfter <= 0 {
		t.Errorf("%+v", refused)
	}
}
