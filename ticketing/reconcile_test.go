package ticketing

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// M7: not one webhook comes. Reconciling alone ends at the same place, and the
// second time finds nothing to write.
func TestM7WithoutAnyWebhook(t *testing.T) {
	b := setup(t)
	f, people := b.sale(10), b.people(6)
	var orders []Order
	for _, who := range people {
		orders = append(orders, b.checkout(f, who))
	}
	for _, o := range orders[:4] {
		b.stripe.pay(o.ID)
	}
	b.must(b.Reconcile(b.ctx))
	for i, o := range orders {
		b.state(o.ID, map[bool]State{true: Paid, false: Paying}[i < 4])
	}
	b.stripe.change(orders[0].ID, func(p *Payment) { b.stripe.refund(p, 500, uuid.Nil, true) })
	b.must(b.Reconcile(b.ctx))
	b.state(orders[0].ID, Refunded)
	versions := func() (all string) {
		err := b.pool.QueryRow(b.ctx, `
			select string_agg(x, ' ' order by x) from (
			  select xmin::text || ctid::text as x from orders union all select xmin::text || ctid::text from payments
			  union all select xmin::text || ctid::text from ledger_entries union all select xmin::text || ctid::text from tickets
			  union all select xmin::text || ctid::text from offers union all select xmin::text || ctid::text from host_sales) v`).Scan(&all)
		b.must(err)
		return all
	}
	before := versions()
	b.must(b.Reconcile(b.ctx))
	if versions() != before {
		t.Error("the second time wrote something")
	}
	b.sound()
}

