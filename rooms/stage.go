package rooms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// Bounds of what is written in a room, in characters.
const (
	maxQuestion = 280
	maxReason   = 500
)

// Deed is one action: who does what to whom in which room. Target is the
// actor for what people do to themselves.
type Deed struct {
	Room, Actor, Target uuid.UUID
	Action              Action
	Question            string // of a raised hand; "" for none
	Reason              string // told to the target and kept in the audit; "" for none
}

// check refuses texts that cannot be kept.
func (d Deed) check() error {
	if d.Question != "" && !plainText(d.Question, maxQuestion) {
		return fault.BadField("question")
	}
	if d.Reason != "" && !plainText(d.Reason, maxReason) {
		return fault.BadField("reason")
	}
	return nil
}

// Act does one action to a person in a live room. It refuses with
// ErrNotAllowed and what the rule book says; it returns once the media server
// was told.
func (s *Service) Act(ctx context.Context, d Deed) error {
	if err := d.check(); err != nil {
		return err
	}
	var room Room
	var before, after Person
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if room, err = actingTx(ctx, tx, d.Room, "share"); err != nil {
			return err
		}
		if _, err = headTx(ctx, tx, d.Room); err != nil { // from here on nobody else changes the stage
			return err
		}
		if err = s.mayActTx(ctx, tx, room, d); err != nil {
			return err
		}
		if before, err = targetTx(ctx, tx, d); err != nil {
			return err
		}
		g, err := groundTx(ctx, tx, room, d)
		if err != nil {
			return err
		}
		if after, err = act(d.Action, before, g); err != nil {
			return err
		}
		if err = savePersonTx(ctx, tx, d.Room, after); err != nil {
			return err
		}
		return recordTx(ctx, tx, d, before, after)
	})
	if err != nil {
		return err
	}
	if seatOf(room, before) != seatOf(room, after) {
		s.media.Apply(ctx, *room.Run, after.Identity)
	}
	return nil
}

// actingTx locks a room that must be live.
func actingTx(ctx context.Context, tx pgx.Tx, id uuid.UUID, mode string) (Room, error) {
	room, err := lockTx(ctx, tx, id, mode)
	if err == nil {
		err = room.open()
	}
	return room, err
}

// mayActTx asks the table, with the actor's roles as they are now: powers are
// rows, never remembered. What people do to themselves takes having come in.
func (s *Service) mayActTx(ctx context.Context, tx pgx.Tx, room Room, d Deed) error {
	if powerOf(d.Action).On == OnSelf {
		if d.Actor != d.Target {
			return ErrNotAllowed
		}
		v, err := s.visitTx(ctx, tx, room, d.Actor)
		if err == nil {
			err = v.stay()
		}
		switch {
		case err != nil:
			return err
		case v.person.JoinedAt == nil:
			return ErrNotThere
		case !May(v.person.Role, d.Action):
			return ErrNotAllowed
		}
		return nil
	}
	roles, err := rolesTx(ctx, tx, d.Room, d.Actor)
	if err != nil {
		return err
	}
	able := slices.DeleteFunc(roles, func(r Role) bool { return !May(r, d.Action) })
	if len(able) == 0 {
		return ErrNotAllowed
	}
	return outranksTx(ctx, tx, d, able)
}

// rolesTx is what an account is in a room now: the role of its row while it
// may stay, and an admin of the server.
func rolesTx(ctx context.Context, tx pgx.Tx, room, account uuid.UUID) (roles []Role, err error) {
	var admin, suspended bool
	err = tx.QueryRow(ctx, `select admin, suspended_at is not null from accounts where id = $1`, account).Scan(&admin, &suspended)
	if errors.Is(err, pgx.ErrNoRows) || suspended {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read actor: %w", err)
	}
	if admin {
		roles = append(roles, Admin)
	}
	p, err := personBy(ctx, tx, room, account, "")
	if errors.Is(err, ErrNotThere) {
		return roles, nil
	}
	if err != nil || p.BannedAt != nil || p.Removed {
		return roles, err
	}
	blocked, err := blockedTx(ctx, tx, room, account)
	if !blocked {
		roles = append(roles, p.Role)
	}
	if !blocked && p.Captioner && p.JoinedAt != nil {
		roles = append(roles, Captioner)
	}
	return roles, err
}

// blockedTx says whether the room's host blocks the account.
func blockedTx(ctx context.Context, tx pgx.Tx, room, account uuid.UUID) (blocked bool, err error) {
	err = tx.QueryRow(ctx, `
		select exists (select from blocks b join participants h on h.account_id = b.blocker_id
		               where h.room_id = $1 and h.role = 'host' and b.blocked_id = $2)`, room, account).Scan(&blocked)
	return blocked, err
}

// outranksTx refuses a power over somebody who is not below.
func outranksTx(ctx context.Context, tx pgx.Tx, d Deed, able []Role) error {
	target, err := personBy(ctx, tx, d.Room, d.Target, "")
	if errors.Is(err, ErrNotThere) {
		return nil // nobody is below them
	}
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(able, func(r Role) bool { return r.rank() > target.Role.rank() }) {
		return ErrNotAllowed
	}
	return nil
}

