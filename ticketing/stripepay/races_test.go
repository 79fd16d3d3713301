package stripepay_test

import (
	"errors"
	"math/rand/v2"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"salon/internal/fault"
	"salon/ticketing"
	"salon/ticketing/stripepay"
	"salon/ticketing/stripesim"
)

// M10: people pay in the moment in which their time is over. Each ends with
// exactly one of a ticket and an unpaid session that nobody can pay any more.
func TestM10PaidAtTheLastMoment(t *testing.T) {
	t.Parallel()
	const rounds, each = 10, 50
	s := opened(t, rounds*each)
	tickets, expired := 0, 0
	for range rounds {
		orders, pages := make([]ticketing.Order, each), make([]string, each)
		for i := range orders {
			orders[i] = s.held()
			pages[i] = s.page(orders[i])
		}
		for _, o := range orders {
			s.over(o)
		}
		var all sync.WaitGroup
		all.Go(func() {
			if err := s.Sweep(s.ctx); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			for _, i := range rand.Perm(each) {
				s.pays(pages[i], card(goodCard))
			}
		})
		all.Wait()
		s.flush()
		for _, o := range orders {
			session, err := s.world.pay.Session(s.ctx, s.session(o))
			s.must(err)
			switch state := s.state(o); {
			case state == ticketing.Paid && session.Paid:
				tickets++
			case state == ticketing.Expired && session.Status == ticketing.SessionExpired:
				expired++
			default:
				t.Errorf("order is %s, its session %s, paid %t", state, session.Status, session.Paid)
			}
		}
	}
	t.Logf("figure money.m10_races %d", rounds*each)
	t.Logf("figure money.m10_tickets %d", tickets)
	t.Logf("figure money.m10_neither_or_both %d", rounds*each-tickets-expired)
	if tickets == 0 || expired == 0 || tickets+expired != rounds*each {
		t.Errorf("%d tickets, %d expired: nothing raced", tickets, expired)
	}
	s.sound()
}

// M11: a bank takes its days, and says yes or no before the room, in it, after
// it was called off, and after two weeks. No seat is held for a dead payment.
func TestM11BanksThatTakeTheirTime(t *testing.T) {
	t.Parallel()
	var cases, wrong, dead atomic.Int64
	t.Cleanup(func() { // once all of them are through
		t.Logf("figure money.m11_cases %d", cases.Load())
		t.Logf("figure money.m11_wrong_ends %d", wrong.Load())
		t.Logf("figure money.m11_seats_held_by_dead_payments %d", dead.Load())
		if cases.Load() != 8 || wrong.Load() != 0 || dead.Load() != 0 {
			t.Errorf("%d cases, %d wrong ends, %d seats held by dead payments", cases.Load(), wrong.Load(), dead.Load())
		}
	})
	debit := url.Values{"method": {"us_bank_account"}, "number": {"000000000009"}, "name": {"Noor"}, "email": {"noor@example.com"}}
	for when, c := range map[string]struct {
		happens func(s *shop)
		yes     ticketing.State
	}{
		"before the room":         {func(*shop) {}, ticketing.Paid},
		"in the room":             {func(s *shop) { s.exec(`update rooms set started_at = now(), run = 'run'`) }, ticketing.Paid},
		"after it was called off": {func(s *shop) { s.must(s.CancelSale(s.ctx, *s.offer.HostID, *s.offer.RoomID)) }, ticketing.Refunded},
		"after two weeks":         {func(s *shop) { s.must(s.control.Advance(s.ctx, 14*24*time.Hour)) }, ticketing.Paid},
	} {
		for _, well := range []bool{true, false} {
			t.Run(when, func(t *testing.T) {
				t.Parallel()
				s := opened(t, 1, func(_ *stripesim.Config, c *stripepay.Config) { c.Methods = []string{"card", "us_bank_account"} })
				s.exec(`update rooms set starts_at = now() + interval '9 days'`) // sooner, banks are not asked
				o := s.held()
				if !s.pays(s.page(o), debit) {
					t.Fatal("not taken")
				}
				s.flush()
				s.isState(o, ticketing.Paying)
				s.over(o)
				s.converge()
				s.isState(o, ticketing.Paying) // the bank has not answered
				c.happens(s)
				s.converge()
				if taken := s.number(`select taken from offers`); taken != 1 {
					t.Errorf("%d seats are taken while the bank has not answered", taken)
				}
				session, err := s.world.pay.Session(s.ctx, s.session(o))
				s.must(err)
				s.must(s.control.Settle(s.ctx, session.Payment, well))
				s.flush()
				s.must(s.control.Advance(s.ctx, 10*time.Minute)) // refunds to banks take their time, too
				s.flush()
				s.converge()
				want := ticketing.Failed
				if well {
					want = c.yes
				}
				s.isState(o, want)
				taken := s.number(`select taken from offers`)
				if (taken == 1) != (want == ticketing.Paid) {
					t.Errorf("%d seats are taken", taken)
				}
				if s.state(o) != want {
					wrong.Add(1)
				}
				if want != ticketing.Paid {
					dead.Add(int64(taken))
				}
				s.sound()
				cases.Add(1)
			})
		}
	}
}

