package ticketing

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

func TestABuyerGivesATicketBack(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(1), b.account("buyer")
	o := b.buy(f, buyer)
	for range 2 {
		_, err := b.Refund(b.ctx, buyer, o.ID)
		b.must(err)
	}
	b.state(o.ID, Refunding)
	if b.opens(f, buyer) {
		t.Error("the door is open")
	}
	b.hold(f, b.account("next")) // the seat is free at once
	b.work()
	b.state(o.ID, Refunded)
	// The host has what they had before; the platform bears what Stripe kept.
	b.balances(map[string]int64{ofStripe: 45, ofDifference: -45})
	if n := b.number(`select gross from host_sales`); n != 0 {
		t.Errorf("the host sold %d over all time", n)
	}
	if b.stripe.count("refund") != 1 {
		t.Errorf("%d refunds", b.stripe.count("refund"))
	}
	b.sound()
}

func TestWhoMayRefundUntilWhen(t *testing.T) {
	b := setup(t)
	admin, host := b.account("admin"), b.seller("host")
	b.exec(`update accounts set admin = true where id = $1`, admin)
	starting := func(in time.Duration, hours *int) (Offer, uuid.UUID) {
		n := usual(10)
		n.RefundHours = hours
		room := b.room(host, in)
		return b.offer(host, room, n), room
	}
	buyer := b.account("buyer")
	for name, c := range map[string]struct {
		in     time.Duration
		hours  *int
		refuse error
	}{
		"in time":          {25 * time.Hour, new(24), nil},
		"too late":         {23 * time.Hour, new(24), ErrRefundLate},
		"until the start":  {time.Minute, new(0), nil},
		"never":            {48 * time.Hour, nil, ErrNotRefunded},
		"a year ahead":     {48 * time.Hour, new(8760), ErrRefundLate},
		"already going on": {-time.Minute, new(0), ErrRefundLate},
	} {
		f, _ := starting(c.in, c.hours)
		o := b.buy(f, buyer)
		_, err := b.Refund(b.ctx, b.account("stranger_"+o.ID.String()[30:]), o.ID)
		b.want(name+", by a stranger", err, ErrNoOrder)
		_, err = b.Refund(b.ctx, buyer, o.ID)
		b.want(name, err, c.refuse)
	}
	f, room := starting(48*time.Hour, new(24))
	o := b.buy(f, buyer)
	n := usual(10)
	n.RefundHours = nil
	b.offer(host, room, n)                                                                   // promises less from now on
	b.exec(`update rooms set starts_at = now() + interval '30 minutes' where id = $1`, room) // and moves closer
	if _, err := b.Refund(b.ctx, buyer, o.ID); err != nil {
		t.Errorf("what was promised at the sale does not hold: %v", err)
	}
	f, room = starting(time.Hour, nil)
	first, second := b.buy(f, buyer), b.buy(f, b.account("another"))
	b.exec(`update rooms set starts_at = null, run = $1::text, started_at = now() where id = $1`, room)
	_, err := b.Refund(b.ctx, host, first.ID)
	b.want("by the host", err, nil)
	_, err = b.Refund(b.ctx, admin, second.ID)
	b.want("by an admin", err, nil)
	held := b.hold(f, b.account("holder"))
	_, err = b.Refund(b.ctx, host, held.ID)
	b.want("nothing was paid", err, ErrNotRefunded)
	b.work()
	if n := b.number(`select count(*) from sales_audit where action = 'refund'`); n < 5 {
		t.Errorf("%d refunds in the audit", n)
	}
	b.sound()
}

