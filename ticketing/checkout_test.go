package ticketing

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"salon/internal/fault"
)

func (b *bundle) pay(who uuid.UUID, o Order) (string, error) {
	return b.Pay(b.ctx, who, o.ID, Return{"https://salon.example/yes", "https://salon.example/no"})
}

// M13: clicks that meet, answers that are lost and errors that stay: at most one
// session an order, always under a stored key.
func TestM13OneSessionAnOrder(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		after  bool
		sticks bool // the key will not work any more
	}{
		"busy":                         {ErrTryAgain, false, false},
		"lost before it was done":      {errGone, false, false},
		"lost after it was done":       {errGone, true, false},
		"failed before it was done":    {ErrKeySpent, false, true},
		"failed after it was done":     {ErrKeySpent, true, true},
		"the process died, as it were": {errGone, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			f, buyer := b.sale(2), b.account("buyer")
			o := b.hold(f, buyer)
			b.stripe.breaks("checkout", c.err, c.after)
			url, err := b.pay(buyer, o)
			found := c.sticks && c.after // by looking for it
			if found != (err == nil) || !found && fault.Of(err).RetryAfter == 0 {
				t.Errorf("%q %v", url, err)
			}
			b.state(o.ID, Paying)
			url, err = b.pay(buyer, o)
			if err != nil || url == "" || b.stripe.sessionsOf(o.ID) != 1 {
				t.Errorf("again: %q %v, %d sessions", url, err, b.stripe.sessionsOf(o.ID))
			}
			b.stripe.pay(o.ID)
			b.must(b.settleOrder(o.ID))
			b.state(o.ID, Paid)
			if open := b.number(`select count(*) from stripe_calls where spent_at is null`); open != 0 {
				t.Errorf("%d calls are open", open)
			}
			b.sound()
		})
	}
}

func TestManyClicksAreOneSession(t *testing.T) {
	b := setup(t)
	f, buyer, other := b.sale(2), b.account("buyer"), b.second()
	o := b.hold(f, buyer)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if url, err := []*Service{b.Service, other}[i%2].Pay(b.ctx, buyer, o.ID, Return{SuccessURL: "https://salon.example"}); err != nil || url == "" {
				t.Errorf("%q %v", url, err)
			}
		})
	}
	all.Wait()
	if n := b.stripe.sessionsOf(o.ID); n != 1 {
		t.Errorf("%d sessions", n)
	}
	if n := b.number(`select count(*) from stripe_calls where what = 'checkout'`); n != 1 {
		t.Errorf("%d keys", n)
	}
}

// The request goes out as it was first sent, whatever changed since: Stripe
// refuses a key with another request.
func TestARepeatedCallIsTheSame(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(2), b.account("buyer")
	o := b.hold(f, buyer)
	b.stripe.breaks("checkout", errGone, true)
	if _, err := b.pay(buyer, o); err == nil {
		t.Fatal("nothing was lost")
	}
	b.exec(`update rooms set title = 'Another title'`)
	b.settings.Cut.Tiers = []Tier{{BasisPoints: 9000}}
	if _, err := b.Extend(b.ctx, buyer, o.ID); err != nil {
		t.Fatal(err)
	}
	if url, err := b.Pay(b.ctx, buyer, o.ID, Return{"https://elsewhere.example", ""}); err != nil || url == "" {
		t.Errorf("%q %v", url, err)
	}
	b.stripe.pay(o.ID)
	b.must(b.settleOrder(o.ID))
	if cut := b.balance(ofCut); cut != 15 {
		t.Errorf("the cut is %d", cut)
	}
	b.sound()
}

// A checkout whose answer was lost, and that nobody asks for again: it is found
// and ended before the seat is free. Nothing is decided while the call may be
// under way.
func TestALostCheckoutIsFoundBeforeTheSeatIsFree(t *testing.T) {
	for name, c := range map[string]struct {
		done bool
		pays bool
		end  State
	}{"never made": {false, false, Expired}, "made": {true, false, Expired}, "made and paid": {true, true, Paid}} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			f, buyer := b.sale(1), b.account("buyer")
			o := b.hold(f, buyer)
			b.stripe.breaks("checkout", errGone, c.done)
			if _, err := b.pay(buyer, o); err == nil {
				t.Fatal("nothing was lost")
			}
			b.over(o.ID)
			if err := b.Sweep(b.ctx); !errors.Is(err, errInFlight) {
				t.Errorf("while the call may be under way: %v", err)
			}
			b.state(o.ID, Paying)
			if c.pays {
				b.stripe.pay(o.ID)
			}
			b.rest()
			b.must(b.Sweep(b.ctx))
			b.state(o.ID, c.end)
			if x := b.stripe.sessionOf(o.ID); x != nil && x.Status == SessionOpen {
				t.Error("the seat is free, and can be paid")
			}
			b.sound()
		})
	}
}

