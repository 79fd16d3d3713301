package ticketing

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"salon/internal/fault"
	"salon/internal/postgres/postgrestest"
)

// history is a sale to which everything happens that can.
type history struct {
	b      *bundle
	f      Offer
	people []uuid.UUID
	orders []uuid.UUID
}

// steps are what can happen, each to somebody or some order that rapid picks.
var steps = map[string]func(h *history, who, order uuid.UUID) error{
	"hold": func(h *history, who, _ uuid.UUID) error {
		o, err := h.b.Hold(h.b.ctx, ask(h.f, who))
		if err == nil {
			h.orders = append(h.orders, o.ID)
		}
		return err
	},
	"pay": func(h *history, who, order uuid.UUID) error {
		_, err := h.b.Pay(h.b.ctx, h.buyer(order), order, Return{})
		return err
	},
	"buyer pays":     func(h *history, _, order uuid.UUID) error { h.b.stripe.pay(order); return nil },
	"bank waits":     func(h *history, _, order uuid.UUID) error { h.b.stripe.complete(order, PaymentPending); return nil },
	"bank says yes":  func(h *history, _, order uuid.UUID) error { return h.bank(order, PaymentSucceeded) },
	"bank says no":   func(h *history, _, order uuid.UUID) error { return h.bank(order, PaymentFailed) },
	"time is over":   func(h *history, _, order uuid.UUID) error { h.b.over(order); return nil },
	"extend":         func(h *history, _, order uuid.UUID) error { return second(h.b.Extend(h.b.ctx, h.buyer(order), order)) },
	"give up":        func(h *history, _, order uuid.UUID) error { return second(h.b.Cancel(h.b.ctx, h.buyer(order), order)) },
	"buyer refunds":  func(h *history, _, order uuid.UUID) error { return second(h.b.Refund(h.b.ctx, h.buyer(order), order)) },
	"host refunds":   func(h *history, _, order uuid.UUID) error { return second(h.b.Refund(h.b.ctx, *h.f.HostID, order)) },
	"sweep":          func(h *history, _, _ uuid.UUID) error { h.b.rest(); return tolerated(h.b.Sweep(h.b.ctx)) },
	"reconcile":      func(h *history, _, _ uuid.UUID) error { return tolerated(h.b.Reconcile(h.b.ctx)) },
	"jobs":           func(h *history, _, _ uuid.UUID) error { h.b.work(); return nil },
	"jobs are lost":  func(h *history, _, _ uuid.UUID) error { h.b.errands.all = nil; return nil },
	"settle":         func(h *history, _, order uuid.UUID) error { return h.settle(order) },
	"answer is lost": func(h *history, _, _ uuid.UUID) error { return h.breaks(errGone, true) },
	"call is lost":   func(h *history, _, _ uuid.UUID) error { return h.breaks(errGone, false) },
	"key is spent":   func(h *history, _, _ uuid.UUID) error { return h.breaks(ErrKeySpent, false) },
	"dispute": func(h *history, _, order uuid.UUID) error {
		return h.charged(order, func(p *Payment) { p.Disputed, p.Withdrawn, p.DisputeFee = true, p.Amount-p.Refunded, 1500 })
	},
	"refund at stripe": func(h *history, _, order uuid.UUID) error {
		return h.charged(order, func(p *Payment) {
			if left := p.Amount - p.Refunded; left > 0 && !p.Disputed {
				h.b.stripe.refund(p, left, uuid.Nil, true)
			}
		})
	},
}

func second[T any](_ T, err error) error { return err }

// tolerated is what may go wrong with Stripe while it is made to.
func tolerated(err error) error {
	if errors.Is(err, errGone) || errors.Is(err, ErrKeySpent) || errors.Is(err, errInFlight) || errors.Is(err, ErrRefused) {
		return nil
	}
	return err
}

func (h *history) buyer(order uuid.UUID) uuid.UUID {
	if o := h.b.order(order); o.AccountID != nil {
		return *o.AccountID
	}
	return uuid.Nil
}

func (h *history) breaks(err error, after bool) error {
	h.b.stripe.breaks([]string{"checkout", "refund", "expire", "read payment"}[len(h.orders)%4], err, after)
	return nil
}

