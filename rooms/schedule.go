package rooms

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// maxAheadDays is how far ahead a room may be announced, in days.
const maxAheadDays = 180

// announceableTx refuses a start that is not ahead, or too far, by the
// database's clock.
func announceableTx(ctx context.Context, tx pgx.Tx, at *time.Time) error {
	if at == nil {
		return nil
	}
	var ahead bool
	err := tx.QueryRow(ctx, `select $1::timestamptz > now() and $1 <= now() + make_interval(days => $2)`, *at, maxAheadDays).Scan(&ahead)
	if err != nil {
		return fmt.Errorf("compare start: %w", err)
	}
	if !ahead {
		return ErrStartsAt.With(fault.Params{"days": maxAheadDays})
	}
	return nil
}

// Reschedule announces another time for a room that has not started; nil
// takes the time back, unless tickets were sold for money. The host gate is not
// asked again.
func (s *Service) Reschedule(ctx context.Context, account, id uuid.UUID, at *time.Time) (Room, error) {
	return s.announce(ctx, account, id, func(tx pgx.Tx) error {
		if err := s.movableTx(ctx, tx, id, at); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update rooms set starts_at = $2, revision = revision + 1 where id = $1`, id, at)
		return err
	})
}

func (s *Service) movableTx(ctx context.Context, tx pgx.Tx, id uuid.UUID, to *time.Time) error {
	if to == nil {
		return s.untimeableTx(ctx, tx, id)
	}
	return announceableTx(ctx, tx, to)
}

// Cancel calls a room off before it starts. Cancelling a cancelled room is no
// error.
func (s *Service) Cancel(ctx context.Context, account, id uuid.UUID) (Room, error) {
	room, err := s.announce(ctx, account, id, func(tx pgx.Tx) error {
		if s.door != nil {
			if err := s.door.CancelSaleTx(ctx, tx, account, id); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `update rooms set cancelled_at = now(), revision = revision + 1 where id = $1`, id)
		return err
	})
	if errors.Is(err, ErrCancelled) {
		return room, nil
	}
	return room, err
}

// CancelLateTx calls a room off, in the caller's transaction, that should have
// started so long ago and neither started nor was moved or called off until this
// moment. It says whether it did. What was sold is the caller's.
func (s *Store) CancelLateTx(ctx context.Context, tx pgx.Tx, id uuid.UUID, late time.Duration) (bool, error) {
	tag, err := tx.Exec(ctx, `
		update rooms set cancelled_at = now(), revision = revision + 1
		where id = $1 and started_at is null and cancelled_at is null and starts_at <= now() - $2::interval`, id, late)
	if err != nil {
		return false, fmt.Errorf("call room off: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}

// announce changes a room that has not started.
func (s *Service) announce(ctx context.Context, account, id uuid.UUID, change func(pgx.Tx) error) (room Room, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if room, err = lockTx(ctx, tx, id, "update"); err != nil {
			return err
		}
		if err := hostOnlyTx(ctx, tx, id, account); err != nil {
			return err
		}
		switch room.Status() {
		case Live:
			return ErrStarted
		case Ended, Cancelled:
			return room.open()
		}
		if err := change(tx); err != nil {
			return err
		}
		room, err = roomBy(ctx, tx, selectRoom+` where r.id = $1`, id)
		return err
	})
	return room, err
}