// The answer comes when the order was given up: the session is ended at once.
func TestAnAnswerThatComesTooLateIsEnded(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(1), b.account("buyer")
	o := b.hold(f, buyer)
	_, c, err := b.beginCheckout(b.ctx, buyer, o.ID, Return{})
	b.must(err)
	b.rest()
	b.must(b.giveUp(b.ctx, o.ID))
	b.state(o.ID, Cancelled)
	_, err = b.openCheckout(b.ctx, o.ID, c)
	b.want("too late", err, ErrHoldOver)
	if x := b.stripe.sessionOf(o.ID); x == nil || x.Status != SessionExpired {
		t.Errorf("%+v", x)
	}
	b.sound()
}

func TestCancellingACheckout(t *testing.T) {
	b := setup(t)
	f, people := b.sale(2), b.people(2)
	first, second := b.checkout(f, people[0]), b.checkout(f, people[1])
	o, err := b.Cancel(b.ctx, people[0], first.ID)
	if err != nil || o.State != Cancelled || b.stripe.sessionOf(first.ID).Status != SessionExpired {
		t.Errorf("%+v %v", o, err)
	}
	b.stripe.pay(second.ID)
	o, err = b.Cancel(b.ctx, people[1], second.ID)
	if err != nil || o.State != Paid {
		t.Errorf("paid in the same moment: %+v %v", o, err)
	}
	_, err = b.Cancel(b.ctx, people[1], second.ID)
	b.want("paid", err, ErrPaid)
	_, err = b.Cancel(b.ctx, people[1], first.ID)
	b.want("another's", err, ErrNoOrder)
	b.sound()
}

// M24: nothing is sold for a host whom Stripe would not pay, however late it
// turns out.
func TestM24OnlyWhoCanBePaidSells(t *testing.T) {
	b := setup(t)
	host, buyer := b.account("host"), b.account("buyer")
	room := b.room(host, 48*time.Hour)
	_, err := b.SetOffer(b.ctx, host, room, usual(5))
	b.want("no account", err, ErrNoPayouts)
	first, err := b.Onboard(b.ctx, host, "FR", LinkTo{})
	b.must(err)
	second, err := b.Onboard(b.ctx, host, "FR", LinkTo{})
	if err != nil || first == second || b.stripe.count("account") != 1 {
		t.Errorf("links are used once: %q %q %v", first, second, err)
	}
	_, err = b.SetOffer(b.ctx, host, room, usual(5))
	b.want("not through", err, ErrNoPayouts)
	if refused := fault.Of(err); refused == nil || refused.Members["due"] == nil {
		t.Errorf("%+v", refused)
	}
	can := func(yes bool) {
		id, err := payoutOf(b.ctx, b.pool, host)
		b.must(err)
		*b.stripe.accounts[id] = Account{ID: id, ChargesEnabled: true, Transfers: yes}
	}
	can(true)
	f := b.offer(host, room, usual(5))
	o := b.hold(f, buyer)
	can(false)
	_, err = b.pay(buyer, o)
	b.want("transfers are lost", err, ErrCannotBePaid)
	b.state(o.ID, OnHold)
	can(true)
	b.stripe.breaks("checkout", ErrRefused, false) // lost between the question and the call
	_, err = b.pay(buyer, o)
	b.want("lost in between", err, ErrCannotBePaid)
	b.state(o.ID, OnHold)
	if _, err := b.pay(buyer, o); err != nil || b.stripe.sessionsOf(o.ID) != 1 {
		t.Error(err)
	}
	b.stripe.mu.Lock()
	clear(b.stripe.accounts) // it took our access away
	b.stripe.mu.Unlock()
	if a, err := b.Payouts(b.ctx, host); err != nil || a.CanSell() {
		t.Errorf("%+v %v", a, err)
	}
	b.sound()
}

