package ticketing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// Event is a hint that something happened at Stripe, from a webhook whose
// signature was good. Nothing in it is believed: it says where to look.
type Event struct {
	ID      string
	Type    string
	Object  string // id of what it is about
	Payment string // id of the payment intent that object names; "" when none
}

// Receive takes a hint and returns once it cannot be lost; what follows from it
// is a job. A hint that was taken before changes nothing.
func (s *Service) Receive(ctx context.Context, e Event) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			insert into stripe_events (id, type, object, payment_id) values ($1, $2, $3, nullif($4, '')) on conflict do nothing`,
			e.ID, e.Type, e.Object, e.Payment)
		if err != nil {
			return fmt.Errorf("take event: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		return s.queue.InsertTx(ctx, tx, errand{What: appliesEvent, ID: e.ID})
	})
}

// sessionPrefix begins the ids of sessions.
const sessionPrefix = "cs_"

// applyEvent settles what an event is about, once. What concerns nobody here,
// and what concerns an account, which is asked about whenever it matters, is
// only marked.
func (s *Service) applyEvent(ctx context.Context, id string) error {
	var object string
	var session *string
	err := s.pool.QueryRow(ctx, `
		select e.object, p.session_id from stripe_events e left join payments p on p.payment_id = e.payment_id
		where e.id = $1 and e.applied_at is null`, id).Scan(&object, &session)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read event: %w", err)
	}
	if strings.HasPrefix(object, sessionPrefix) {
		session = &object
	}
	if session == nil {
		return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error { return appliedTx(ctx, tx, id) })
	}
	err = s.settle(ctx, *session, func(tx pgx.Tx) error { return appliedTx(ctx, tx, id) })
	if errors.Is(err, ErrUnknown) { // of another server that shares the endpoint
		return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error { return appliedTx(ctx, tx, id) })
	}
	return err
}

func appliedTx(ctx context.Context, tx pgx.Tx, id string) error {
	if _, err := tx.Exec(ctx, `update stripe_events set applied_at = now() where id = $1 and applied_at is null`, id); err != nil {
		return fmt.Errorf("mark event: %w", err)
	}
	return nil
}

// Applied events are kept for longer than Stripe sends one again, which is three
// days, or thirty when a person asks for it. One that came after that would only
// say again where to look. So many are deleted in one round.
const (
	keepEvents   = 90 * 24 * time.Hour
	forgotAtOnce = 1000
)

// forgetEvents deletes old events of which something came.
func (s *Service) forgetEvents(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, `
		delete from stripe_events where id in (
		  select id from stripe_events where applied_at < now() - $1::interval order by applied_at limit $2)`, keepEvents, forgotAtOnce)
	if err != nil {
		return fmt.Errorf("forget events: %w", err)
	}
	return nil
}

// applyWaiting applies the events whose job was lost.
func (s *Service) applyWaiting(ctx context.Context) error {
	rows, _ := s.pool.Query(ctx, `select id from stripe_events where applied_at is null and received_at < now() - interval '1 minute' order by received_at`)
	waiting, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("find waiting events: %w", err)
	}
	var failed []error
	for _, id := range waiting {
		failed = append(failed, s.applyEvent(ctx, id))
	}
	return errors.Join(failed...)
}
