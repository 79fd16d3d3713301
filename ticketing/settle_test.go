package ticketing

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

func TestASeatIsSold(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(2), b.account("buyer")
	o := b.hold(f, buyer)
	if o.State != OnHold || o.Price != 500 || o.ExpiresAt.Sub(o.HeldAt) != b.settings.Hold {
		t.Errorf("%+v", o)
	}
	url, err := b.Pay(b.ctx, buyer, o.ID, Return{})
	again, err2 := b.Pay(b.ctx, buyer, o.ID, Return{})
	if err != nil || err2 != nil || url == "" || url != again || b.stripe.sessionsOf(o.ID) != 1 {
		t.Fatalf("%q %v, again %q %v", url, err, again, err2)
	}
	b.must(b.settleOrder(o.ID))
	b.state(o.ID, Paying)
	b.stripe.pay(o.ID)
	for range 3 {
		b.must(b.settleOrder(o.ID))
	}
	b.state(o.ID, Paid)
	if !b.opens(f, buyer) || b.opens(f, b.account("other")) {
		t.Error("the door is wrong")
	}
	// 3 % of 500, and 2.9 % and 30 on top; Stripe took what was expected.
	b.balances(map[string]int64{ofBuyer: -500, ofHost: 440, ofCut: 15, ofStripe: 45})
	if n := b.number(`select count(*) from ledger_transactions`); n != 1 {
		t.Errorf("%d transactions", n)
	}
	if len(b.journal.sold) != 1 || b.journal.sold[0] != 1 {
		t.Errorf("the room was told %v", b.journal.sold)
	}
	_, err = b.Pay(b.ctx, buyer, o.ID, Return{})
	b.want("pay again", err, ErrPaid)
	b.sound()
}

// balances compares every account of the ledger; those not named are zero.
func (b *bundle) balances(want map[string]int64) {
	b.t.Helper()
	for _, account := range []string{ofBuyer, ofHost, ofCut, ofProcessing, ofStripe, ofDifference, ofAbsorbed} {
		if got := b.balance(account); got != want[account] {
			b.t.Errorf("%s has %d, want %d", account, got, want[account])
		}
	}
}

// What Stripe really kept comes later and is another sum: the difference is a
// line of its own, in the platform's currency where that is another.
func TestTheDifferenceOfProcessingHasItsLine(t *testing.T) {
	b := setup(t)
	f := b.sale(5)
	dear, foreign := b.checkout(f, b.account("dear")), b.checkout(f, b.account("foreign"))
	for _, o := range []Order{dear, foreign} {
		b.stripe.pay(o.ID)
		b.stripe.change(o.ID, func(p *Payment) { p.Processing = nil })
		b.must(b.settleOrder(o.ID))
	}
	b.balances(map[string]int64{ofBuyer: -1000, ofHost: 880, ofCut: 30, ofProcessing: 90})
	b.stripe.change(dear.ID, func(p *Payment) { p.Processing = &Processing{52, "usd"} })
	b.stripe.change(foreign.ID, func(p *Payment) { p.Processing = &Processing{40, "eur"} })
	b.must(b.Reconcile(b.ctx))
	b.balances(map[string]int64{ofBuyer: -1000, ofHost: 880, ofCut: 30, ofStripe: 52 + 40, ofDifference: -7 + 45 - 40})
	if n := b.number(`select count(*) from ledger_transactions where kind = 'processing'`); n != 2 {
		t.Errorf("%d transactions about processing", n)
	}
	b.sound()
}