// Hints come twice, at once, out of order, about things we do not know, and not
// at all: each is taken once, and only says where to look.
func TestHintsAreTakenOnce(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(2), b.account("buyer")
	o := b.checkout(f, buyer)
	p := b.stripe.pay(o.ID)
	session := b.stripe.sessionOf(o.ID).ID
	events := []Event{
		{"evt_1", "charge.refunded", "ch_1", p.ID}, {"evt_2", "checkout.session.completed", session, ""},
		{"evt_3", "account.updated", "acct_1", ""}, {"evt_4", "checkout.session.completed", "cs_of_another_server", ""},
		{"evt_5", "payment_intent.succeeded", "pi_unknown", "pi_unknown"}, {"evt_6", "checkout.session.completed", session, ""},
	}
	var all sync.WaitGroup
	for _, e := range events {
		for range 5 {
			all.Go(func() {
				if err := b.Receive(b.ctx, e); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if n := len(b.errands.all); n != len(events) {
		t.Errorf("%d jobs of %d events", n, len(events))
	}
	jobs := b.errands.all
	for range 3 {
		for _, job := range jobs {
			all.Go(func() {
				if err := b.run(b.ctx, job); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	b.state(o.ID, Paid)
	b.balances(map[string]int64{ofBuyer: -500, ofHost: 440, ofCut: 15, ofStripe: 45})
	if n := b.number(`select count(*) from stripe_events where applied_at is null`); n != 0 {
		t.Errorf("%d events wait", n)
	}
	b.sound()
}

// A job that was lost with its process is found by the sweep.
func TestALostJobIsFound(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(2), b.account("buyer")
	o := b.checkout(f, buyer)
	b.stripe.pay(o.ID)
	b.must(b.Receive(b.ctx, Event{"evt_1", "checkout.session.completed", b.stripe.sessionOf(o.ID).ID, ""}))
	b.errands.all = nil
	b.must(b.Sweep(b.ctx))
	b.state(o.ID, Paying)
	b.rest()
	b.must(b.Sweep(b.ctx))
	b.state(o.ID, Paid)
	b.sound()
}

// M23: rows are damaged by hand. Every damage is found, what is safe is mended
// with an entry in the audit, and the second time there is nothing to do.
func TestM23DamageIsFoundAndMended(t *testing.T) {
	b := setup(t)
	f, people := b.sale(20), b.people(8)
	sold, back := b.buy(f, people[0]), b.buy(f, people[1])
	_, err := b.Refund(b.ctx, people[1], back.ID)
	b.must(err)
	stuck, unpaid, unknown := b.hold(f, people[2]), b.checkout(f, people[3]), b.checkout(f, people[4])
	b.stripe.pay(unknown.ID)
	b.unsound("paid at Stripe a moment ago", "I3", "I8")
	b.must(b.settleOrder(unknown.ID))
	b.sound()
	for name, c := range map[string]struct {
		damage    string
		args      []any
		invariant string
	}{
		"the count of seats":             {`update offers set taken = taken + 3`, nil, "I1"},
		"a hold that sticks":             {`update orders set expires_at = now() - interval '1 hour' where id = $1`, []any{stuck.ID}, "I14"},
		"a checkout that sticks":         {`update orders set expires_at = now() - interval '1 hour' where id = $1`, []any{unpaid.ID}, "I14"},
		"a refund that was dropped":      {`delete from refunds where order_id = $1`, []any{back.ID}, "I3"},
		"a ticket that came alive":       {`update tickets set voided_at = null where order_id = $1`, []any{back.ID}, "I4"},
		"a hint that was forgotten":      {`insert into stripe_events (id, type, object, received_at) values ('evt_1', 'x', 'y', now() - interval '1 hour')`, nil, "I9"},
		"what a host sold over all time": {`update host_sales set gross = gross + 1`, nil, "I6"},
		"an order that forgot its money": {`update orders set state = 'failed', closed_at = now() where id = $1`, []any{unknown.ID}, "I3"},
	} {
		if name == "an order that forgot its money" {
			b.exec(`update tickets set voided_at = now() where order_id = $1`, unknown.ID)
		}
		b.exec(c.damage, c.args...)
		findings, err := b.Fsck(b.ctx)
		if err != nil || len(findings) == 0 {
			t.Errorf("%s is not found: %v %v", name, findings, err)
			continue
		}
		before := b.number(`select count(*) from sales_audit where action = 'repair'`)
		b.must(b.Repair(b.ctx, findings))
		if n := b.number(`select count(*) from sales_audit where action = 'repair'`) - before; n != int64(len(findings)) {
			t.Errorf("%s: %d findings, %d in the audit", name, len(findings), n)
		}
		found := slices.ContainsFunc(findings, func(f Finding) bool { return f.Invariant == c.invariant })
		if left, err := b.Fsck(b.ctx); err != nil || len(left) > 0 || !found {
			t.Errorf("%s: found %+v, left %+v %v", name, findings, left, err)
		}
	}
	b.work()
	b.state(back.ID, Refunded)
	b.state(sold.ID, Paid)
	b.sound()
}

// unsound expects findings of these invariants, and no others.
func (b *bundle) unsound(when string, invariants ...string) {
	b.t.Helper()
	findings, err := b.Fsck(b.ctx)
	b.must(err)
	var got []string
	for _, f := range findings {
		got = append(got, f.Invariant)
	}
	if !slices.Equal(got, invariants) {
		b.t.Errorf("%s: %+v", when, findings)
	}
}

// What only a person can decide is found, and left alone.
func TestDamageThatOnlyAPersonCanMend(t *testing.T) {
	b := setup(t)
	f, people := b.sale(20), b.people(3)
	o := b.buy(f, people[0])
	b.exec(`update tickets set voided_at = now() where order_id = $1`, o.ID)
	b.exec(`update payments set split = jsonb_set(split, '{gross}', '1')`)
	other := b.buy(f, people[1])
	delete(b.stripe.sessions, b.stripe.sessionOf(other.ID).ID) // as if the key were of another account
	b.exec(`update orders set state = 'cancelled', closed_at = now(), network = null, offer_id = gen_random_uuid() where id = $1`, b.hold(f, people[2]).ID)
	b.exec(`update offers set taken = taken - 1`)
	findings, err := b.Fsck(b.ctx)
	b.must(err)
	seen := ""
	for _, f := range findings {
		seen += f.Invariant + " "
		if f.Safe {
			t.Errorf("%+v is called safe", f)
		}
	}
	if seen != "I1 I3 I7 I8 " {
		t.Errorf("found %s", seen)
	}
	b.must(b.Repair(b.ctx, findings))
	if again, err := b.Fsck(b.ctx); err != nil || len(again) != 4 {
		t.Errorf("%v %v", again, err)
	}
}

func TestAStatementAddsUp(t *testing.T) {
	b := setup(t)
	host := b.seller("host")
	room := b.room(host, 48*time.Hour)
	n := usual(20)
	n.Price, n.TaxBP = 1299, 2000
	f := b.offer(host, room, n)
	people := b.people(5)
	for i, who := range people {
		o := b.buy(f, who)
		switch i {
		case 0:
			_, err := b.Refund(b.ctx, who, o.ID)
			b.must(err)
		case 1:
			b.stripe.change(o.ID, func(p *Payment) { b.stripe.refund(p, 333, uuid.Nil, true) })
		case 2:
			b.stripe.change(o.ID, func(p *Payment) { b.stripe.refund(p, 1299, uuid.Nil, false) })
		}
	}
	b.work()
	b.must(b.Reconcile(b.ctx))
	b.hold(f, b.account("holder"))
	st, err := b.Statement(b.ctx, host, room)
	b.must(err)
	var sum Sums
	for _, l := range st.Lines {
		sum = Sums{sum.Gross + l.Gross, sum.Refunded + l.Refunded, sum.Cut + l.Cut, sum.Processing + l.Processing, sum.Absorbed + l.Absorbed, sum.Net + l.Net}
		if l.Gross-l.Refunded-l.Cut-l.Processing+l.Absorbed != l.Net {
			t.Errorf("%+v does not add up", l)
		}
	}
	if len(st.Lines) != 5 || sum != st.Sums || st.Gross != 5*1299 || st.Refunded != 1299+333+1299 || st.Absorbed != 1299 || st.Tax != 3*217 {
		t.Errorf("%+v", st)
	}
	cuts := int64(0)
	for _, tier := range st.Tiers {
		cuts += tier.Cut
	}
	if cuts != st.Cut {
		t.Errorf("tiers %+v of %d", st.Tiers, st.Cut)
	}
	if net := b.balance(ofHost); net != st.Net {
		t.Errorf("the host was paid %d by the ledger, %d by the statement", net, st.Net)
	}
	b.csvAddsUp(st)
	for who, want := range map[uuid.UUID]error{people[0]: ErrNotSeller, b.account("other"): ErrNotSeller} {
		_, err := b.Statement(b.ctx, who, room)
		b.want("another's", err, want)
	}
	total, accounts := b.number(`select sum(amount)::bigint from ledger_entries`), b.number(`select count(distinct account) from ledger_entries`)
	if total != 0 || accounts != 6 {
		t.Errorf("%d in %d accounts", total, accounts)
	}
}

// csvAddsUp reads the table back, and adds its cents up.
func (b *bundle) csvAddsUp(st Statement) {
	b.t.Helper()
	var out bytes.Buffer
	b.must(st.WriteCSV(&out))
	rows, err := csv.NewReader(&out).ReadAll()
	b.must(err)
	cents := func(cell string) int64 {
		n, err := strconv.ParseInt(strings.Replace(cell, ".", "", 1), 10, 64)
		b.must(err)
		return n
	}
	last := rows[len(rows)-1]
	for column := 4; column < len(last); column++ {
		sum := int64(0)
		for _, row := range rows[1 : len(rows)-1] {
			sum += cents(row[column])
		}
		if sum != cents(last[column]) {
			b.t.Errorf("%s: lines %d, total %d", rows[0][column], sum, cents(last[column]))
		}
	}
	if last[0] != "total" || last[4] != Plain(st.Gross, st.Currency) {
		b.t.Errorf("%v", last)
	}
}

// Every change that concerns a door or what a room looks like is told: a ticket
// that was sold or went back, the offer, the last seat and the first free one.
func TestTheDatabaseTellsOfTickets(t *testing.T) {
	b := setup(t)
	conn, err := b.pool.Acquire(b.ctx)
	b.must(err)
	defer conn.Release()
	_, err = conn.Exec(b.ctx, `listen salon`)
	b.must(err)
	heard := func(want string) {
		t.Helper()
		for {
			notice, err := conn.Conn().WaitForNotification(b.ctx)
			b.must(err)
			if notice.Payload == want {
				return
			}
			if strings.HasPrefix(notice.Payload, "seat") || strings.HasPrefix(notice.Payload, "room") {
				t.Fatalf("heard %q, want %q", notice.Payload, want)
			}
		}
	}
	f, buyer := b.sale(1), b.account("buyer")
	room, seat := "room "+f.RoomID.String(), "seat "+f.RoomID.String()+" "+buyer.String()
	heard(room)
	o := b.checkout(f, buyer) // the last seat
	heard(room)
	b.stripe.pay(o.ID)
	b.must(b.settleOrder(o.ID))
	heard(seat)
	_, err = b.Refund(b.ctx, buyer, o.ID)
	b.must(err)
	heard(seat)
	heard(room) // a seat is free
}

// What belongs to an account is exported, and goes with it: but not the money.
func TestMoneyOutlivesPeople(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(2), b.account("buyer")
	o := b.buy(f, buyer)
	held, err := b.Export(b.ctx, buyer)
	b.must(err)
	for table, n := range map[string]int{"orders": 1, "tickets": 1, "offers": 0, "payout_accounts": 0} {
		if len(held[table]) != n {
			t.Errorf("%s: %s", table, held[table])
		}
	}
	held, err = b.Export(b.ctx, *f.HostID)
	b.must(err)
	for table, n := range map[string]int{"orders": 0, "offers": 1, "payout_accounts": 1, "host_sales": 1, "sales_audit": 1} {
		if len(held[table]) != n {
			t.Errorf("%s: %s", table, held[table])
		}
	}
	b.exec(`delete from accounts where id = $1`, buyer)
	b.exec(`delete from accounts where id = $1`, f.HostID)
	b.state(o.ID, Paid)
	b.balances(map[string]int64{ofBuyer: -500, ofHost: 440, ofCut: 15, ofStripe: 45})
	b.sound()
}
