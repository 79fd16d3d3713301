package rooms

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// People suspends accounts inside the caller's transaction. Package accounts
// keeps them.
type People interface {
	SuspendTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, suspended bool) error
}

// Actions of a server's admin on an account, as the audit names them.
const (
	suspendAccount   Action = "suspend"
	unsuspendAccount Action = "unsuspend"
)

// Suspend shuts an account out of the whole server at once, wherever it is, or
// lets it in again. The reason is told to the person.
func (s *Service) Suspend(ctx context.Context, people People, admin, account uuid.UUID, suspended bool, reason string) error {
	if reason != "" && !plainText(reason, maxReason) {
		return fault.BadField("reason")
	}
	action := unsuspendAccount
	if suspended {
		action = suspendAccount
	}
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if err := people.SuspendTx(ctx, tx, account, suspended); err != nil {
			return err
		}
		return auditTx(ctx, tx, audited{actor: admin, subject: account, action: action, reason: reason})
	})
	if err != nil {
		return err
	}
	return s.applyEverywhere(ctx, account)
}

// Block tells the media server after one account blocked another: who is
// blocked may not be in the rooms of who blocked.
func (s *Service) Block(ctx context.Context, blocked uuid.UUID) error {
	return s.applyEverywhere(ctx, blocked)
}

// applyEverywhere makes the media server look at every live seat of an account.
func (s *Service) applyEverywhere(ctx context.Context, account uuid.UUID) error {
	rows, _ := s.pool.Query(ctx, `
		select r.run, p.identity from participants p join rooms r on r.id = p.room_id
		where p.account_id = $1 and r.started_at is not null and r.ended_at is null`, account)
	type seat struct{ Run, Identity string }
	seats, err := pgx.CollectRows(rows, pgx.RowToStructByPos[seat])
	if err != nil {
		return fmt.Errorf("list seats: %w", err)
	}
	for _, one := range seats {
		s.media.Apply(ctx, one.Run, one.Identity)
	}
	return nil
}