func TestOnboardingSurvivesLostAnswers(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	for _, broken := range []breakage{{errGone, true}, {ErrTryAgain, false}, {ErrKeySpent, false}} {
		b.stripe.breaks("account", broken.err, broken.after)
		_, err := b.Onboard(b.ctx, host, "", LinkTo{})
		b.want(broken.err.Error(), err, ErrPaymentsBusy)
	}
	_, err := b.Onboard(b.ctx, host, "", LinkTo{})
	b.must(err)
	if n := b.number(`select count(*) from payout_accounts`); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

func TestWhatAnOfferMayBe(t *testing.T) {
	b := setup(t)
	host := b.seller("host")
	room := b.room(host, 48*time.Hour)
	for name, change := range map[string]func(*NewOffer){
		"too cheap": func(n *NewOffer) { n.Price = 49 }, "no currency": func(n *NewOffer) { n.Currency = "" },
		"no seats": func(n *NewOffer) { n.Cap = 0 }, "too many": func(n *NewOffer) { n.Cap = maxCap + 1 },
		"tax": func(n *NewOffer) { n.TaxBP = -1 }, "refunds": func(n *NewOffer) { n.RefundHours = new(-1) },
		"a window that never opens": func(n *NewOffer) { n.OpensAt, n.ClosesAt = new(time.Now()), new(time.Now().Add(-time.Hour)) },
	} {
		n := usual(5)
		change(&n)
		if _, err := b.SetOffer(b.ctx, host, room, n); fault.Of(err) == nil || fault.Of(err).Kind.Class != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := b.SetOffer(b.ctx, b.seller("other"), room, usual(5))
	b.want("another's room", err, ErrNotSeller)
	_, err = b.SetOffer(b.ctx, host, uuid.Must(uuid.NewV7()), usual(5))
	b.want("no room", err, ErrNoOffer)
	_, err = b.Offer(b.ctx, room)
	b.want("nothing is offered", err, ErrNoOffer)
	f := b.offer(host, room, usual(5))
	for _, who := range b.people(3) {
		b.hold(f, who)
	}
	_, err = b.SetOffer(b.ctx, host, room, usual(2))
	b.want("fewer than are taken", err, ErrCapSold)
	n := usual(3)
	n.Currency = "eur"
	_, err = b.SetOffer(b.ctx, host, room, n)
	b.want("another currency", err, ErrCurrency)
	n = usual(3)
	n.Price = 900
	b.offer(host, room, n)
	if held := b.number(`select count(*) from orders where price = 500`); held != 3 {
		t.Errorf("%d orders kept their price", held)
	}
}

// Whoever waited for the page to pay at has the whole time from then on, and
// once only.
func TestTheHoldBeginsWithThePage(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(2), b.account("buyer")
	o := b.hold(f, buyer)
	for i, want := range []int64{1, 0} {
		b.exec(`update orders set expires_at = now() + interval '1 minute'`)
		_, err := b.pay(buyer, o)
		b.must(err)
		if got := b.number(`select count(*) from orders where expires_at > now() + interval '14 minutes'`); got != want {
			t.Errorf("click %d: %d orders have their whole time, want %d", i+1, got, want)
		}
	}
}

func TestWhoWaitsForThePageSeesTheQueue(t *testing.T) {
	b := setup(t)
	f, people := b.sale(2), b.people(2)
	orders := []Order{b.hold(f, people[0]), b.hold(f, people[1])}
	ahead := func(i int) *int {
		mine, err := b.MyOrder(b.ctx, people[i], orders[i].ID)
		b.must(err)
		return mine.Ahead
	}
	if ahead(0) != nil {
		t.Error("who did not ask to pay waits")
	}
	for i, o := range orders {
		b.stripe.breaks("checkout", ErrTryAgain, false)
		if _, err := b.pay(people[i], o); err == nil {
			t.Fatal("nobody waits")
		}
		if n := ahead(i); n == nil || *n != i {
			t.Errorf("ahead of the buyer %d: %v", i, n)
		}
	}
	for i, o := range orders {
		_, err := b.pay(people[i], o)
		b.must(err)
	}
	if ahead(0) != nil || ahead(1) != nil {
		t.Error("who has the page still waits")
	}
}

// Banks that take days are asked only for rooms that are far enough ahead.
func TestARoomThatIsSoonTakesCardsOnly(t *testing.T) {
	b := setup(t)
	host := b.seller("host")
	for name, c := range map[string]struct {
		startsIn time.Duration
		change   string
		want     bool
	}{
		"in eight days":          {longestBank + 24*time.Hour, "", false},
		"in six":                 {longestBank - 24*time.Hour, "", true},
		"live before its time":   {longestBank + 24*time.Hour, `update rooms set run = 'r', started_at = now() where id = $1`, true},
		"without announced time": {time.Hour, `update rooms set starts_at = null where id = $1`, true},
	} {
		f := b.offer(host, b.room(host, c.startsIn), usual(1))
		if c.change != "" {
			b.exec(c.change, f.RoomID)
		}
		o := b.checkout(f, b.people(1)[0])
		if n := b.number(`select coalesce((request->>'cards_only')::boolean, false)::int from stripe_calls where subject = $1`, o.ID); (n == 1) != c.want {
			t.Errorf("%s: cards only is %d", name, n)
		}
	}
}