func TestWhatIsFreeIsPaidAtOnce(t *testing.T) {
	b := setup(t)
	host, buyer := b.account("host"), b.account("buyer")
	room := b.room(host, 48*time.Hour)
	f := b.offer(host, room, NewOffer{Currency: "eur", Cap: 2, RefundHours: new(0)})
	o := b.hold(f, buyer)
	if url, err := b.Pay(b.ctx, buyer, o.ID, Return{}); err != nil || url != "" {
		t.Fatal(url, err)
	}
	b.state(o.ID, Paid)
	guest, id := b.account("guest"), uuid.Must(uuid.NewV7())
	for range 2 {
		given, err := b.Give(b.ctx, host, room, guest, id)
		if err != nil || given.State != Paid || !given.Complimentary {
			t.Errorf("%+v %v", given, err)
		}
	}
	if !b.opens(f, buyer) || !b.opens(f, guest) {
		t.Error("the door is closed")
	}
	_, err := b.Give(b.ctx, host, room, b.account("third"), uuid.Must(uuid.NewV7()))
	b.want("beyond the cap", err, ErrSoldOut)
	_, err = b.Give(b.ctx, buyer, room, b.account("fourth"), uuid.Must(uuid.NewV7()))
	b.want("by a buyer", err, ErrNotSeller)
	_, err = b.Give(b.ctx, host, room, buyer, id)
	b.want("another's id", err, ErrOrderID)
	if _, err := b.Refund(b.ctx, buyer, o.ID); err != nil {
		t.Error(err)
	}
	b.state(o.ID, Cancelled)
	_, err = b.Give(b.ctx, host, room, guest, uuid.Must(uuid.NewV7()))
	b.want("a second seat", err, ErrHaveSeat)
	_, err = b.Give(b.ctx, host, room, uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7()))
	b.want("to nobody", err, ErrNoBuyer)
	if b.opens(f, buyer) || b.stripe.count("checkout") > 0 {
		t.Error("a ticket given back opens the door, or Stripe was asked")
	}
	b.sound()
}