func (h *history) settle(order uuid.UUID) error {
	if h.b.stripe.sessionOf(order) == nil {
		return nil
	}
	return tolerated(h.b.settleOrder(order))
}

func (h *history) bank(order uuid.UUID, says PaymentStatus) error {
	if x := h.b.stripe.sessionOf(order); x != nil && x.Status == SessionComplete {
		h.b.stripe.change(order, func(p *Payment) {
			if p.Status == PaymentPending {
				h.b.stripe.answer(p, says)
			}
		})
	}
	return nil
}

func (h *history) charged(order uuid.UUID, do func(p *Payment)) error {
	if h.b.stripe.sessionOf(order) != nil {
		h.b.stripe.change(order, func(p *Payment) {
			if p.Status == PaymentSucceeded {
				do(p)
			}
		})
	}
	return nil
}

// holds is what is true after every step: no more seats than there are, and none
// is free that somebody can still pay for.
func (h *history) holds() error {
	if n := h.b.number(`select count(*) from orders where offer_id = $1 and state in ('held', 'paying', 'paid')`, h.f.ID); n > int64(h.f.Cap) {
		return fmt.Errorf("%d seats of %d", n, h.f.Cap)
	}
	for _, id := range h.orders {
		if x := h.b.stripe.sessionOf(id); x != nil && x.Status == SessionOpen && h.b.order(id).State != Paying {
			return fmt.Errorf("order is %s, and can be paid", h.b.order(id).State)
		}
	}
	return nil
}

// ends lets everything come to rest, and says what is wrong then: a payment that
// is not exactly one of ticket, refund and dispute, or an invariant.
func (h *history) ends() error {
	h.b.stripe.mu.Lock()
	clear(h.b.stripe.broken)
	h.b.stripe.mu.Unlock()
	for range 3 {
		h.b.work()
		h.b.rest()
		if err := tolerated(errors.Join(h.b.Sweep(h.b.ctx), h.b.Reconcile(h.b.ctx))); err != nil {
			return err
		}
	}
	for _, id := range h.orders {
		x := h.b.stripe.sessionOf(id)
		if x == nil || h.b.stripe.payments[x.Payment].Status != PaymentSucceeded {
			continue
		}
		p, state := h.b.stripe.payments[x.Payment], h.b.order(id).State
		ticket := h.b.number(`select count(*) from tickets where order_id = $1 and voided_at is null`, id) == 1
		refunded := p.Refunded == p.Amount
		if ticket != (state == Paid) || ticket && (refunded || p.Disputed) || !ticket && !refunded && !p.Disputed {
			return fmt.Errorf("order is %s, ticket %v, refunded %v, disputed %v", state, ticket, refunded, p.Disputed)
		}
	}
	findings, err := h.b.Fsck(h.b.ctx)
	if err == nil && len(findings) > 0 {
		err = fmt.Errorf("%+v", findings)
	}
	return err
}

// M17: whatever happens in whatever order, with calls and answers lost on the
// way, every payment ends in exactly one of a ticket, a refund and a dispute,
// and every invariant holds.
func TestM17AnyHistoryEndsWell(t *testing.T) {
	t.Parallel()
	b := newBundle(t, postgrestest.New(t))
	b.settings.HoldsPerAccount = 1 << 30
	b.desk.settings = b.settings
	host, people := b.seller("host"), b.people(4)
	names := slices.Sorted(maps.Keys(steps)) // in one order, so that a seed is a history
	done := 0
	rapid.Check(t, func(t *rapid.T) {
		h := &history{b: b, people: people, f: b.offer(host, b.room(host, 48*time.Hour), usual(2))}
		for range rapid.IntRange(5, 30).Draw(t, "steps") {
			name := rapid.SampledFrom(names).Draw(t, "step")
			order := uuid.Nil
			if len(h.orders) > 0 {
				order = rapid.SampledFrom(h.orders).Draw(t, "order")
			} else {
				name = "hold"
			}
			done++
			err := steps[name](h, rapid.SampledFrom(people).Draw(t, "who"), order)
			if err != nil && fault.Of(err) == nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := h.holds(); err != nil {
				t.Fatalf("after %s: %v", name, err)
			}
		}
		if err := h.ends(); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%d steps", done)
}