// M12: money comes when the time was over and the seat was given away: it goes
// back, once, however the refund breaks; with a seat left it is a ticket.
func TestM12LateMoney(t *testing.T) {
	t.Parallel()
	const late = 25
	faults := []stripesim.Fault{{Kind: "drop"}, {Kind: "drop", After: true}, {Kind: "error"}, {Kind: "error", After: true}, {Kind: "rate_limit"}, {Kind: "lock_timeout"}}
	s := opened(t, late)
	orders, pages, broken := make([]ticketing.Order, late), make([]string, late), 0
	for i := range orders {
		orders[i] = s.held()
		pages[i] = s.page(orders[i])
	}
	// As after the restore of a backup: their time was over, and their pages are
	// not shut. One seat is left.
	s.exec(`update orders set state = 'expired', closed_at = now(), expires_at = now(), network = null`)
	s.exec(`update offers set taken = 0, cap = 1`)
	for i, page := range pages {
		for n := range i % 5 {
			f := faults[(i+n)%len(faults)]
			f.On = "POST /v1/refunds"
			s.must(s.control.Fail(s.ctx, f))
			broken++
		}
		if !s.pays(page, card(goodCard)) {
			t.Fatal("not paid")
		}
		s.flush()
		s.converge()
		s.must(s.control.ClearFaults(s.ctx))
	}
	s.isState(orders[0], ticketing.Paid)
	s.converge()
	for _, o := range orders[1:] {
		s.isState(o, ticketing.Refunded)
	}
	kept, refunded, _ := s.ends()
	asked, err := s.world.pay.RecentRefunds(s.ctx, time.Now().Add(-time.Hour))
	s.must(err)
	t.Logf("figure money.m12_broken_refunds %d", broken)
	t.Logf("figure money.m12_unrefunded %d", late-1-refunded)
	t.Logf("figure money.m12_refunded_twice %d", len(asked)-refunded)
	attempts := s.requests("POST /v1/refunds")
	t.Logf("figure money.m12_refund_attempts %d", attempts)
	if attempts <= refunded {
		t.Error("no refund broke: nothing was tested")
	}
	if kept != 1 || refunded != late-1 || len(asked) != late-1 {
		t.Errorf("%d kept, %d refunded by %d refunds", kept, refunded, len(asked))
	}
	s.sound()
}

// requests counts those to an endpoint.
func (s *shop) requests(endpoint string) (n int) {
	s.t.Helper()
	all, err := s.control.Requests(s.ctx)
	s.must(err)
	for _, r := range all {
		if r.Endpoint == endpoint {
			n++
		}
	}
	return n
}

// M13: clicks that meet and answers that are lost, late or wrong: one session an
// order and one payment.
func TestM13OneSessionAnOrder(t *testing.T) {
	t.Parallel()
	s := opened(t, 1000)
	cases := map[string][]stripesim.Fault{
		"nothing":             nil,
		"too fast":            {{Kind: "rate_limit", Times: 2}},
		"locked":              {{Kind: "lock_timeout"}},
		"lost before":         {{Kind: "drop"}},
		"lost after":          {{Kind: "drop", After: true}},
		"500 before":          {{Kind: "error"}},
		"500 after":           {{Kind: "error", After: true}},
		"one after the other": {{Kind: "rate_limit"}, {Kind: "drop"}, {Kind: "error"}, {Kind: "drop", After: true}},
	}
	orders := 0
	for name, faults := range cases {
		for _, clicks := range []int{1, 10} {
			o := s.held()
			for _, f := range faults {
				f.On = createsSession
				s.must(s.control.Fail(s.ctx, f))
			}
			page := ""
			for try := 0; page == "" && try < 10; try++ {
				page = s.clicked(name, o, clicks)
				s.exec(`update stripe_calls set sent_at = now() - interval '1 hour'`)
			}
			s.must(s.control.ClearFaults(s.ctx))
			if page == "" || !s.pays(page, card(goodCard)) {
				t.Errorf("%s, %d clicks: not paid at %q", name, clicks, page)
			}
			orders++
			s.flush()
			s.isState(o, ticketing.Paid)
		}
	}
	kept, refunded, sessions := s.ends()
	t.Logf("figure money.m13_orders %d", orders)
	t.Logf("figure money.m13_sessions %d", sessions)
	t.Logf("figure money.m13_payments %d", kept+refunded)
	if sessions != orders || kept != orders || refunded != 0 {
		t.Errorf("%d orders have %d sessions, %d payments kept and %d refunded", orders, sessions, kept, refunded)
	}
	s.sound()
}

// clicked clicks so many times at once, and returns the page if anybody got it;
// nobody gets another one, and whoever got none is told to try again.
func (s *shop) clicked(name string, o ticketing.Order, clicks int) (page string) {
	s.t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	for range clicks {
		all.Go(func() {
			url, err := s.Pay(s.ctx, *o.AccountID, o.ID, back)
			mu.Lock()
			defer mu.Unlock()
			switch f := fault.Of(err); {
			case err == nil && (page == "" || page == url):
				page = url
			case err == nil:
				s.t.Errorf("%s: two pages", name)
			case !errors.Is(err, ticketing.ErrPaymentsBusy) || f.RetryAfter == 0:
				s.t.Errorf("%s: %v", name, err)
			}
		})
	}
	all.Wait()
	return page
}