// M6 in small: whatever the order and number of settlements, and however many
// go on at once, the outcome is one.
func TestSettlingAtOnceSettlesOnce(t *testing.T) {
	b := setup(t)
	f, other := b.sale(20), b.second()
	var orders []Order
	for _, who := range b.people(8) {
		orders = append(orders, b.checkout(f, who))
		b.stripe.pay(orders[len(orders)-1].ID)
	}
	var all sync.WaitGroup
	for _, o := range orders {
		for i := range 10 {
			all.Go(func() {
				if err := []*Service{b.Service, other}[i%2].Settle(b.ctx, b.stripe.sessionOf(o.ID).ID); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	b.balances(map[string]int64{ofBuyer: -8 * 500, ofHost: 8 * 440, ofCut: 8 * 15, ofStripe: 8 * 45})
	if tickets, booked := b.number(`select count(*) from tickets`), b.number(`select count(*) from ledger_transactions`); tickets != 8 || booked != 8 {
		t.Errorf("%d tickets, %d transactions", tickets, booked)
	}
	b.sound()
}

// What was asked before others settled is not booked: it would undo what is
// newer.
func TestWhatIsOldIsNotBooked(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(2), b.account("buyer")
	o := b.buy(f, buyer)
	session := b.stripe.sessionOf(o.ID).ID
	old, err := b.Ask(b.ctx, session)
	b.must(err)
	b.stripe.change(o.ID, func(p *Payment) { b.stripe.refund(p, 500, uuid.Nil, true) })
	b.must(b.Settle(b.ctx, session))
	err = postgres.InTx(b.ctx, b.pool, func(tx pgx.Tx) error { return b.SettleTx(b.ctx, tx, old) })
	b.want("old", err, errOld)
	b.state(o.ID, Refunded)
	b.sound()
}

// M12: the time was over and the seat free when the money came all the same.
func TestLateMoneyIsASeatOrGoesBack(t *testing.T) {
	b := setup(t)
	f, people := b.sale(1), b.people(3)
	late := func(who uuid.UUID) Order {
		o := b.checkout(f, who)
		b.over(o.ID)
		b.must(b.Sweep(b.ctx))
		b.state(o.ID, Expired)
		b.stripe.sessionOf(o.ID).Status = SessionOpen // as if Stripe had not meant it
		b.stripe.pay(o.ID)
		return o
	}
	first := late(people[0])
	b.must(b.settleOrder(first.ID))
	b.state(first.ID, Paid)
	if !b.opens(f, people[0]) {
		t.Error("a seat was left")
	}
	b.exec(`update offers set cap = 2`)
	second := late(people[1])
	b.exec(`update offers set cap = 1`)
	b.must(b.settleOrder(second.ID))
	b.state(second.ID, Refunding)
	b.work()
	b.state(second.ID, Refunded)
	if b.opens(f, people[1]) {
		t.Error("refunded, and the door is open")
	}
	// The platform bears what Stripe kept of the money that came too late.
	b.balances(map[string]int64{ofBuyer: -500, ofHost: 440, ofCut: 15, ofStripe: 90, ofDifference: -45})
	b.sound()
}

// The seat is free only once Stripe says that nobody can pay.
func TestASeatIsNotFreeWhileSomebodyCanPay(t *testing.T) {
	b := setup(t)
	f, people := b.sale(1), b.people(2)
	o := b.checkout(f, people[0])
	b.over(o.ID)
	b.stripe.breaks("expire", ErrTryAgain, false)
	if err := b.Sweep(b.ctx); err == nil {
		t.Error("the sweep did not say what failed")
	}
	b.state(o.ID, Paying)
	_, err := b.Hold(b.ctx, ask(f, people[1]))
	b.want("while it can be paid", err, ErrSoldOut)
	b.stripe.pay(o.ID) // in the last moment
	b.must(b.Sweep(b.ctx))
	b.state(o.ID, Paid)
	b.sound()
}

// M11: banks that take days, and say yes or no in the end, also after the host
// called the room off.
func TestBanksThatTakeTheirTime(t *testing.T) {
	b := setup(t)
	f, people := b.sale(3), b.people(3)
	var orders []Order
	for _, who := range people {
		o := b.checkout(f, who)
		b.stripe.complete(o.ID, PaymentPending)
		b.must(b.settleOrder(o.ID))
		b.over(o.ID)
		orders = append(orders, o)
	}
	for range 2 {
		b.must(b.Sweep(b.ctx))
	}
	for _, o := range orders {
		b.state(o.ID, Paying)
	}
	answer := func(o Order, status PaymentStatus) {
		b.stripe.change(o.ID, func(p *Payment) { b.stripe.answer(p, status) })
		b.must(b.settleOrder(o.ID))
	}
	answer(orders[0], PaymentSucceeded)
	b.state(orders[0].ID, Paid)
	answer(orders[1], PaymentFailed)
	b.state(orders[1].ID, Failed)
	b.must(b.CancelSale(b.ctx, *f.HostID, *f.RoomID))
	answer(orders[2], PaymentSucceeded)
	b.state(orders[2].ID, Refunding) // never a ticket, not even for a moment
	b.work()
	b.state(orders[2].ID, Refunded)
	b.state(orders[0].ID, Refunded)
	if n := b.number(`select taken from offers`); n != 0 {
		t.Errorf("%d seats are taken", n)
	}
	b.sound()
}

// M22 in small: the database forgot orders that were paid for. Those of offers
// it knows are settled like late ones, the others go back.
func TestMoneyForForgottenOrders(t *testing.T) {
	b := setup(t)
	f, people := b.sale(2), b.people(2)
	first, second := b.checkout(f, people[0]), b.checkout(f, people[1])
	for _, o := range []Order{first, second} {
		b.stripe.pay(o.ID)
		b.exec(`delete from stripe_calls where subject = $1`, o.ID)
		b.exec(`delete from payments where order_id = $1`, o.ID)
		b.exec(`delete from orders where id = $1`, o.ID)
	}
	b.exec(`update offers set taken = 0`)
	b.stripe.sessionOf(second.ID).Offer = uuid.Must(uuid.NewV7())
	for range 2 {
		b.must(b.Reconcile(b.ctx))
		b.work()
	}
	b.state(first.ID, Paid)
	b.state(second.ID, Refunded)
	if !b.opens(f, people[0]) || b.opens(f, people[1]) {
		t.Error("the door is wrong")
	}
	b.alarms(AlarmUnmatched, AlarmUnmatched)
	b.sound()
}

// alarms compares the kinds of what a person must look at.
func (b *bundle) alarms(want ...AlarmKind) {
	b.t.Helper()
	all, err := b.Alarms(b.ctx)
	b.must(err)
	var got []AlarmKind
	for _, a := range all {
		got = append(got, a.Kind)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		b.t.Errorf("alarms %v, want %v", got, want)
	}
}

func TestASecondPaymentGoesBack(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(2), b.account("buyer")
	o := b.buy(f, buyer)
	again, err := b.stripe.CreateSession(b.ctx, "elsewhere", Checkout{Order: o.ID, Offer: f.ID, Buyer: buyer, Amount: 500, Currency: "usd", Fee: 60, Destination: *f.PayoutID})
	b.must(err)
	b.must(b.Settle(b.ctx, again.ID)) // not paid yet: nothing to do
	b.stripe.mu.Lock()
	b.stripe.sessions[again.ID].Status = SessionComplete
	b.stripe.answer(b.stripe.payments[again.Payment], PaymentSucceeded)
	b.stripe.mu.Unlock()
	for range 2 {
		b.must(b.Reconcile(b.ctx))
		b.work()
	}
	b.state(o.ID, Paid)
	if paid, refunded := b.stripe.ends(); paid != 1 || refunded != 1 {
		t.Errorf("%d paid, %d went back", paid, refunded)
	}
	b.alarms(AlarmUnmatched)
	b.sound()
}

// M25: what was paid is not what was agreed.
func TestAnotherAmountGoesBack(t *testing.T) {
	for name, tamper := range map[string]func(*Payment){
		"less":             func(p *Payment) { p.Amount = 50; p.Fee = 50 },
		"another currency": func(p *Payment) { p.Currency = "jpy"; p.Processing.Currency = "jpy" },
		"another host":     func(p *Payment) { p.Destination = "acct_other" },
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			f, buyer := b.sale(2), b.account("buyer")
			o := b.checkout(f, buyer)
			b.stripe.pay(o.ID)
			b.stripe.change(o.ID, tamper)
			b.must(b.settleOrder(o.ID))
			b.work()
			b.state(o.ID, Refunded)
			b.alarms(AlarmMismatch)
			b.sound()
		})
	}
}

// A session that does not bear our mark is nobody's business here.
func TestStrangersAreLeftAlone(t *testing.T) {
	b := setup(t)
	f := b.sale(2)
	stranger, err := b.stripe.CreateSession(b.ctx, "theirs", Checkout{Amount: 900, Currency: "usd", Destination: *f.PayoutID})
	b.must(err)
	b.stripe.mu.Lock()
	b.stripe.sessions[stranger.ID].Status = SessionComplete
	b.stripe.answer(b.stripe.payments[stranger.Payment], PaymentSucceeded)
	b.stripe.mu.Unlock()
	b.must(b.Settle(b.ctx, stranger.ID))
	if n := b.number(`select count(*) from orders`); n != 0 {
		t.Errorf("%d orders", n)
	}
}

func TestADisputeClosesTheDoor(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(2), b.account("buyer")
	o := b.buy(f, buyer)
	b.stripe.change(o.ID, func(p *Payment) { p.Disputed, p.Withdrawn, p.DisputeFee = true, 500, 1500 })
	b.must(b.settleOrder(o.ID))
	b.state(o.ID, Disputed)
	if b.opens(f, buyer) {
		t.Error("the door is open")
	}
	b.alarms(AlarmDispute)
	b.balances(map[string]int64{ofHost: 440, ofCut: 15, ofStripe: 45 + 1500, ofAbsorbed: -2000})
	b.stripe.change(o.ID, func(p *Payment) { p.Withdrawn, p.DisputeFee = 0, 0 }) // won
	b.must(b.settleOrder(o.ID))
	b.balances(map[string]int64{ofBuyer: -500, ofHost: 440, ofCut: 15, ofStripe: 45})
	b.sound()
}

// A bank may take back what was refunded before. It is booked, a person hears of
// it once, and the host's sales do not fall below what they sold.
func TestADisputeOfWhatWasRefunded(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(2), b.account("buyer")
	o := b.buy(f, buyer)
	_, err := b.Refund(b.ctx, buyer, o.ID)
	b.must(err)
	b.work()
	b.stripe.change(o.ID, func(p *Payment) { p.Disputed, p.Withdrawn, p.DisputeFee = true, 500, 1500 })
	b.must(b.settleOrder(o.ID))
	b.state(o.ID, Refunded)
	b.alarms(AlarmDispute)
	b.balances(map[string]int64{ofBuyer: 500, ofStripe: 45 + 1500, ofDifference: -45, ofAbsorbed: -2000})
	b.exec(`update alarms set closed_at = now()`)
	b.stripe.change(o.ID, func(p *Payment) { p.Withdrawn, p.DisputeFee = 0, 0 }) // won
	b.must(b.settleOrder(o.ID))
	b.alarms()
	b.balances(map[string]int64{ofStripe: 45, ofDifference: -45})
	b.buy(f, b.account("next"))
	if gross := b.number(`select gross from host_sales`); gross != 500 {
		t.Errorf("the host sold %d", gross)
	}
	b.sound()
}
