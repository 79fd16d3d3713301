package rooms

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// RulesChange names what changes; nil stays as it is.
type RulesChange struct {
	Entry, WhoSpeaks, KeepWords                 *string
	Guests, Locked, HandsOpen, Reactions        *bool
	Capacity, MaxSpeakers, MaxCohosts, KeepDays *int
}

func (c RulesChange) onto(r Rules) (Rules, error) {
	set(&r.Entry, c.Entry)
	set(&r.WhoSpeaks, c.WhoSpeaks)
	set(&r.Guests, c.Guests)
	set(&r.Locked, c.Locked)
	set(&r.HandsOpen, c.HandsOpen)
	set(&r.Reactions, c.Reactions)
	set(&r.Capacity, c.Capacity)
	set(&r.MaxSpeakers, c.MaxSpeakers)
	set(&r.MaxCohosts, c.MaxCohosts)
	set(&r.KeepWords, c.KeepWords)
	set(&r.KeepDays, c.KeepDays)
	return r, r.check()
}

func set[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

// Bounds of a room's rules.
const (
	maxCapacity    = 100_000
	maxMaxSpeakers = 50
	maxMaxCohosts  = 10
	maxKeepDays    = 3650
)

func (r Rules) check() error {
	switch {
	case r.Entry != "everyone" && r.Entry != "followers" && r.Entry != "invited":
		return fault.BadField("entry")
	case r.WhoSpeaks != "everyone" && r.WhoSpeaks != "followed" && r.WhoSpeaks != "invited":
		return fault.BadField("who_speaks")
	case r.Capacity < 1 || r.Capacity > maxCapacity:
		return fault.BadField("capacity")
	case r.MaxSpeakers < 1 || r.MaxSpeakers > maxMaxSpeakers:
		return fault.BadField("max_speakers")
	case r.MaxCohosts < 0 || r.MaxCohosts > maxMaxCohosts:
		return fault.BadField("max_cohosts")
	case r.KeepWords != "live" && r.KeepWords != "days" && r.KeepWords != "public":
		return fault.BadField("keep_words")
	case r.KeepDays < 1 || r.KeepDays > maxKeepDays:
		return fault.BadField("keep_days")
	}
	return nil
}

// ChangeRules changes a room's rules, before or while it is live. Whoever is
// inside or on stage stays there, but guests where guests no longer may be.
func (s *Service) ChangeRules(ctx context.Context, actor, id uuid.UUID, change RulesChange) (room Room, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if room, err = lockTx(ctx, tx, id, "update"); err != nil {
			return err
		}
		if err := allowedTx(ctx, tx, id, actor, ChangeRules); err != nil {
			return err
		}
		if status := room.Status(); status != Live && status != Scheduled {
			return room.open()
		}
		before := room.Rules
		if room.Rules, err = change.onto(before); err != nil || room.Rules == before {
			return err
		}
		return saveRulesTx(ctx, tx, room, actor, before)
	})
	if err == nil && room.Status() == Live && !room.Guests {
		s.dismissGuests(ctx, room)
	}
	return room, err
}

func saveRulesTx(ctx context.Context, tx pgx.Tx, room Room, actor uuid.UUID, before Rules) error {
	if err := writeRulesTx(ctx, tx, room.ID, room.Rules); err != nil {
		return err
	}
	if err := auditTx(ctx, tx, audited{room: room.ID, actor: actor, action: ChangeRules}); err != nil {
		return err
	}
	entries := rulesEntries(actor, before, room.Rules)
	if len(entries) == 0 || room.Status() != Live {
		return nil
	}
	_, err := AppendTx(ctx, tx, room.ID, entries...)
	return err
}

func writeRulesTx(ctx context.Context, tx pgx.Tx, room uuid.UUID, r Rules) error {
	_, err := tx.Exec(ctx, `
		update rooms set entry = $2, who_speaks = $3, guests = $4, locked = $5, hands_open = $6, reactions = $7,
		       capacity = $8, max_speakers = $9, max_cohosts = $10,
		       keep_words = $11, keep_days = $12 where id = $1`,
		room, r.Entry, r.WhoSpeaks, r.Guests, r.Locked, r.HandsOpen, r.Reactions, r.Capacity, r.MaxSpeakers, r.MaxCohosts, r.KeepWords, r.KeepDays)
	if err != nil {
		return fmt.Errorf("save rules: %w", err)
	}
	return nil
}

// rulesEntries tell those in the room what changed for them.
func rulesEntries(actor uuid.UUID, before, after Rules) (entries []NewEntry) {
	if before.HandsOpen != after.HandsOpen {
		entries = append(entries, NewEntry{Kind: KindHands, Actor: actor, Body: map[string]any{"open": after.HandsOpen}})
	}
	before.HandsOpen = after.HandsOpen
	if before != after {
		entries = append(entries, NewEntry{Kind: KindSystem, Actor: actor, Body: map[string]any{
			"what": "rules", "entry": after.Entry, "who_speaks": after.WhoSpeaks, "guests": after.Guests,
			"locked": after.Locked, "reactions": after.Reactions, "keep_words": after.KeepWords, "keep_days": after.KeepDays,
		}})
	}
	return entries
}

// dismissGuests makes the media server let every guest go.
func (s *Service) dismissGuests(ctx context.Context, room Room) {
	seats, err := s.Seats(ctx, *room.Run)
	if err != nil {
		return // the sweep compares every seat anyway
	}
	for _, seat := range seats {
		if seat.Role == Guest {
			s.media.Apply(ctx, seat.Run, seat.Identity)
		}
	}
}

// List lets an account into a room for invited people, or takes that back.
func (s *Service) List(ctx context.Context, actor, id, account uuid.UUID, listed bool) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := lockTx(ctx, tx, id, "share"); err != nil {
			return err
		}
		if err := allowedTx(ctx, tx, id, actor, List); err != nil {
			return err
		}
		if err := seatTx(ctx, tx, id, account); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update participants set listed = $3 where room_id = $1 and account_id = $2`, id, account, listed)
		if err != nil {
			return fmt.Errorf("list: %w", err)
		}
		return auditTx(ctx, tx, audited{room: id, actor: actor, subject: account, action: List})
	})
}
