package ticketing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// How far back Stripe's lists are read: longer than any checkout lives, so that
// nothing paid is missed, and as long as cardholders may usually dispute.
const (
	lookBack     = 25 * time.Hour
	lookBackLong = 120 * 24 * time.Hour
)

// Reconcile finds what Stripe knows and we do not, without any webhook: what
// becomes of open checkouts and refunds, what Stripe kept of payments, sessions,
// refunds and disputes we never heard of. Where nothing differs, nothing is
// written.
func (s *Service) Reconcile(ctx context.Context) error {
	var failed []error
	done := map[string]bool{}
	for _, find := range []func(context.Context) ([]string, error){s.openSessions, s.unheardSessions, s.unheardRefunds, s.unheardDisputes} {
		found, err := find(ctx)
		failed = append(failed, err)
		for _, session := range found {
			if !done[session] {
				done[session] = true
				failed = append(failed, s.Settle(ctx, session))
			}
		}
	}
	return errors.Join(failed...)
}

// openSessions are those of ours that Stripe has more to say of.
func (s *Service) openSessions(ctx context.Context) ([]string, error) {
	return s.sessions(ctx, `
		select p.session_id from payments p join orders o on o.id = p.order_id
		where p.session_id is not null and (o.state in ('paying', 'refunding') or p.paid_at is not null and (p.said->'processing') is null)`)
}

func (s *Service) sessions(ctx context.Context, sql string, args ...any) ([]string, error) {
	rows, _ := s.pool.Query(ctx, sql, args...)
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return found, nil
}

// unheardSessions are paid at Stripe, and not known to be here.
func (s *Service) unheardSessions(ctx context.Context) ([]string, error) {
	recent, err := s.payments.RecentSessions(ctx, time.Now().Add(-lookBack))
	if err != nil {
		return nil, fmt.Errorf("list sessions at stripe: %w", err)
	}
	var paid []string
	for _, session := range recent {
		if session.Paid {
			paid = append(paid, session.ID)
		}
	}
	return s.sessions(ctx, `
		select id from unnest($1::text[]) as id
		where not exists (select from payments p where p.session_id = id and p.paid_at is not null)`, paid)
}

// unheardRefunds are the sessions whose payments were refunded by another sum
// than we know.
func (s *Service) unheardRefunds(ctx context.Context) ([]string, error) {
	recent, err := s.payments.RecentRefunds(ctx, time.Now().Add(-lookBack))
	if err != nil {
		return nil, fmt.Errorf("list refunds at stripe: %w", err)
	}
	sums := map[string]int64{}
	for _, r := range recent {
		if r.Status != RefundFailed {
			sums[r.Payment] += r.Amount
		} else {
			sums[r.Payment] += 0 // what failed may be booked as refunded
		}
	}
	payments, amounts := make([]string, 0, len(sums)), make([]int64, 0, len(sums))
	for payment, sum := range sums {
		payments, amounts = append(payments, payment), append(amounts, sum)
	}
	return s.sessions(ctx, `
		select p.session_id from unnest($1::text[], $2::bigint[]) as r (payment_id, amount) join payments p using (payment_id)
		where p.session_id is not null and coalesce((p.said->>'refunded')::bigint, 0) <> r.amount`, payments, amounts)
}

// unheardDisputes are the sessions from whose payments banks withdrew another
// sum than we know, or that we do not know to be disputed.
func (s *Service) unheardDisputes(ctx context.Context) ([]string, error) {
	recent, err := s.payments.RecentDisputes(ctx, time.Now().Add(-lookBackLong))
	if err != nil {
		return nil, fmt.Errorf("list disputes at stripe: %w", err)
	}
	payments, amounts := make([]string, 0, len(recent)), make([]int64, 0, len(recent))
	for _, d := range recent {
		payments, amounts = append(payments, d.Payment), append(amounts, d.Withdrawn)
	}
	return s.sessions(ctx, `
		select p.session_id from unnest($1::text[], $2::bigint[]) as d (payment_id, amount) join payments p using (payment_id)
		where p.session_id is not null and ((p.said->>'disputed') is null or coalesce((p.said->>'withdrawn')::bigint, 0) <> d.amount)`, payments, amounts)
}
