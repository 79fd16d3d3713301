package rooms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// The captioner's chair is one seat a room: who sits there writes the captions
// instead of the machine, until they get up, another takes over, or they are
// gone.

// seated finds who sits in the chair of room r and is still there.
const seated = `
	select c.account_id from participants c join accounts a on a.id = c.account_id
	where c.room_id = r.id and c.account_id = r.chair_id and (c.captioner or c.role = 'host')
	  and c.banned_at is null and coalesce(c.removed_until < now(), true) and a.suspended_at is null
	  and c.seen_at > now() - interval '45 seconds'`

// NameCaptioner lets a person write captions in a room and correct them, before
// or while it is live, or takes that back.
func (s *Service) NameCaptioner(ctx context.Context, actor, id, account uuid.UUID, named bool) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := lockTx(ctx, tx, id, "share"); err != nil {
			return err
		}
		if err := allowedTx(ctx, tx, id, actor, NameCaptioner); err != nil {
			return err
		}
		if err := seatTx(ctx, tx, id, account); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update participants set captioner = $3 where room_id = $1 and account_id = $2`, id, account, named)
		if err != nil {
			return fmt.Errorf("name captioner: %w", err)
		}
		return auditTx(ctx, tx, audited{room: id, actor: actor, subject: account, action: NameCaptioner})
	})
}

// Captioners lists whom the host named, for those who may name them.
func (s *Service) Captioners(ctx context.Context, actor, id uuid.UUID) (all []Who, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := allowedTx(ctx, tx, id, actor, NameCaptioner); err != nil {
			return err
		}
		rows, _ := tx.Query(ctx, `
			select a.id, a.handle, a.display_name as name from participants p join accounts a on a.id = p.account_id
			where p.room_id = $1 and p.captioner order by a.handle`, id)
		all, err = pgx.CollectRows(rows, pgx.RowToStructByName[Who])
		return err
	})
	return all, err
}

// InChair is who writes the captions of a room now; nil when the machine does.
func (s *Store) InChair(ctx context.Context, room uuid.UUID) (*Who, error) {
	rows, _ := s.pool.Query(ctx, `
		select b.id, b.handle, b.display_name as name from rooms r join accounts b on b.id = r.chair_id
		where r.id = $1 and r.ended_at is null and exists (`+seated+`)`, room)
	all, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[Who])
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// TakeChair begins to write the captions, in place of the machine or of
// another. Taking it twice is once.
func (s *Service) TakeChair(ctx context.Context, actor, id uuid.UUID) error {
	return s.chair(ctx, id, actor, func(sits uuid.NullUUID) (uuid.NullUUID, string) {
		if sits.Valid && sits.UUID == actor {
			return sits, ""
		}
		return uuid.NullUUID{UUID: actor, Valid: true}, "captioner"
	})
}

// LeaveChair gives the captions back to the machine. Who does not sit there
// changes nothing.
func (s *Service) LeaveChair(ctx context.Context, actor, id uuid.UUID) error {
	return s.chair(ctx, id, actor, func(sits uuid.NullUUID) (uuid.NullUUID, string) {
		if sits.UUID != actor {
			return sits, ""
		}
		return uuid.NullUUID{}, "captioner-left"
	})
}

// chair lets change say who sits there next and what the room is told; nothing
// changes when that is "".
func (s *Service) chair(ctx context.Context, id, actor uuid.UUID, change func(sits uuid.NullUUID) (uuid.NullUUID, string)) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := actingTx(ctx, tx, id, "update"); err != nil {
			return err
		}
		if err := allowedTx(ctx, tx, id, actor, Caption); err != nil {
			return err
		}
		var sits uuid.NullUUID
		if err := tx.QueryRow(ctx, `select chair_id from rooms where id = $1`, id).Scan(&sits); err != nil {
			return fmt.Errorf("read chair: %w", err)
		}
		next, what := change(sits)
		if what == "" {
			return nil
		}
		_, err := tx.Exec(ctx, `update rooms set chair_id = $2, chair_since = now() where id = $1`, id, next)
		if err != nil {
			return fmt.Errorf("take chair: %w", err)
		}
		_, err = AppendTx(ctx, tx, id, NewEntry{Kind: KindSystem, Subject: actor, Body: map[string]any{"what": what}})
		return err
	})
}

// MayCaption refuses whom the table does not let write captions, and who does
// not sit in the chair.
func (s *Service) MayCaption(ctx context.Context, actor, id uuid.UUID) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return inChairTx(ctx, tx, id, actor) })
}

func inChairTx(ctx context.Context, tx pgx.Tx, id, actor uuid.UUID) error {
	if err := allowedTx(ctx, tx, id, actor, Caption); err != nil {
		return err
	}
	var sits bool
	err := tx.QueryRow(ctx, `select coalesce(chair_id = $2, false) from rooms where id = $1`, id, actor).Scan(&sits)
	if err != nil {
		return fmt.Errorf("read chair: %w", err)
	}
	return when(!sits, ErrNotInChair)
}

// WriteCaption keeps a line that who sits in the chair wrote of what the
// speaker said. Whoever is on stage can have said something. A line of a
// segment that is there already was sent twice, and is kept once.
func (s *Service) WriteCaption(ctx context.Context, actor, id, speaker uuid.UUID, segment string, line any) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := actingTx(ctx, tx, id, "share"); err != nil {
			return err
		}
		if err := inChairTx(ctx, tx, id, actor); err != nil {
			return err
		}
		who, err := personBy(ctx, tx, id, speaker, "")
		if err != nil && !errors.Is(err, ErrNotThere) {
			return err
		}
		if err != nil || !who.Role.OnStage() {
			return ErrNotSpeaking
		}
		if _, err := headTx(ctx, tx, id); err != nil {
			return err
		}
		var there bool
		err = tx.QueryRow(ctx, `select exists (select from log_contents where room_id = $1 and body ? 'segment' and body->>'segment' = $2)`, id, segment).Scan(&there)
		if err != nil || there {
			return err
		}
		_, err = AppendTx(ctx, tx, id, NewEntry{Kind: KindCaption, Actor: actor, Subject: speaker, Body: line})
		return err
	})
}

// CorrectCaption keeps a new revision of a line; revise makes it of the body of
// the newest. The one before stays in the log, and readers see that there was
// another.
func (s *Service) CorrectCaption(ctx context.Context, actor, id uuid.UUID, seq int64, revise func(before json.RawMessage) (after any, err error)) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := actingTx(ctx, tx, id, "share"); err != nil {
			return err
		}
		if err := allowedTx(ctx, tx, id, actor, Caption); err != nil {
			return err
		}
		if _, err := headTx(ctx, tx, id); err != nil { // one correction at a time
			return err
		}
		before, speaker, err := newestTx(ctx, tx, id, seq)
		if err != nil {
			return err
		}
		after, err := revise(before)
		if err != nil {
			return err
		}
		_, err = AppendTx(ctx, tx, id, NewEntry{Kind: KindCaption, Actor: actor, Subject: speaker, Body: after})
		return err
	})
}

// newestTx reads the newest revision of the line that an entry is about.
func newestTx(ctx context.Context, tx pgx.Tx, room uuid.UUID, seq int64) (body json.RawMessage, speaker uuid.UUID, err error) {
	var kind Kind
	var gone bool
	err = tx.QueryRow(ctx, `select kind, withdrawn_at is not null from log_entries where room_id = $1 and seq = $2`, room, seq).Scan(&kind, &gone)
	switch {
	case errors.Is(err, pgx.ErrNoRows) || err == nil && gone:
		return nil, uuid.Nil, ErrNoEntry
	case err != nil:
		return nil, uuid.Nil, fmt.Errorf("read line: %w", err)
	case kind != KindCaption:
		return nil, uuid.Nil, ErrNoCorrection
	}
	var by uuid.NullUUID
	err = tx.QueryRow(ctx, `
		select c.body, e.subject_id from log_contents old
		join log_contents c on c.room_id = old.room_id and c.body->>'segment' = old.body->>'segment' and c.body ? 'segment'
		join log_entries e on e.room_id = c.room_id and e.seq = c.seq
		where old.room_id = $1 and old.seq = $2 order by c.seq desc limit 1`, room, seq).Scan(&body, &by)
	return body, by.UUID, err
}
