package stripepay_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"salon/ticketing"
	"salon/ticketing/stripesim"
)

// bid is what the model knows of an order: what its buyer, its bank and its host
// did. What must become of it follows from that alone.
type bid struct {
	order                           ticketing.Order
	page                            string
	paid, refunded, disputed, ended bool
	doubtful                        bool // giving up may or may not have worked
}

func (b *bid) fits(state ticketing.State) bool {
	switch {
	case b.disputed:
		return state == ticketing.Disputed
	case b.refunded:
		return state == ticketing.Refunded
	case b.paid:
		return state == ticketing.Paid
	}
	over := state == ticketing.Expired || state == ticketing.Cancelled
	waits := state == ticketing.OnHold || state == ticketing.Paying
	return over && (b.ended || b.doubtful) || waits && !b.ended
}

// machine is a sale in which everything happens in any order, and anything may
// break.
type machine struct {
	*shop
	bids  []*bid
	steps *int
}

func (m *machine) some(rt *rapid.T, which func(*bid) bool) *bid {
	var all []*bid
	for _, b := range m.bids {
		if which(b) {
			all = append(all, b)
		}
	}
	if len(all) == 0 {
		rt.Skip("nobody")
	}
	return rapid.SampledFrom(all).Draw(rt, "order")
}

func waiting(b *bid) bool { return !b.paid && !b.ended }

func good(b *bid) bool { return b.paid && !b.refunded && !b.disputed }

func (m *machine) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"hold": func(rt *rapid.T) {
			if m.number(`select cap - taken from offers where id = $1`, m.offer.ID) > 0 {
				m.bids = append(m.bids, &bid{order: m.held()})
			}
		},
		"click": func(rt *rapid.T) {
			b := m.some(rt, func(b *bid) bool { return waiting(b) && !b.doubtful })
			if page, err := m.Pay(m.ctx, *b.order.AccountID, b.order.ID, back); err == nil {
				b.page = page
			}
		},
		"pay": func(rt *rapid.T) {
			b := m.some(rt, func(b *bid) bool { return waiting(b) && b.page != "" })
			b.paid = m.pays(b.page, card(goodCard))
		},
		"a declined card": func(rt *rapid.T) {
			b := m.some(rt, func(b *bid) bool { return waiting(b) && b.page != "" })
			if m.pays(b.page, card(declinedCard)) {
				rt.Error("it paid")
			}
		},
		"time is over": func(rt *rapid.T) {
			b := m.some(rt, waiting)
			m.over(b.order)
			m.rest()
			_ = m.Sweep(m.ctx)
			b.doubtful = true
		},
		"give up": func(rt *rapid.T) {
			b := m.some(rt, waiting)
			o, err := m.Cancel(m.ctx, *b.order.AccountID, b.order.ID)
			b.ended = b.ended || err == nil && o.State == ticketing.Cancelled
			b.doubtful = true
		},
		"refund": func(rt *rapid.T) {
			b := m.some(rt, good)
			if _, err := m.Refund(m.ctx, *m.offer.HostID, b.order.ID); err == nil {
				b.refunded = true
			}
		},
		"refund at Stripe": func(rt *rapid.T) {
			b := m.some(rt, good)
			session, err := m.world.pay.Session(m.ctx, m.session(b.order))
			m.must(err)
			_, err = m.afresh().Refund(m.ctx, uuid.NewString(), ticketing.NewRefund{Payment: session.Payment, Amount: 2000})
			b.refunded = b.refunded || m.payment(session.Payment).Refunded == 2000 || err == nil
		},
		"dispute": func(rt *rapid.T) {
			b := m.some(rt, good)
			session, err := m.world.pay.Session(m.ctx, m.session(b.order))
			m.must(err)
			_, err = m.control.Dispute(m.ctx, m.payment(session.Payment).Charge, 0, "fraudulent")
			m.must(err)
			b.disputed = true
		},
		"break a call": func(rt *rapid.T) {
			m.must(m.control.Fail(m.ctx, stripesim.Fault{On: "POST *", Kind: rapid.SampledFrom([]string{"drop", "error", "rate_limit"}).Draw(rt, "kind"), After: rapid.Bool().Draw(rt, "after")}))
		},
		"lose a webhook": func(*rapid.T) { m.must(m.control.Webhooks(m.ctx, stripesim.WebhookRule{Action: "drop", Times: 1})) },
		"lose the jobs":  func(*rapid.T) { m.jobs.take() },
		"webhooks":       func(*rapid.T) { m.flush() },
		"reconcile":      func(*rapid.T) { _ = m.Reconcile(m.ctx) },
		"":               m.check,
	}
}

// check is what holds at every moment.
func (m *machine) check(rt *rapid.T) {
	*m.steps++
	if n := m.number(`select count(*) from offers f where taken <> (select count(*) from orders where offer_id = f.id and state in ('held', 'paying', 'paid')) or taken > cap`); n != 0 {
		rt.Error("seats are counted wrong")
	}
	if n := m.number(`select count(*) from (select from ledger_entries group by order_id, n, currency having sum(amount) <> 0) e`); n != 0 {
		rt.Error("the ledger is not zero")
	}
	if n := m.number(`select count(*) from tickets t join orders o on o.id = t.order_id where t.voided_at is null and o.state <> 'paid'`); n != 0 {
		rt.Error("a ticket opens a door that is not paid for")
	}
}

// M17: whatever happens in whatever order, when all is quiet every order is what
// the model says, and the ledger is what Stripe says.
func TestM17StateMachine(t *testing.T) {
	t.Parallel()
	s := opened(t, 1)
	steps, sequences, orders := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		host, err := s.Store.Offer(s.ctx, *s.offer.RoomID)
		s.must(err)
		s.offer, err = s.SetOffer(s.ctx, *host.HostID, s.room(*host.HostID), ticketing.NewOffer{Price: 2000, Currency: "usd", Cap: 3, RefundHours: new(24)})
		s.must(err)
		m := &machine{shop: s, steps: &steps}
		rt.Repeat(m.actions())
		s.must(s.control.ClearFaults(s.ctx))
		s.must(s.control.ClearWebhooks(s.ctx))
		s.flush()
		s.converge()
		for _, b := range m.bids {
			if state := s.state(b.order); !b.fits(state) {
				rt.Error(fmt.Sprintf("order is %s, and the model says %+v", state, *b))
			}
		}
		sequences, orders = sequences+1, orders+len(m.bids)
	})
	t.Logf("figure money.m17_sequences %d", sequences)
	t.Logf("figure money.m17_steps %d", steps)
	t.Logf("figure money.m17_orders %d", orders)
	if steps < 2000 || orders == 0 {
		t.Errorf("only %d steps", steps)
	}
	s.sound()
}
