package accounts

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// SuspendTx shuts an account out, or lets it in again. Its sessions end: who
// is let in again signs in anew. The owner of the server cannot be suspended.
func (s *Service) SuspendTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, suspended bool) error {
	tag, err := tx.Exec(ctx, `
		update accounts set suspended_at = case when $2 then coalesce(suspended_at, now()) end
		where id = $1 and not (owner and $2)`, account, suspended)
	if err != nil {
		return fmt.Errorf("suspend: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrOwnerStays
	}
	if suspended {
		_, err = tx.Exec(ctx, `delete from sessions where account_id = $1`, account)
	}
	return err
}

// Block keeps another account away: they cannot follow the blocker nor enter
// the blocker's rooms, and neither follows the other any more.
func (s *Service) Block(ctx context.Context, blocker, blocked uuid.UUID) error {
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into blocks (blocker_id, blocked_id) values ($1, $2) on conflict do nothing`, blocker, blocked)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			delete from follows where (follower_id = $1 and followee_id = $2) or (follower_id = $2 and followee_id = $1)`, blocker, blocked)
		return err
	})
	switch postgres.Constraint(err) {
	case "blocks_not_self":
		return ErrBlockSelf
	case "blocks_blocked_id_fkey":
		return ErrNotFound
	}
	return err
}

// Unblock ends it. Unblocking somebody who is not blocked changes nothing.
func (s *Service) Unblock(ctx context.Context, blocker, blocked uuid.UUID) error {
	_, err := s.pool.Exec(ctx, `delete from blocks where blocker_id = $1 and blocked_id = $2`, blocker, blocked)
	return err
}

// Blocks says whether blocker blocks the account.
func (s *Service) Blocks(ctx context.Context, blocker, account uuid.UUID) (yes bool, err error) {
	err = s.pool.QueryRow(ctx, `select exists (select from blocks where blocker_id = $1 and blocked_id = $2)`, blocker, account).Scan(&yes)
	return yes, err
}