// A host may start before the announced time. Whoever came in has used the ticket;
// what was promised to the others holds.
func TestWhoCameInGivesNoTicketBack(t *testing.T) {
	b := setup(t)
	f, people := b.sale(3), b.people(3)
	inside, named, away := b.buy(f, people[0]), b.buy(f, people[1]), b.buy(f, people[2])
	b.exec(`update rooms set run = 'r', started_at = now() where id = $1`, f.RoomID)
	b.exec(`insert into participants (room_id, account_id, identity, role, joined_at) values ($1, $2, 'inside', 'listener', now())`, f.RoomID, people[0])
	b.exec(`insert into participants (room_id, account_id, identity, role) values ($1, $2, 'named', 'listener')`, f.RoomID, people[1])
	_, err := b.Refund(b.ctx, people[0], inside.ID)
	b.want("who came in", err, ErrTicketUsed)
	for i, o := range []Order{inside, named, away} {
		if mine, err := b.MyOrder(b.ctx, people[i], o.ID); err != nil || mine.Refundable != (i > 0) || mine.Used != (i == 0) {
			t.Errorf("%d may give it back: %v, used: %v, %v", i, mine.Refundable, mine.Used, err)
		}
	}
	_, err = b.Refund(b.ctx, people[1], named.ID)
	b.want("who was named and did not come", err, nil)
	_, err = b.Refund(b.ctx, people[2], away.ID)
	b.want("who did not come", err, nil)
	_, err = b.Refund(b.ctx, *f.HostID, inside.ID)
	b.want("by the host", err, nil)
	b.work()
	for _, o := range []Order{inside, named, away} {
		b.state(o.ID, Refunded)
	}
	b.sound()
}

// What a ticket promises is what was promised when its seat was held, whatever the
// host says while it is paid.
func TestThePromiseIsThatOfTheHold(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(2), b.account("buyer")
	o := b.checkout(f, buyer)
	n := usual(2)
	n.RefundHours = nil
	b.offer(*f.HostID, *f.RoomID, n)
	b.stripe.pay(o.ID)
	b.must(b.settleOrder(o.ID))
	if mine, err := b.MyOrder(b.ctx, buyer, o.ID); err != nil || !mine.Refundable {
		t.Errorf("%+v %v", mine, err)
	}
	late := b.buy(f, b.account("late"))
	_, err := b.Refund(b.ctx, *late.AccountID, late.ID)
	b.want("who came later", err, ErrNotRefunded)
}

// M14: a refund that breaks anywhere happens once.
func TestM14ABrokenRefundHappensOnce(t *testing.T) {
	for name, c := range map[string]breakage{
		"busy": {ErrTryAgain, false}, "lost before": {errGone, false}, "lost after": {errGone, true},
		"failed before": {ErrKeySpent, false}, "failed after": {ErrKeySpent, true}, "refused at first": {ErrRefused, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			f, buyer := b.sale(1), b.account("buyer")
			o := b.buy(f, buyer)
			_, err := b.Refund(b.ctx, buyer, o.ID)
			b.must(err)
			b.stripe.breaks("refund", c.err, c.after)
			b.work()
			b.must(b.Sweep(b.ctx)) // too early to try again
			b.rest()
			b.must(b.Sweep(b.ctx))
			b.state(o.ID, Refunded)
			if _, refunded := b.stripe.ends(); refunded != 1 || len(b.stripe.refunds) != 1 {
				t.Errorf("%d payments went back by %d refunds", refunded, len(b.stripe.refunds))
			}
			b.balances(map[string]int64{ofStripe: 45, ofDifference: -45})
			b.sound()
		})
	}
}

// What Stripe refuses is asked for again after a minute, and then after twice as
// long each time, up to a day.
func TestARefusedRefundIsAskedForLessAndLess(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(1), b.account("buyer")
	o := b.buy(f, buyer)
	_, err := b.Refund(b.ctx, buyer, o.ID)
	b.must(err)
	const refusals = 13
	for range refusals {
		b.stripe.breaks("refund", ErrRefused, false)
	}
	b.work()
	b.rest()
	rested := func(d time.Duration) (asked int) {
		b.exec(`update stripe_calls set sent_at = now() - $1::interval where what = 'refund'`, d)
		b.must(b.Sweep(b.ctx))
		return b.stripe.count("refund")
	}
	for n := range refusals {
		b.alarms(AlarmRefused)
		wait := min(time.Minute<<n, 24*time.Hour)
		if asked := rested(wait - 30*time.Second); asked != n+1 {
			t.Fatalf("after %d refusals, asked again before %s", n+1, wait)
		}
		if asked := rested(wait + time.Second); asked != n+2 {
			t.Fatalf("after %d refusals, not asked again after %s", n+1, wait)
		}
	}
	b.state(o.ID, Refunded)
	if keys := b.number(`select count(*) from stripe_calls where what = 'refund'`); len(b.stripe.refunds) != 1 || keys != refusals+1 {
		t.Errorf("%d refunds under %d keys", len(b.stripe.refunds), keys)
	}
	b.sound()
}

