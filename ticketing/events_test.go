package ticketing

import (
	"testing"
	"time"
)

// Old events of which something came are forgotten, in small parts. What nothing
// came of stays, and one that comes again after all changes nothing.
func TestOldEventsAreForgotten(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(1), b.account("buyer")
	o := b.checkout(f, buyer)
	b.stripe.pay(o.ID)
	paid := Event{ID: "evt_paid", Type: "checkout.session.completed", Object: b.stripe.sessionOf(o.ID).ID}
	arrives := func() {
		b.must(b.Receive(b.ctx, paid))
		b.work()
		b.state(o.ID, Paid)
	}
	arrives()
	entries := b.number(`select count(*) from ledger_entries`)
	event := func(id string, age time.Duration) {
		b.exec(`insert into stripe_events (id, type, object, received_at, applied_at) values ($1, 'x', 'y', now() - $2::interval, now() - $2::interval)`, id, age)
	}
	event("evt_old", keepEvents+time.Hour)
	event("evt_young", keepEvents-time.Hour)
	b.exec(`insert into stripe_events (id, type, object, received_at) values ('evt_waiting', 'x', 'y', now() - interval '1 year')`)
	b.exec(`update stripe_events set applied_at = now() - interval '1 year' where id = $1`, paid.ID)
	b.must(b.forgetEvents(b.ctx))
	if n := b.number(`select count(*) from stripe_events where id in ('evt_young', 'evt_waiting')`); n != 2 || b.number(`select count(*) from stripe_events`) != 2 {
		t.Errorf("%d of what was to stay", n)
	}
	arrives()
	if n := b.number(`select count(*) from ledger_entries`); n != entries || b.stripe.count("checkout") != 1 {
		t.Errorf("%d entries, %d before", n, entries)
	}

	b.exec(`insert into stripe_events (id, type, object, applied_at) select 'evt_' || i, 'x', 'y', now() - interval '1 year' from generate_series(1, $1::int + 1) i`, forgotAtOnce)
	for _, left := range []int64{1, 0} {
		b.must(b.forgetEvents(b.ctx))
		if n := b.number(`select count(*) from stripe_events where applied_at < now() - interval '180 days'`); n != left {
			t.Errorf("%d are left, want %d", n, left)
		}
	}
	b.must(b.Sweep(b.ctx)) // the one that waited
	b.sound()
}
