package ticketing

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"salon/rooms"
)

// An hour after its announced start, a room with paid tickets that has not
// started is a person's business; a day after it, everyone gets their money back.
// Rooms that started, were moved, sold nothing or cost nothing are let be.
func TestARoomWithTicketsThatNeverStarts(t *testing.T) {
	b := setupPost(t)
	b.CallOffIn(rooms.NewStore(b.pool))
	host, admin, people := b.seller("host"), b.account("admin"), b.people(5)
	offering := func(price int64) Offer {
		n := usual(5)
		n.Price = price
		return b.offer(host, b.room(host, 48*time.Hour), n)
	}
	never, begun, moved, free, unsold := offering(500), offering(500), offering(500), offering(0), offering(500)
	sold, waiting := b.buy(never, people[0]), b.checkout(never, people[1])
	heard, later, given := b.buy(begun, people[2]), b.buy(moved, people[3]), b.hold(free, people[4])
	_, err := b.Pay(b.ctx, people[4], given.ID, Return{})
	b.must(err)
	ago := func(d time.Duration, offers ...Offer) {
		for _, f := range offers {
			b.exec(`update rooms set starts_at = now() - $2::interval where id = $1`, f.RoomID, d)
		}
		for range 2 {
			b.must(b.Sweep(b.ctx))
		}
	}

	ago(59*time.Minute, never, begun, moved, free, unsold)
	b.alarms()
	ago(61*time.Minute, never, begun, moved, free, unsold)
	b.alarms(AlarmUnstarted, AlarmUnstarted, AlarmUnstarted)
	b.exec(`update rooms set run = 'r', started_at = now() where id = $1`, begun.RoomID)
	ago(-24*time.Hour, moved)
	b.alarms(AlarmUnstarted)
	if n := b.number(`select count(*) from sales_audit where action = 'close-alarm' and actor_id is null`); n != 2 {
		t.Errorf("%d alarms were closed by the server", n)
	}
	all, err := b.Alarms(b.ctx)
	if err != nil || len(all) != 1 || all[0].Subject != never.RoomID.String() {
		t.Fatalf("%+v %v", all, err)
	}
	b.must(b.CloseAlarm(b.ctx, admin, all[0].ID, "the host will come"))
	ago(24*time.Hour-time.Minute, never, begun, free, unsold)
	b.alarms() // whoever closed it knows
	b.state(sold.ID, Paid)
	b.exec(`update alarms set created_at = now() - interval '3 days' where subject = $1`, moved.RoomID.String())
	ago(2*time.Hour, moved)
	b.alarms(AlarmUnstarted) // late again, at another time

	b.stripe.breaks("refund", errGone, true)
	ago(24*time.Hour+time.Minute, never, begun, free, unsold)
	b.work()
	b.rest()
	b.must(b.Sweep(b.ctx))
	b.state(sold.ID, Refunded)
	b.state(waiting.ID, Cancelled)
	for _, o := range []Order{heard, later, given} {
		b.state(o.ID, Paid)
	}
	b.letters(people[0], "receipt Evening host 500+0usd ", "refund Evening host 500+0usd room-cancelled")
	var off uuid.UUID
	b.must(b.pool.QueryRow(b.ctx, `select id from rooms where cancelled_at is not null`).Scan(&off))
	if n := b.number(`select count(*) from sales_audit where action = 'call-off' and subject = $1 and actor_id is null`, off.String()); n != 1 || off != *never.RoomID {
		t.Errorf("%d notes that %s was called off", n, off)
	}
	if n := b.number(`select count(*) from rooms where cancelled_at is not null`); n != 1 || len(b.stripe.refunds) != 1 {
		t.Errorf("%d rooms called off, %d refunds", n, len(b.stripe.refunds))
	}
	b.sound()
}
