package rooms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Kind is what an entry of a room's log tells.
type Kind string

// The kinds. Everyone who may enter the room may read every entry.
const (
	KindStage     Kind = "stage"     // a role or a mute changed; body: what, role
	KindHands     Kind = "hands"     // the queue was opened or closed; body: open
	KindQuestion  Kind = "question"  // a written question the host shows; body: text
	KindPin       Kind = "pin"       // a link that stays on top; body: url, title; without a url it is taken down
	KindReactions Kind = "reactions" // how many of each in about a second; body: counts
	KindNotice    Kind = "notice"    // a line by the host; body: text
	KindCaption   Kind = "caption"   // a line of what was said; body: package captions' Line
	KindSystem    Kind = "system"    // the room itself; body: what, and what belongs to it
	KindWithdrawn Kind = "withdrawn" // the content of an earlier entry is gone; body: seq
)

// Who names a person in an entry.
type Who struct {
	ID     uuid.UUID `json:"id"`
	Handle string    `json:"handle"`
	Name   string    `json:"name"`
}

// LogEntry is one entry of a room's log. Seq counts from 1 without gaps; an
// entry keeps its number whatever happens to its content.
type LogEntry struct {
	Seq       int64           `json:"seq"`
	Kind      Kind            `json:"kind"`
	At        time.Time       `json:"at"`
	Actor     *Who            `json:"actor,omitempty"`
	Subject   *Who            `json:"subject,omitempty"`
	Withdrawn bool            `json:"withdrawn,omitempty"`
	Body      json.RawMessage `json:"body,omitempty"` // absent once withdrawn
}

// Head is where a room's log ends. Another epoch is another log: a reader who
// knows an older one starts anew.
type Head struct {
	Epoch string
	Seq   int64
}

// NewEntry is what Append adds.
type NewEntry struct {
	Kind    Kind
	Actor   uuid.UUID // uuid.Nil: nobody
	Subject uuid.UUID // uuid.Nil: nobody
	Body    any       // encoded as JSON
}

// MaxLogPage bounds how many entries are read at once.
const MaxLogPage = 500

// LogHead returns where the room's log ends, or ErrNotFound. The epoch is new
// for each run, and when the database is another than it was: restored from a
// dump into another database, on another cluster, or to a point in time. A copy
// of the files put back as they were cannot be told from a crash; clients that
// know more than the log then begin anew by its number.
func (s *Store) LogHead(ctx context.Context, room uuid.UUID) (h Head, err error) {
	err = s.pool.QueryRow(ctx, `
		select md5(concat_ws(' ', r.id, r.run, d.oid, c.timeline_id, i.system_identifier)), l.last_seq
		from rooms r join room_logs l on l.room_id = r.id, pg_control_checkpoint() c, pg_control_system() i, pg_database d
		where r.id = $1 and d.datname = current_database()`, room).Scan(&h.Epoch, &h.Seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return h, ErrNotFound
	}
	return h, err
}

// Log returns up to limit entries after a number, in order.
func (s *Store) Log(ctx context.Context, room uuid.UUID, after int64, limit int) ([]LogEntry, error) {
	return logOf(ctx, s.pool, room, after, limit)
}

func logOf(ctx context.Context, q querier, room uuid.UUID, after int64, limit int) ([]LogEntry, error) {
	rows, _ := q.Query(ctx, `
		select e.seq, e.kind, e.at, e.withdrawn_at is not null, c.body,
		       a.id, a.handle, a.display_name, s.id, s.handle, s.display_name
		from log_entries e
		left join log_contents c on c.room_id = e.room_id and c.seq = e.seq
		left join accounts a on a.id = e.actor_id
		left join accounts s on s.id = e.subject_id
		where e.room_id = $1 and e.seq > $2 order by e.seq limit $3`, room, after, min(limit, MaxLogPage))
	entries, err := pgx.CollectRows(rows, scanEntry)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	return entries, nil
}

func scanEntry(row pgx.CollectableRow) (e LogEntry, err error) {
	var actor, subject maybeWho
	err = row.Scan(&e.Seq, &e.Kind, &e.At, &e.Withdrawn, &e.Body,
		&actor.ID, &actor.Handle, &actor.Name, &subject.ID, &subject.Handle, &subject.Name)
	e.Actor, e.Subject = actor.who(), subject.who()
	return e, err
}

// maybeWho is a person that a left join may not have found.
type maybeWho struct {
	ID           *uuid.UUID
	Handle, Name *string
}

func (m maybeWho) who() *Who {
	if m.ID == nil {
		return nil
	}
	return &Who{*m.ID, *m.Handle, *m.Name}
}

// headTx locks the head of the room's log until the transaction ends. Stage
// changes lock it before they count who is on stage.
func headTx(ctx context.Context, tx pgx.Tx, room uuid.UUID) (last int64, err error) {
	err = tx.QueryRow(ctx, `select last_seq from room_logs where room_id = $1 for update`, room).Scan(&last)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, ErrNotFound
	}
	return last, err
}

// AppendTx adds entries to the room's log in the caller's transaction and
// returns the number of the first. The log's head stays locked until it ends,
// so it comes last.
func AppendTx(ctx context.Context, tx pgx.Tx, room uuid.UUID, entries ...NewEntry) (first int64, err error) {
	last, err := headTx(ctx, tx, room)
	if err != nil {
		return 0, err
	}
	batch := &pgx.Batch{}
	for i, e := range entries {
		seq := last + 1 + int64(i)
		batch.Queue(`insert into log_entries (room_id, seq, kind, actor_id, subject_id, at)
			values ($1, $2, $3, nullif($4::uuid, $6), nullif($5::uuid, $6), clock_timestamp())`, room, seq, e.Kind, e.Actor, e.Subject, uuid.Nil)
		if e.Body == nil {
			continue
		}
		body, err := json.Marshal(e.Body)
		if err != nil {
			return 0, fmt.Errorf("encode entry: %w", err)
		}
		batch.Queue(`insert into log_contents (room_id, seq, body) values ($1, $2, $3)`, room, seq, body)
	}
	batch.Queue(`update room_logs set last_seq = $2 where room_id = $1`, room, last+int64(len(entries)))
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return 0, fmt.Errorf("append to log: %w", err)
	}
	return last + 1, nil
}
