package ticketing

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// from is an ask from another network.
func from(f Offer, who uuid.UUID, n Network) Ask {
	a := ask(f, who)
	a.Network = n
	return a
}

// locked locks an offer, so that a group is written and waits to be counted.
func (b *bundle) locked(f Offer) pgx.Tx {
	b.t.Helper()
	tx, err := b.pool.Begin(b.ctx)
	b.must(err)
	b.t.Cleanup(func() { _ = tx.Rollback(b.ctx) })
	_, err = tx.Exec(b.ctx, lockOffer, f.ID)
	b.must(err)
	return tx
}

// meanwhile has somebody ask for a seat, and in the middle of it something else
// happen to the offer.
func (b *bundle) meanwhile(f Offer, who uuid.UUID, sql string, args ...any) (o Order, err error) {
	b.t.Helper()
	tx := b.locked(f)
	var asking sync.WaitGroup
	asking.Go(func() { o, err = b.Hold(b.ctx, ask(f, who)) })
	b.waiting(1)
	_, failed := tx.Exec(b.ctx, sql, args...)
	b.must(failed)
	b.must(tx.Commit(b.ctx))
	asking.Wait()
	return o, err
}

// idle returns once the desk has forgotten everyone.
func (b *bundle) idle() {
	for {
		b.desk.mu.Lock()
		crowds := len(b.desk.crowds)
		b.desk.mu.Unlock()
		if crowds == 0 {
			return
		}
	}
}

// Two groups are written at once. Who is of a network of which somebody is being
// answered waits: the limit counts those whose orders are there to be seen.
func TestTwoGroupsAtOnce(t *testing.T) {
	b := setup(t)
	f, people := b.sale(10), b.people(4)
	tx := b.locked(f)
	var all sync.WaitGroup
	hold := func(a Ask) {
		all.Go(func() {
			if _, err := b.Hold(b.ctx, a); err != nil {
				t.Error(err)
			}
		})
	}
	hold(from(f, people[0], 1))
	b.waiting(1)
	hold(from(f, people[1], 1))
	b.queued(f, 1)
	hold(from(f, people[2], 2))
	b.waiting(2)
	hold(from(f, people[3], 3))
	b.queued(f, 2) // the second of network one, and a third group
	b.must(tx.Rollback(b.ctx))
	all.Wait()
	if n := b.number(`select taken from offers`); n != 4 {
		t.Errorf("%d seats are taken", n)
	}
	b.idle()
	b.sound()
}

// What was written by the terms of a moment ago does not stand.
func TestTermsThatChangeMeanwhile(t *testing.T) {
	b := setup(t)
	f, people := b.sale(1), b.people(3)
	for _, terms := range []string{`price = 700`, `currency = 'eur'`, `refund_hours = 3`, `refund_hours = null`} {
		o, err := b.meanwhile(f, people[0], `update offers set `+terms)
		b.must(err)
		if n := b.number(`
			select count(*) from orders o join offers f on f.id = o.offer_id
			where o.id = $1 and o.price = f.price and o.currency = f.currency and o.refund_hours is not distinct from f.refund_hours`, o.ID); n != 1 {
			t.Errorf("%s: %+v is not by the new terms", terms, o)
		}
		_, err = b.Cancel(b.ctx, people[0], o.ID)
		b.must(err)
	}
	_, err := b.meanwhile(f, people[1], `update offers set opens_at = now() + interval '1 hour'`)
	b.want("not open any more", err, ErrSaleEarly)
	b.exec(`update offers set opens_at = null`)
	_, err = b.meanwhile(f, people[2], `update offers set cancelled_at = now()`)
	b.want("called off", err, ErrSaleOver)
	if n := b.number(`select count(*) from orders where state <> 'cancelled'`); n != 0 {
		t.Errorf("%d orders were left", n)
	}
	b.sound()
}

