package rooms

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// maxRecent bounds how far back "everyone who came lately" reaches.
const maxRecent = 24 * time.Hour

// MuteAll mutes everyone on stage who ranks below the actor; they may unmute
// themselves.
func (s *Service) MuteAll(ctx context.Context, actor, id uuid.UUID) error {
	return s.toAll(ctx, actor, id, MuteAll, "", func(tx pgx.Tx, room Room) error {
		return muteStageTx(ctx, tx, room, audited{room: id, actor: actor, action: Mute}, false)
	})
}

// LowerAll takes every hand down.
func (s *Service) LowerAll(ctx context.Context, actor, id uuid.UUID) error {
	return s.toAll(ctx, actor, id, LowerAll, "", func(tx pgx.Tx, room Room) error {
		_, err := tx.Exec(ctx, `update participants set hand_raised_at = null, hand_question = null where room_id = $1 and hand_raised_at is not null`, id)
		return err
	})
}

// Panic makes a room quiet at once: everyone below the actor is muted and
// cannot lift it, the queue and the door are closed, reactions stop.
func (s *Service) Panic(ctx context.Context, actor, id uuid.UUID, reason string) error {
	if reason != "" && !plainText(reason, maxReason) {
		return fault.BadField("reason")
	}
	return s.toAll(ctx, actor, id, Panic, reason, func(tx pgx.Tx, room Room) error {
		_, err := tx.Exec(ctx, `update rooms set locked = true, hands_open = false, reactions = false where id = $1`, id)
		if err != nil {
			return fmt.Errorf("close the doors: %w", err)
		}
		after := room.Rules
		after.Locked, after.HandsOpen, after.Reactions = true, false, false
		if entries := rulesEntries(actor, room.Rules, after); len(entries) > 0 {
			if _, err := AppendTx(ctx, tx, id, entries...); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `update participants set hand_raised_at = null, hand_question = null where room_id = $1 and hand_raised_at is not null`, id)
		if err != nil {
			return fmt.Errorf("lower hands: %w", err)
		}
		return muteStageTx(ctx, tx, room, audited{room: id, actor: actor, action: HardMute, reason: reason}, true)
	})
}

// RemoveRecent removes every listener and guest who came in since then.
// People on stage stay.
func (s *Service) RemoveRecent(ctx context.Context, actor, id uuid.UUID, since time.Duration, reason string) error {
	if since <= 0 || since > maxRecent {
		return fault.BadField("minutes")
	}
	if reason != "" && !plainText(reason, maxReason) {
		return fault.BadField("reason")
	}
	return s.toAll(ctx, actor, id, RemoveRecent, reason, func(tx pgx.Tx, room Room) error {
		_, err := tx.Exec(ctx, `
			with gone as (
				update participants set removed_until = now() + $3::interval, listed = false,
				       hand_raised_at = null, hand_question = null, invited_at = null
				where room_id = $1 and role = 'listener' and account_id <> $4 and joined_at > now() - $2::interval returning account_id
			), strangers as (
				update guests set removed_at = now() where room_id = $1 and removed_at is null and created_at > now() - $2::interval
			)
			insert into audit (id, room_id, actor_id, subject_id, action, reason)
			select gen_random_uuid(), $1, $4, account_id, $5, nullif($6, '') from gone`, id, since, removedFor, actor, Remove, reason)
		if err != nil {
			return fmt.Errorf("remove newcomers: %w", err)
		}
		return nil
	})
}

// RemoveGuest removes one guest for good.
func (s *Service) RemoveGuest(ctx context.Context, actor, id, guest uuid.UUID) error {
	return s.change(ctx, id, func(tx pgx.Tx, _ Room) error {
		if err := allowedTx(ctx, tx, id, actor, Remove); err != nil {
			return err
		}
		if err := auditTx(ctx, tx, audited{room: id, actor: actor, guest: guest, action: Remove}); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update guests set removed_at = coalesce(removed_at, now()) where room_id = $1 and id = $2`, id, guest)
		if err == nil && tag.RowsAffected() == 0 {
			return ErrNotThere
		}
		return err
	})
}

// toAll does one action to a whole live room, for whom the table lets.
func (s *Service) toAll(ctx context.Context, actor, id uuid.UUID, action Action, reason string, do func(pgx.Tx, Room) error) error {
	return s.change(ctx, id, func(tx pgx.Tx, room Room) error {
		if err := allowedTx(ctx, tx, id, actor, action); err != nil {
			return err
		}
		if err := auditTx(ctx, tx, audited{room: id, actor: actor, action: action, reason: reason}); err != nil {
			return err
		}
		return do(tx, room)
	})
}

// change alters several seats of a live room at once and tells the media
// server of each that differs afterwards.
func (s *Service) change(ctx context.Context, id uuid.UUID, do func(pgx.Tx, Room) error) error {
	var before, after []Seat
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		room, err := actingTx(ctx, tx, id, "update")
		if err != nil {
			return err
		}
		if _, err = headTx(ctx, tx, id); err != nil {
			return err
		}
		if before, err = s.seatsTx(ctx, tx, ` where run = $1`, *room.Run); err != nil {
			return err
		}
		if err = do(tx, room); err != nil {
			return err
		}
		after, err = s.seatsTx(ctx, tx, ` where run = $1`, *room.Run)
		return err
	})
	if err != nil {
		return err
	}
	s.applyChanged(ctx, before, after)
	return nil
}

// atOnce is how many seats the media server is told of at the same time.
const atOnce = 16

// applyChanged tells the media server of every seat that is not as before.
func (s *Service) applyChanged(ctx context.Context, before, after []Seat) {
	was := make(map[string]Seat, len(before))
	for _, seat := range before {
		was[seat.Identity] = seat
	}
	var all sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for _, seat := range after {
		if was[seat.Identity] == seat {
			continue
		}
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			s.media.Apply(ctx, seat.Run, seat.Identity)
		})
	}
	all.Wait()
}

// muteStageTx mutes everyone on stage below the actor, and tells each of them
// by an audit entry of their own.
func muteStageTx(ctx context.Context, tx pgx.Tx, room Room, as audited, hard bool) error {
	roles, err := rolesTx(ctx, tx, room.ID, as.actor)
	if err != nil {
		return err
	}
	var below []string
	for _, role := range stage {
		for _, own := range roles {
			if May(own, MuteAll) && own.rank() > role.rank() {
				below = append(below, string(role))
				break
			}
		}
	}
	rows, _ := tx.Query(ctx, `
		update participants set muted = true, hard_muted = hard_muted or $3
		where room_id = $1 and role = any($2) and account_id <> $4 and not (muted and (hard_muted or not $3))
		returning account_id, role, muted, hard_muted`, room.ID, below, hard, as.actor)
	muted, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e NewEntry, err error) {
		var change StageChange
		e.Kind = KindStage
		err = row.Scan(&e.Subject, &change.Role, &change.Muted, &change.HardMuted)
		e.Body = change
		return e, err
	})
	if err != nil || len(muted) == 0 {
		return err
	}
	for _, e := range muted {
		as.subject = e.Subject
		if err := auditTx(ctx, tx, as); err != nil {
			return err
		}
	}
	_, err = AppendTx(ctx, tx, room.ID, muted...)
	return err
}
