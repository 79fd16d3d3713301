package stripepay_test

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"salon/ticketing"
)

// permutations of the first n numbers.
func permutations(n int) (all [][]int) {
	var extend func(rest, chosen []int)
	extend = func(rest, chosen []int) {
		if len(rest) == 0 {
			all = append(all, slices.Clone(chosen))
		}
		for i := range rest {
			extend(slices.Delete(slices.Clone(rest), i, i+1), append(chosen, rest[i]))
		}
	}
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	extend(numbers, nil)
	return all
}

// letters are the webhooks about an order's session and payment that came while
// the inbox was shut.
func (s *shop) letters(session, payment string) (mine []letter) {
	s.t.Helper()
	s.must(s.control.Flush(s.ctx))
	for _, l := range s.inbox.take() {
		var e struct {
			ID   string
			Data struct {
				Object struct {
					ID      string
					Payment string `json:"payment_intent"`
				}
			}
		}
		s.must(json.Unmarshal(l.body, &e))
		if object := e.Data.Object; object.ID == session || object.Payment == payment {
			l.hint = ticketing.Event{ID: e.ID}
			mine = append(mine, l)
		}
	}
	return mine
}

// receive delivers a webhook that was kept.
func (s *shop) receive(l letter) {
	s.t.Helper()
	if status := deliver(s.inbox.hooks.Platform(), string(l.body), l.signature); status != 204 {
		s.t.Errorf("refused: %d %s", status, l.body)
	}
}

// digest is everything that an order came to.
func (s *shop) digest(order uuid.UUID) string {
	s.t.Helper()
	return s.text(`
		select concat_ws(' | ', o.state,
		  (select string_agg((voided_at is null)::text, ',') from tickets where order_id = o.id),
		  (select string_agg(account || tier || '=' || amount, ',' order by account, tier) from (select account, tier, sum(amount) as amount from ledger_entries where order_id = o.id group by 1, 2) e where amount <> 0),
		  (select string_agg(reason || ' ' || state || ' ' || amount, ',') from refunds where order_id = o.id),
		  (select string_agg(kind, ',' order by kind) from alarms where order_id = o.id))
		from orders o where o.id = $1`, order)
}

// M6: the same events in every order, twice and at once, and with one missing,
// end at the same rows; what follows from them happens once.
func TestM6HistoriesEndAlike(t *testing.T) {
	t.Parallel()
	s := opened(t, 10_000)
	s.inbox.close(true)
	ends := map[string]int{}
	histories := 0
	for _, order := range permutations(5) {
		for _, way := range []string{"one after the other", "twice and at once", "one missing"} {
			o, mine := s.refundedOutside()
			if len(mine) < len(order) {
				t.Fatalf("only %d events", len(mine))
			}
			s.deliverAs(way, mine[:len(order)], order)
			histories++
			if way == "one missing" {
				continue // until it is found below
			}
			ends[s.digest(o.ID)]++
		}
	}
	if len(ends) != 1 {
		t.Errorf("before anything was reconciled: %v", ends)
	}
	s.must(s.Reconcile(s.ctx)) // finds what was missing
	s.work()
	clear(ends)
	for _, id := range s.all() {
		ends[s.digest(id)]++
	}
	t.Logf("figure money.m6_histories %d", histories)
	t.Logf("figure money.m6_divergent %d", len(ends)-1)
	if len(ends) != 1 || histories != 360 {
		t.Errorf("%d histories: %v", histories, ends)
	}
	if n := s.number(`select count(*) from sales_audit where action = 'refund'`); n != histories {
		t.Errorf("%d refunds in the audit of %d orders", n, histories)
	}
	s.sound()
}

// refundedOutside buys a ticket and gives the money back at Stripe, and returns
// the events of it, none of which was received.
func (s *shop) refundedOutside() (ticketing.Order, []letter) {
	s.t.Helper()
	o := s.bought()
	session, err := s.world.pay.Session(s.ctx, s.session(o))
	s.must(err)
	_, err = s.world.pay.Refund(s.ctx, "outside:"+o.ID.String(), ticketing.NewRefund{Payment: session.Payment, Amount: 800})
	s.must(err)
	_, err = s.world.pay.Refund(s.ctx, "outside too:"+o.ID.String(), ticketing.NewRefund{Payment: session.Payment, Amount: 1200})
	s.must(err)
	return o, s.letters(session.ID, session.Payment)
}

func (s *shop) deliverAs(way string, events []letter, order []int) {
	s.t.Helper()
	switch way {
	case "one after the other":
		for _, n := range order {
			s.receive(events[n])
			s.work()
		}
	case "one missing":
		for _, n := range order[1:] {
			s.receive(events[n])
			s.work()
		}
	case "twice and at once":
		var all sync.WaitGroup
		for _, n := range append(slices.Clone(order), order...) {
			all.Go(func() { s.receive(events[n]) })
		}
		all.Wait()
		for _, job := range s.jobs.take() {
			all.Go(func() {
				if err := worked(s.ctx, s.worker, job); err != nil {
					s.t.Error(err)
				}
			})
		}
		all.Wait()
		s.work()
	}
}

func (s *shop) all() (ids []uuid.UUID) {
	s.t.Helper()
	rows, err := s.pool.Query(s.ctx, `select id from orders`)
	s.must(err)
	defer rows.Close()
	for rows.Next() {
		var id uuid.UUID
		s.must(rows.Scan(&id))
		ids = append(ids, id)
	}
	s.must(rows.Err())
	return ids
}