// A seat that was not committed is nobody's.
func TestACommitThatFails(t *testing.T) {
	b := setup(t)
	f, who := b.sale(3), b.account("buyer")
	b.exec(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`)
	b.exec(`create constraint trigger refuse after insert on orders deferrable initially deferred for each row execute function refuse()`)
	if o, err := b.Hold(b.ctx, ask(f, who)); err == nil {
		t.Errorf("held: %+v", o)
	}
	b.exec(`drop trigger refuse on orders`)
	if n := b.number(`select taken + (select count(*) from orders) from offers`); n != 0 {
		t.Errorf("%d seats and orders", n)
	}
	b.hold(f, who)
	b.sound()
}

// Who is deleted while they are given a seat leaves an order of nobody, not one
// of an account that is not there.
func TestADeletedBuyer(t *testing.T) {
	b := setup(t)
	f, who := b.sale(3), b.account("buyer")
	tx := b.locked(f)
	var both sync.WaitGroup
	both.Go(func() {
		if _, err := b.Hold(b.ctx, ask(f, who)); err != nil {
			t.Error(err)
		}
	})
	b.waiting(1)
	both.Go(func() {
		if _, err := b.pool.Exec(b.ctx, `delete from accounts where id = $1`, who); err != nil {
			t.Error(err)
		}
	})
	b.waiting(2)
	b.must(tx.Rollback(b.ctx))
	both.Wait()
	if n := b.number(`select count(*) from orders where account_id is null`); n != 1 {
		t.Errorf("%d orders of nobody", n)
	}
	b.sound()
	b.exec(`update orders set account_id = $1`, uuid.Must(uuid.NewV7())) // fsck would see it
	findings, err := b.Fsck(b.ctx)
	if err != nil || len(findings) != 1 || findings[0].Invariant != "I1" || !findings[0].Safe {
		t.Fatalf("%v %v", findings, err)
	}
	b.must(b.Repair(b.ctx, findings))
	b.sound()
}

// Nobody in a group is given a seat with somebody who is gone, and the others are
// given theirs without.
func TestABuyerWhoIsGone(t *testing.T) {
	b := setup(t)
	f := b.sale(3)
	group := []asking{{Ask: ask(f, b.account("here"))}, {Ask: ask(f, uuid.Must(uuid.NewV7()))}, {Ask: ask(f, b.account("too"))}}
	if _, err := b.desk.reserveAll(b.ctx, group); !errors.Is(err, errNotAll) {
		t.Errorf("all together: %v", err)
	}
	j, err := b.desk.reserve(group, false)
	b.must(err)
	if want := []verdict{verdictHeld, verdictNobody, verdictHeld}; !slices.Equal(j.verdicts, want) {
		t.Errorf("%v, want %v", j.verdicts, want)
	}
	b.sound()
}

// As many as the limit may come from one network, in one group and together with
// those who hold seats already.
func TestUpToTheLimit(t *testing.T) {
	b := setup(t)
	b.desk.settings.HoldsPerAddress = 3
	f, people := b.sale(10), b.people(4)
	asks := make([]asking, 4)
	for i := range asks {
		asks[i] = asking{Ask: ask(f, people[i])}
	}
	refused := func(what string, group []asking) {
		t.Helper()
		if _, err := b.desk.reserveAll(b.ctx, group); !errors.Is(err, errNotAll) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("more than the limit in one group", asks)
	if j, err := b.desk.reserveAll(b.ctx, asks[:2]); err != nil || !j.all() {
		t.Errorf("%v %v", j.verdicts, err)
	}
	refused("two where one is left", asks[2:])
	if j, err := b.desk.reserveAll(b.ctx, asks[2:3]); err != nil || !j.all() {
		t.Errorf("%v %v", j.verdicts, err)
	}
	refused("one where none is left", asks[3:])
	_, err := b.Hold(b.ctx, ask(f, people[3]))
	b.want("one too many", err, ErrManyFromHere)
	b.sound()
}

// Whoever asks again, when the sale is over or sold out, is told of their order and
// counted once.
func TestAKnownOrderIsNotCountedAgain(t *testing.T) {
	b := setup(t)
	f, people := b.sale(2), b.people(3)
	known := ask(f, people[0])
	first, err := b.Hold(b.ctx, known)
	b.must(err)
	for name, over := range map[string]string{
		"the room is over":         `update rooms set run = gen_random_uuid(), started_at = now(), ended_at = now()`,
		"the seller is suspended":  `update accounts set suspended_at = now() where id = (select host_id from offers)`,
		"the room was called off":  `update rooms set cancelled_at = now()`,
		"the sale is not open now": `update offers set opens_at = now() + interval '1 hour'`,
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.exec(over)
			if again, err := b.Hold(b.ctx, known); err != nil || again.ID != first.ID {
				t.Errorf("%+v %v", again, err)
			}
			if _, err := b.desk.reserveAll(b.ctx, []asking{{Ask: known}, {Ask: ask(f, people[1])}}); !errors.Is(err, errNotAll) {
				t.Errorf("with a new one: %v", err)
			}
			_, err = b.Hold(b.ctx, Ask{ID: known.ID, Offer: f.ID, Account: people[2]})
			b.want("another's id", err, ErrOrderID)
			if n := b.number(`select taken from offers`); n != 1 {
				t.Errorf("%d seats are taken", n)
			}
			b.exec(`update rooms set run = null, started_at = null, ended_at = null, cancelled_at = null`)
			b.exec(`update accounts set suspended_at = null`)
			b.exec(`update offers set opens_at = null`)
		})
	}
	b.t = t
	b.hold(f, people[1])
	// Sold out, and a seat comes free while the known one is being looked at.
	o, err := b.meanwhile(f, people[2], `select`)
	b.want("sold out", err, ErrSoldOut)
	tx := b.locked(f)
	var asking sync.WaitGroup
	asking.Go(func() { o, err = b.Hold(b.ctx, known) })
	b.must(tx.Rollback(b.ctx))
	asking.Wait()
	if err != nil || o.ID != first.ID {
		t.Errorf("%+v %v", o, err)
	}
	b.sound()
}
