package rooms

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// NameHeir says who takes over when the host is gone; uuid.Nil takes it back,
// and then a co-host does.
func (s *Service) NameHeir(ctx context.Context, actor, id, heir uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := lockTx(ctx, tx, id, "update"); err != nil {
			return err
		}
		if err := allowedTx(ctx, tx, id, actor, NameHeir); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update rooms set heir_id = nullif($2::uuid, $3) where id = $1`, id, heir, uuid.Nil)
		if postgres.Constraint(err) == "rooms_heir_id_fkey" {
			return ErrNoAccount
		}
		if err != nil {
			return fmt.Errorf("name heir: %w", err)
		}
		return auditTx(ctx, tx, audited{room: id, actor: actor, subject: heir, action: NameHeir})
	})
}

// HandOver makes another person in the room its host; whoever was it becomes a
// co-host.
func (s *Service) HandOver(ctx context.Context, actor, id, to uuid.UUID, reason string) error {
	d := Deed{Room: id, Actor: actor, Target: to, Action: HandOver, Reason: reason}
	if err := d.check(); err != nil {
		return err
	}
	return s.change(ctx, id, func(tx pgx.Tx, room Room) error {
		if err := allowedTx(ctx, tx, id, actor, HandOver); err != nil {
			return err
		}
		if err := handOverTx(ctx, tx, id, to); err != nil {
			return err
		}
		return auditTx(ctx, tx, audited{room: id, actor: actor, subject: to, action: HandOver, reason: reason})
	})
}

// handOverTx moves the role of the host. The one before becomes a co-host,
// whatever the limit: nobody loses the room they opened by a number.
func handOverTx(ctx context.Context, tx pgx.Tx, room, to uuid.UUID) error {
	heir, err := personTx(ctx, tx, room, to)
	if err != nil {
		return err
	}
	if heir.Role == Host {
		return nil
	}
	if heir.BannedAt != nil || heir.Removed || heir.Suspended || heir.JoinedAt == nil {
		return ErrNotAllowed
	}
	var before uuid.UUID
	err = tx.QueryRow(ctx, `update participants set role = 'cohost' where room_id = $1 and role = 'host' returning account_id`, room).Scan(&before)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("drop host: %w", err)
	}
	_, err = tx.Exec(ctx, `
		update participants set role = 'host', muted = false, hard_muted = false, hand_raised_at = null, hand_question = null, invited_at = null
		where room_id = $1 and account_id = $2`, room, to)
	if err != nil {
		return fmt.Errorf("make host: %w", err)
	}
	_, err = tx.Exec(ctx, `update rooms set host_away_at = null, heir_id = null where id = $1`, room)
	if err != nil {
		return fmt.Errorf("note new host: %w", err)
	}
	_, err = AppendTx(ctx, tx, room,
		NewEntry{Kind: KindStage, Subject: before, Body: StageChange{Role: Cohost, Was: Host}},
		NewEntry{Kind: KindStage, Subject: to, Body: StageChange{Role: Host, Was: heir.Role}},
		NewEntry{Kind: KindSystem, Subject: to, Body: map[string]any{"what": "handed-over"}})
	return err
}
