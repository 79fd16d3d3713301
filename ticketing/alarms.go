package ticketing

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// AlarmKind is what a person must look at.
type AlarmKind string

// The kinds.
const (
	AlarmUnmatched AlarmKind = "unmatched"      // money came for an order that did not wait for it
	AlarmMismatch  AlarmKind = "mismatch"       // another amount, currency or destination than agreed
	AlarmFailed    AlarmKind = "refund-failed"  // the buyer's bank did not take the money back
	AlarmRefused   AlarmKind = "refund-refused" // Stripe does not refund; it is tried again
	AlarmOutside   AlarmKind = "outside-refund" // a part was refunded at Stripe, not by us
	AlarmDispute   AlarmKind = "dispute"        // the buyer's bank took the money back, or tries to
	AlarmAbsorbed  AlarmKind = "absorbed"       // the platform bears what a refund did not take from the host
	AlarmUnstarted AlarmKind = "not-started"    // a room with paid tickets did not start; it will be called off
)

// Alarm is a row that a person must look at. Money is safe meanwhile.
type Alarm struct {
	ID        uuid.UUID
	Kind      AlarmKind
	Subject   string // what it is about: an order, a refund, a session or a room
	OrderID   *uuid.UUID
	Detail    string
	CreatedAt time.Time
}

// alarmTx raises an alarm, unless the same one is open.
func alarmTx(ctx context.Context, tx pgx.Tx, kind AlarmKind, subject string, order *uuid.UUID, detail string) error {
	_, err := tx.Exec(ctx, `
		insert into alarms (id, kind, subject, order_id, detail) values ($1, $2, $3, $4, $5) on conflict do nothing`,
		uuid.Must(uuid.NewV7()), kind, subject, order, detail)
	if err != nil {
		return fmt.Errorf("raise alarm: %w", err)
	}
	return nil
}

// Alarms lists what nobody has looked at yet, oldest first.
func (s *Store) Alarms(ctx context.Context) ([]Alarm, error) {
	rows, _ := s.pool.Query(ctx, `select id, kind, subject, order_id, detail, created_at from alarms where closed_at is null order by created_at, id`)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Alarm])
}

// CloseAlarm notes that an admin has seen to an alarm. Closing a closed one is
// no error.
func (s *Service) CloseAlarm(ctx context.Context, admin, alarm uuid.UUID, note string) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update alarms set closed_at = now(), closed_by = $2 where id = $1 and closed_at is null`, alarm, admin)
		if err != nil {
			return fmt.Errorf("close alarm: %w", err)
		}
		if tag.RowsAffected() == 0 {
			var known bool
			if err := tx.QueryRow(ctx, `select exists (select from alarms where id = $1)`, alarm).Scan(&known); err != nil || known {
				return err
			}
			return ErrNoAlarm
		}
		return auditTx(ctx, tx, admin, "close-alarm", alarm.String(), map[string]string{"note": note})
	})
}

// auditTx writes down who used a power over a sale, or what was repaired: then
// the actor is uuid.Nil.
func auditTx(ctx context.Context, tx pgx.Tx, actor uuid.UUID, action, subject string, detail any) error {
	if detail == nil {
		detail = struct{}{}
	}
	body, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("encode audit: %w", err)
	}
	_, err = tx.Exec(ctx, `
		insert into sales_audit (id, actor_id, action, subject, detail) values ($1, nullif($2, $6::uuid), $3, $4, $5)`,
		uuid.Must(uuid.NewV7()), actor, action, subject, body, uuid.Nil)
	if err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	return nil
}
