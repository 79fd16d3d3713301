package rooms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// Entry is what a person who was let in needs to connect.
type Entry struct {
	Pass
	Identity string
	Role     Role
}

// Join lets a person into a live room, as what their row says, a listener if
// they have none yet. The pass carries the rights of the row at this moment.
func (s *Service) Join(ctx context.Context, account, id uuid.UUID, bot bool) (Entry, error) {
	var room Room
	var person Person
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if room, err = lockTx(ctx, tx, id, "share"); err != nil {
			return err
		}
		if err = room.open(); err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `
			insert into participants (room_id, account_id, identity, role, bot, joined_at)
			values ($1, $2, $3, 'listener', $4, now())
			on conflict (room_id, account_id) do update
			set bot = excluded.bot, joined_at = coalesce(participants.joined_at, now())`,
			id, account, randomName(), bot); err != nil {
			return fmt.Errorf("take a seat: %w", err)
		}
		if person, err = personTx(ctx, tx, id, account); err != nil {
			return err
		}
		return mayEnter(person)
	})
	if err != nil {
		return Entry{}, err
	}
	pass, err := s.media.Pass(seatOf(room, person), person.DisplayName)
	return Entry{Pass: pass, Identity: person.Identity, Role: person.Role}, err
}

// mayEnter is the list of entry gates, in the order people are told of them.
func mayEnter(p Person) error {
	switch {
	case p.Suspended:
		return ErrSuspended
	case p.BannedAt != nil:
		return ErrBanned
	}
	return nil
}

func seatOf(room Room, p Person) Seat {
	return Seat{
		Run: *room.Run, Identity: p.Identity, Role: p.Role, Muted: p.Muted, Bot: p.Bot,
		Suspended: p.Suspended, Banned: p.BannedAt != nil, Live: room.Status() == Live,
	}
}

// Act does one action in a live room: actor to target, who is the actor
// itself for what people do to themselves. It refuses with ErrNotAllowed and
// what the rule book says; it returns once the media server was told.
func (s *Service) Act(ctx context.Context, id, actor uuid.UUID, action Action, target uuid.UUID) error {
	var room Room
	var before, after Person
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if room, err = lockTx(ctx, tx, id, "share"); err != nil {
			return err
		}
		if err = room.open(); err != nil {
			return err
		}
		if err = s.mayActTx(ctx, tx, id, actor, action, target); err != nil {
			return err
		}
		if before, err = personTx(ctx, tx, id, target); err != nil {
			return err
		}
		var now time.Time
		if err = tx.QueryRow(ctx, `select now()`).Scan(&now); err != nil {
			return err
		}
		if after, err = act(action, before, now); err != nil {
			return err
		}
		return savePersonTx(ctx, tx, id, after)
	})
	if err != nil {
		return err
	}
	if seatOf(room, before) != seatOf(room, after) {
		s.media.Apply(ctx, *room.Run, after.Identity)
	}
	return nil
}

// mayActTx reads the actor's role now: powers are rows, never remembered.
func (s *Service) mayActTx(ctx context.Context, tx pgx.Tx, room, actor uuid.UUID, action Action, target uuid.UUID) error {
	if action.OnSelf() {
		if actor != target {
			return ErrNotAllowed
		}
		return nil
	}
	by, err := personBy(ctx, tx, room, actor, "")
	if err != nil && !errors.Is(err, ErrNotThere) {
		return fmt.Errorf("read actor: %w", err)
	}
	if err != nil || !slices.Contains(powers[action], by.Role) || mayEnter(by) != nil {
		return ErrNotAllowed
	}
	return nil
}

func savePersonTx(ctx context.Context, tx pgx.Tx, room uuid.UUID, p Person) error {
	_, err := tx.Exec(ctx, `
		update participants set role = $3, muted = $4, hand_raised_at = $5, invited_at = $6, banned_at = $7
		where room_id = $1 and account_id = $2`,
		room, p.AccountID, p.Role, p.Muted, p.HandRaisedAt, p.InvitedAt, p.BannedAt)
	if err != nil {
		return fmt.Errorf("save person: %w", err)
	}
	return nil
}
