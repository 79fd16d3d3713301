package rooms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// Bounds of lines, in characters.
const (
	maxNotice   = 280
	maxPinURL   = 500
	maxPinTitle = 120
)

// PinBody is the body of a pin entry; without URL the pin is taken down.
type PinBody struct {
	URL   string `json:"url,omitempty"`
	Title string `json:"title,omitempty"`
}

// Notice writes a line into the room's log for everyone.
func (s *Service) Notice(ctx context.Context, actor, id uuid.UUID, text string) error {
	if !plainText(text, maxNotice) {
		return fault.BadField("text")
	}
	return s.line(ctx, actor, id, Notice, NewEntry{Kind: KindNotice, Actor: actor, Body: map[string]any{"text": text}})
}

// Pin puts a link on top of the room, in place of the one before; an empty
// address takes it down.
func (s *Service) Pin(ctx context.Context, actor, id uuid.UUID, pin PinBody) error {
	if pin.URL == "" {
		return s.line(ctx, actor, id, Pin, NewEntry{Kind: KindPin, Actor: actor, Body: PinBody{}})
	}
	at, err := url.Parse(pin.URL)
	if err != nil || (at.Scheme != "https" && at.Scheme != "http") || at.Host == "" || !plainText(pin.URL, maxPinURL) {
		return fault.BadField("url")
	}
	if pin.Title == "" {
		pin.Title = at.Host
	}
	if !plainText(pin.Title, maxPinTitle) {
		return fault.BadField("title")
	}
	return s.line(ctx, actor, id, Pin, NewEntry{Kind: KindPin, Actor: actor, Body: pin})
}

// line appends an entry for whom the table lets.
func (s *Service) line(ctx context.Context, actor, id uuid.UUID, action Action, entry NewEntry) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := actingTx(ctx, tx, id, "share"); err != nil {
			return err
		}
		if err := allowedTx(ctx, tx, id, actor, action); err != nil {
			return err
		}
		_, err := AppendTx(ctx, tx, id, entry)
		return err
	})
}

// Pinned is the link that is on top of the room, with the number of its entry;
// zero when there is none.
func (s *Store) Pinned(ctx context.Context, room uuid.UUID) (pin PinBody, seq int64, err error) {
	var body json.RawMessage
	err = s.pool.QueryRow(ctx, `
		select e.seq, c.body from log_entries e left join log_contents c on c.room_id = e.room_id and c.seq = e.seq
		where e.room_id = $1 and e.kind = 'pin' order by e.seq desc limit 1`, room).Scan(&seq, &body)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && body == nil {
		return PinBody{}, 0, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &pin)
	}
	return pin, seq, err
}

// writtenKinds are the kinds of entry somebody wrote or said, which can be
// withdrawn.
var writtenKinds = []Kind{KindQuestion, KindPin, KindNotice, KindCaption}

// Withdraw removes the content of an entry for good: who wrote or said it may,
// and whom the table lets. The number stays, and a later entry tells readers to forget.
func (s *Service) Withdraw(ctx context.Context, actor, id uuid.UUID, seq int64, reason string) error {
	if reason != "" && !plainText(reason, maxReason) {
		return fault.BadField("reason")
	}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := lockTx(ctx, tx, id, "share"); err != nil {
			return err
		}
		if _, err := headTx(ctx, tx, id); err != nil {
			return err
		}
		about, own, gone, err := withdrawableTx(ctx, tx, id, seq, actor)
		if err != nil || gone {
			return err
		}
		if !own {
			if err := allowedTx(ctx, tx, id, actor, Withdraw); err != nil {
				return err
			}
			if err := auditTx(ctx, tx, audited{room: id, actor: actor, subject: about, action: Withdraw, reason: reason}); err != nil {
				return err
			}
		}
		return withdrawTx(ctx, tx, id, seq, actor)
	})
}

// withdrawableTx reads whom an entry is about, whether its words are the
// actor's own, written or said, and whether it is withdrawn already.
func withdrawableTx(ctx context.Context, tx pgx.Tx, room uuid.UUID, seq int64, actor uuid.UUID) (about uuid.UUID, own, gone bool, err error) {
	var kind Kind
	var who uuid.NullUUID
	err = tx.QueryRow(ctx, `
		select kind, coalesce(subject_id, actor_id), coalesce($3 in (actor_id, subject_id), false), withdrawn_at is not null
		from log_entries where room_id = $1 and seq = $2`, room, seq, actor).Scan(&kind, &who, &own, &gone)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, false, false, ErrNoEntry
	}
	if err == nil && !slices.Contains(writtenKinds, kind) {
		return uuid.Nil, false, false, ErrNotAllowed
	}
	return who.UUID, own, gone, err
}

// withdrawTx withdraws an entry, and of a caption every revision.
func withdrawTx(ctx context.Context, tx pgx.Tx, room uuid.UUID, seq int64, actor uuid.UUID) error {
	rows, _ := tx.Query(ctx, `
		with over as (
			select $2::bigint as seq union
			select c.seq from log_contents old
			join log_contents c on c.room_id = old.room_id and c.body->>'segment' = old.body->>'segment' and c.body ? 'segment'
			where old.room_id = $1 and old.seq = $2
		), gone as (
			delete from log_contents c using over o where c.room_id = $1 and c.seq = o.seq
		)
		update log_entries e set withdrawn_at = now() from over o where e.room_id = $1 and e.seq = o.seq returning e.seq`, room, seq)
	seqs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	slices.Sort(seqs)
	entries := make([]NewEntry, 0, len(seqs))
	for _, one := range seqs {
		entries = append(entries, NewEntry{Kind: KindWithdrawn, Actor: actor, Body: map[string]any{"seq": one}})
	}
	_, err = AppendTx(ctx, tx, room, entries...)
	return err
}