// A key that Stripe may have forgotten is not sent again: one looks first.
func TestAnOldKeyIsNotSentAgain(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(1), b.account("buyer")
	o := b.buy(f, buyer)
	_, err := b.Refund(b.ctx, buyer, o.ID)
	b.must(err)
	b.stripe.breaks("refund", errGone, true)
	b.work()
	clear(b.stripe.answers)
	b.exec(`update stripe_calls set made_at = now() - interval '25 hours'`)
	b.rest()
	b.must(b.Sweep(b.ctx))
	b.state(o.ID, Refunded)
	if n := b.stripe.count("refund"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	b.sound()
}

func TestManyWhoRefundAtOnceRefundOnce(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(1), b.account("buyer")
	o := b.buy(f, buyer)
	var all sync.WaitGroup
	for range 10 {
		for _, who := range []uuid.UUID{buyer, *f.HostID} {
			all.Go(func() {
				if _, err := b.Refund(b.ctx, who, o.ID); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	var id uuid.UUID
	b.must(b.pool.QueryRow(b.ctx, `select id from refunds`).Scan(&id))
	for range 10 {
		all.Go(func() {
			if err := b.sendRefund(b.ctx, id); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	b.state(o.ID, Refunded)
	if keys := b.number(`select count(*) from stripe_calls where what = 'refund'`); len(b.stripe.refunds) != 1 || keys != 1 {
		t.Errorf("%d refunds under %d keys", len(b.stripe.refunds), keys)
	}
	b.alarms()
	b.sound()
}

func TestRefundsMadeAtStripe(t *testing.T) {
	b := setup(t)
	f, people := b.sale(3), b.people(3)
	all, part, alone := b.buy(f, people[0]), b.buy(f, people[1]), b.buy(f, people[2])
	b.stripe.change(all.ID, func(p *Payment) { b.stripe.refund(p, 500, uuid.Nil, true) })
	b.stripe.change(part.ID, func(p *Payment) { b.stripe.refund(p, 100, uuid.Nil, true) })
	b.stripe.change(alone.ID, func(p *Payment) { b.stripe.refund(p, 500, uuid.Nil, false) })
	b.must(b.Reconcile(b.ctx))
	b.state(all.ID, Refunded)
	b.state(part.ID, Paid)
	b.state(alone.ID, Refunded)
	if b.opens(f, people[0]) || !b.opens(f, people[1]) || b.opens(f, people[2]) {
		t.Error("the doors are wrong")
	}
	b.alarms(AlarmOutside, AlarmAbsorbed)
	// Of the part, the host gave 100 and got 12 of the fee back: 3 of the cut and
	// 9 of processing. What was refunded alone, the platform bears.
	b.balances(map[string]int64{ofBuyer: -400, ofHost: 440 - 88 + 440, ofCut: 15 - 3 + 15, ofStripe: 3 * 45, ofDifference: -45 - 9, ofAbsorbed: -500})
	_, err := b.Refund(b.ctx, people[1], part.ID)
	b.must(err)
	b.work()
	b.state(part.ID, Refunded)
	b.sound()
}

// A refund that the bank did not take is a person's business: the money is with
// the platform again, and the ledger says so.
func TestARefundThatBounces(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(1), b.account("buyer")
	o := b.buy(f, buyer)
	_, err := b.Refund(b.ctx, buyer, o.ID)
	b.must(err)
	b.work()
	b.stripe.change(o.ID, func(p *Payment) { p.Refunded = 0 })
	for _, r := range b.stripe.refunds {
		r.Status = RefundFailed
	}
	b.must(b.Reconcile(b.ctx))
	b.state(o.ID, Refunding)
	all, err := b.Alarms(b.ctx)
	if err != nil || len(all) != 2 || all[0].Kind != AlarmFailed && all[1].Kind != AlarmFailed {
		t.Fatalf("%+v %v", all, err)
	}
	if findings, err := b.Fsck(b.ctx); err != nil || len(findings) != 1 || findings[0].Safe {
		t.Errorf("%v %v", findings, err)
	}
	for range 2 {
		b.must(b.CloseAlarm(b.ctx, buyer, all[0].ID, "paid by hand"))
	}
	if n := b.number(`select count(*) from sales_audit where action = 'close-alarm'`); n != 1 {
		t.Errorf("%d entries in the audit", n)
	}
}

func TestADisputeStopsARefund(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(1), b.account("buyer")
	o := b.buy(f, buyer)
	_, err := b.Refund(b.ctx, buyer, o.ID)
	b.must(err)
	b.stripe.change(o.ID, func(p *Payment) { p.Disputed, p.Withdrawn = true, 500 })
	b.must(b.settleOrder(o.ID))
	b.work()
	b.state(o.ID, Disputed)
	if len(b.stripe.refunds) != 0 {
		t.Error("refunded and disputed")
	}
	b.sound()
}

// M16: a host calls a room off. It goes on wherever it stopped, and everyone
// gets everything back once.
func TestM16ARoomIsCalledOff(t *testing.T) {
	b := setup(t)
	host := b.seller("host")
	f := b.offer(host, b.room(host, 48*time.Hour), usual(40))
	people := b.people(30)
	var paid, paying, held []Order
	for i, who := range people {
		switch i % 3 {
		case 0:
			paid = append(paid, b.buy(f, who))
		case 1:
			paying = append(paying, b.checkout(f, who))
		default:
			held = append(held, b.hold(f, who))
		}
	}
	b.stripe.pay(paying[0].ID) // in the last moment
	for range 2 {
		b.must(postgres.InTx(b.ctx, b.pool, func(tx pgx.Tx) error { return b.CancelSaleTx(b.ctx, tx, host, *f.RoomID) }))
	}
	_, err := b.Hold(b.ctx, ask(f, b.account("late")))
	b.want("hold", err, ErrSaleOver)
	_, err = b.pay(people[1], paying[0])
	b.want("pay", err, ErrSaleOver)
	_, err = b.SetOffer(b.ctx, host, *f.RoomID, usual(40))
	b.want("offer", err, ErrSaleOver)
	_, err = b.Give(b.ctx, host, *f.RoomID, b.account("friend"), uuid.Must(uuid.NewV7()))
	b.want("give", err, ErrSaleOver)
	for i := range 10 { // it stops here and there
		b.stripe.breaks("expire", errGone, i%2 == 0)
		b.stripe.breaks("refund", errGone, i%2 == 0)
		b.stripe.breaks("read payment", errGone, false)
	}
	for range 12 {
		b.work()
		b.rest()
		_ = b.Sweep(b.ctx)
	}
	for _, o := range append(paid, paying[0]) {
		b.state(o.ID, Refunded)
	}
	for _, o := range append(paying[1:], held...) {
		b.state(o.ID, Cancelled)
	}
	if kept, refunded := b.stripe.ends(); kept != 0 || refunded != 11 || len(b.stripe.refunds) != 11 {
		t.Errorf("%d kept, %d went back by %d refunds", kept, refunded, len(b.stripe.refunds))
	}
	if n := b.number(`select taken from offers`); n != 0 {
		t.Errorf("%d seats are taken", n)
	}
	b.sound()
}

// An admin calls off the sale of a host who cannot any more, and that of a room
// that is over; nobody else does for them.
func TestAnAdminCallsASaleOff(t *testing.T) {
	b := setup(t)
	f, buyer, admin := b.sale(2), b.account("buyer"), b.account("admin")
	b.exec(`update accounts set admin = true where id = $1`, admin)
	o := b.buy(f, buyer)
	b.exec(`update rooms set run = 'r', started_at = now(), ended_at = now() where id = $1`, f.RoomID)
	b.want("the buyer", b.CancelSale(b.ctx, buyer, *f.RoomID), ErrNotSeller)
	b.want("the host of a room that is over", b.CancelSale(b.ctx, *f.HostID, *f.RoomID), ErrSaleOver)
	b.want("an admin", b.CancelSale(b.ctx, admin, *f.RoomID), nil)
	b.work()
	b.state(o.ID, Refunded)
	if n := b.number(`select count(*) from sales_audit where action = 'call-off' and actor_id = $1`, admin); n != 1 {
		t.Errorf("%d notes of it", n)
	}
	b.sound()
}

// Where nothing is sold any more, a room can be called off all the same: the money
// goes back once something is sold again.
func TestARoomIsCalledOffWhereNothingIsSold(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(2), b.account("buyer")
	o := b.buy(f, buyer)
	off := NewStore(b.pool)
	b.must(postgres.InTx(b.ctx, b.pool, func(tx pgx.Tx) error { return off.CancelSaleTx(b.ctx, tx, *f.HostID, *f.RoomID) }))
	b.must(b.Sweep(b.ctx))
	b.work()
	b.state(o.ID, Refunded)
	b.sound()
}
