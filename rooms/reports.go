package rooms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// Causes are why somebody can be reported.
var Causes = []string{"harassment", "hate", "spam", "danger", "other"}

// maxNote bounds what a reporter writes, in characters.
const maxNote = 1000

// Complaint is a report of one person by another.
type Complaint struct {
	ID        uuid.UUID
	RoomID    uuid.UUID
	Title     string // the room's
	Reporter  *Who   // nil when the account is gone
	Subject   *Who
	Cause     string
	Note      string
	Evidence  json.RawMessage // the log of the minute before
	CreatedAt time.Time
	Outcome   string // acted or dismissed; "" while open
	ClosedAt  *time.Time
}

// ReportPerson reports somebody in a room and keeps the last minute of its log
// as it is now. Whoever came in may report; about a host of the room only this
// server's admins are told. Reporting the same person again while the first
// report is open changes nothing.
func (s *Service) ReportPerson(ctx context.Context, reporter, room, subject uuid.UUID, cause, note string) error {
	switch {
	case !slices.Contains(Causes, cause):
		return fault.BadField("cause")
	case note != "" && !plainText(note, maxNote):
		return fault.BadField("note")
	}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := personBy(ctx, tx, room, subject, ""); err != nil {
			return err
		}
		from, err := personBy(ctx, tx, room, reporter, "")
		if err == nil && (from.JoinedAt == nil || !May(from.Role, FileReport)) {
			err = ErrNotThere
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			insert into reports (id, room_id, reporter_id, subject_id, cause, note, evidence)
			select $1, $2, $3, $4, $5, nullif($6, ''), coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object('body', c.body) order by e.seq), '[]')
			from log_entries e left join log_contents c on c.room_id = e.room_id and c.seq = e.seq
			where e.room_id = $2 and e.at > now() - interval '60 seconds'
			on conflict do nothing`,
			uuid.Must(uuid.NewV7()), room, reporter, subject, cause, note)
		if err != nil {
			return fmt.Errorf("file report: %w", err)
		}
		return nil
	})
}

// mayWork is the rows of reports that an account may work through: all for an
// admin, and for a host those of their rooms about others than themselves.
const mayWork = `
	(exists (select from accounts w where w.id = $1 and w.admin and w.suspended_at is null)
	 or coalesce(p.subject_id <> $1, true)
	    and not exists (select from rooms o where o.id = p.room_id and o.host_id = p.subject_id) and exists (
	      select from participants h where h.room_id = p.room_id and h.account_id = $1 and h.role = 'host')
	    and not exists (select from participants t where t.room_id = p.room_id and t.account_id = p.subject_id and t.role = 'host'))`

// Inbox lists the reports an account may work through: open ones first, the
// oldest of them on top.
func (s *Service) Inbox(ctx context.Context, account uuid.UUID) ([]Complaint, error) {
	rows, _ := s.pool.Query(ctx, `
		select p.id, p.room_id, r.title, p.cause, coalesce(p.note, ''), p.evidence, p.created_at, coalesce(p.outcome, ''), p.closed_at,
		       a.id, a.handle, a.display_name, s.id, s.handle, s.display_name
		from reports p join rooms r on r.id = p.room_id
		left join accounts a on a.id = p.reporter_id left join accounts s on s.id = p.subject_id
		where `+mayWork+`
		order by p.closed_at is not null, case when p.closed_at is null then p.created_at end, p.created_at desc limit $2`, account, listed)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Complaint, err error) {
		var reporter, subject maybeWho
		err = row.Scan(&c.ID, &c.RoomID, &c.Title, &c.Cause, &c.Note, &c.Evidence, &c.CreatedAt, &c.Outcome, &c.ClosedAt,
			&reporter.ID, &reporter.Handle, &reporter.Name, &subject.ID, &subject.Handle, &subject.Name)
		c.Reporter, c.Subject = reporter.who(), subject.who()
		return c, err
	})
}

// CloseReport ends a report, as acted on or dismissed.
func (s *Service) CloseReport(ctx context.Context, account, id uuid.UUID, outcome string) error {
	if outcome != "acted" && outcome != "dismissed" {
		return fault.BadField("outcome")
	}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var room uuid.UUID
		var subject uuid.NullUUID
		var closed bool
		err := tx.QueryRow(ctx, `select p.room_id, p.subject_id, p.closed_at is not null from reports p where p.id = $2 and `+mayWork+` for update`,
			account, id).Scan(&room, &subject, &closed)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return ErrNoReport
		case err != nil:
			return fmt.Errorf("read report: %w", err)
		case closed:
			return ErrReportClosed
		}
		if _, err := tx.Exec(ctx, `update reports set outcome = $2, closed_by = $3, closed_at = now() where id = $1`, id, outcome, account); err != nil {
			return fmt.Errorf("close report: %w", err)
		}
		// Not on the subject's account: they are not told that they were reported.
		return auditTx(ctx, tx, audited{room: room, actor: account, action: WorkReports, reason: outcome})
	})
}