// targetTx reads and locks the target's row. Who was never in the room can
// still be made a co-host or kept out.
func targetTx(ctx context.Context, tx pgx.Tx, d Deed) (Person, error) {
	if d.Action == Ban || d.Action == MakeCohost {
		if err := seatTx(ctx, tx, d.Room, d.Target); err != nil {
			return Person{}, err
		}
	}
	return personTx(ctx, tx, d.Room, d.Target)
}

// seatTx makes sure there is a row for the account, without having joined.
func seatTx(ctx context.Context, tx pgx.Tx, room, account uuid.UUID) error {
	_, err := tx.Exec(ctx, `
		insert into participants (room_id, account_id, identity, role) values ($1, $2, $3, 'listener')
		on conflict do nothing`, room, account, randomName())
	if postgres.Constraint(err) == "participants_account_id_fkey" {
		return ErrNoAccount
	}
	return err
}

func groundTx(ctx context.Context, tx pgx.Tx, room Room, d Deed) (g ground, err error) {
	g.rules = room.Rules
	if d.Question != "" {
		g.question = &d.Question
	}
	err = tx.QueryRow(ctx, `
		select now(), count(*) filter (where role = 'speaker'), count(*) filter (where role = 'cohost'),
		       exists (select from follows f join participants h on h.account_id = f.follower_id
		               where h.room_id = $1 and h.role = 'host' and f.followee_id = $2)
		from participants where room_id = $1 and role in ('speaker', 'cohost')`, room.ID, d.Target).
		Scan(&g.now, &g.speakers, &g.cohosts, &g.followed)
	if err != nil {
		return g, fmt.Errorf("read stage: %w", err)
	}
	return g, nil
}

func savePersonTx(ctx context.Context, tx pgx.Tx, room uuid.UUID, p Person) error {
	_, err := tx.Exec(ctx, `
		update participants set role = $3, muted = $4, hard_muted = $5, hand_raised_at = $6, hand_question = $7,
		       invited_at = $8, banned_at = $9, removed_until = $10, listed = $11
		where room_id = $1 and account_id = $2`,
		room, p.AccountID, p.Role, p.Muted, p.HardMuted, p.HandRaisedAt, p.HandQuestion,
		p.InvitedAt, p.BannedAt, p.RemovedUntil, p.Listed)
	if err != nil {
		return fmt.Errorf("save person: %w", err)
	}
	return nil
}

// recordTx writes down what an action changed: in the log what everyone may
// see of the stage, in the audit that a power was used.
func recordTx(ctx context.Context, tx pgx.Tx, d Deed, before, after Person) error {
	if powerOf(d.Action).On == OnPerson && d.Actor != d.Target {
		if err := auditTx(ctx, tx, audited{room: d.Room, actor: d.Actor, subject: d.Target, action: d.Action, reason: d.Reason}); err != nil {
			return err
		}
	}
	if err := exclusionsTx(ctx, tx, d, after); err != nil {
		return err
	}
	entries := stageEntries(before, after)
	if d.Action == ShowQuestion {
		entries = append(entries, NewEntry{Kind: KindQuestion, Actor: d.Target, Subject: d.Target, Body: map[string]any{"text": *before.HandQuestion}})
	}
	if len(entries) == 0 {
		return nil
	}
	_, err := AppendTx(ctx, tx, d.Room, entries...)
	return err
}

// exclusionsTx follows a ban or a removal with what it means for guests.
func exclusionsTx(ctx context.Context, tx pgx.Tx, d Deed, after Person) error {
	switch d.Action {
	case Ban, Remove:
		return excludeTx(ctx, tx, d.Room, d.Target, map[bool]*time.Time{true: after.RemovedUntil}[d.Action == Remove])
	case Unban:
		_, err := tx.Exec(ctx, `delete from exclusions where room_id = $1 and account_id = $2`, d.Room, d.Target)
		return err
	}
	return nil
}

// StageChange is the body of a stage entry: what the subject is now.
type StageChange struct {
	Role      Role `json:"role"`
	Was       Role `json:"was,omitempty"` // when it changed
	Muted     bool `json:"muted"`
	HardMuted bool `json:"hard_muted"`
}

// stageEntries tell what became of somebody on stage. Removals and bans of
// listeners are nobody else's business.
func stageEntries(before, after Person) []NewEntry {
	roleChanged := before.Role != after.Role
	muteChanged := after.Role.OnStage() && (before.Muted != after.Muted || before.HardMuted != after.HardMuted)
	if !roleChanged && !muteChanged {
		return nil
	}
	change := StageChange{Role: after.Role, Muted: after.Muted, HardMuted: after.HardMuted}
	if roleChanged {
		change.Was = before.Role
	}
	return []NewEntry{{Kind: KindStage, Subject: after.AccountID, Body: change}}
}
