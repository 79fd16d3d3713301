package rooms

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// audited is one use of a power.
type audited struct {
	room, actor, subject, guest uuid.UUID // uuid.Nil: none
	action                      Action
	reason                      string
}

func auditTx(ctx context.Context, tx pgx.Tx, a audited) error {
	_, err := tx.Exec(ctx, `
		insert into audit (id, room_id, actor_id, subject_id, guest_id, action, reason)
		values ($1, nullif($2::uuid, $8), nullif($3::uuid, $8), nullif($4::uuid, $8), nullif($5::uuid, $8), $6, nullif($7, ''))`,
		uuid.Must(uuid.NewV7()), a.room, a.actor, a.subject, a.guest, a.action, a.reason, uuid.Nil)
	if err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	return nil
}

// AuditEntry is one use of a power, as it can be read afterwards.
type AuditEntry struct {
	ID      uuid.UUID
	RoomID  *uuid.UUID // nil for what concerned the whole server
	Title   string     // the room's; "" without
	Actor   *Who       // nil when the account is gone, or the server did it
	Subject *Who       // nil for what was done to the room, or to a guest
	Action  Action
	Reason  string
	At      time.Time
}

const selectAudit = `
	select u.id, u.room_id, coalesce(r.title, ''), u.action, coalesce(u.reason, ''), u.at,
	       a.id, a.handle, a.display_name, s.id, s.handle, s.display_name
	from audit u left join rooms r on r.id = u.room_id
	left join accounts a on a.id = u.actor_id left join accounts s on s.id = u.subject_id`

// Audit lists the newest uses of powers in a room, for whom the table lets
// read them.
func (s *Service) Audit(ctx context.Context, room, reader uuid.UUID) ([]AuditEntry, error) {
	if err := s.allowed(ctx, room, reader, ReadAudit); err != nil {
		return nil, err
	}
	// What became of reports is not told here: one may be about who reads this.
	return s.auditBy(ctx, ` where u.room_id = $1 and u.action <> '`+string(WorkReports)+`'`, room)
}

// AuditOf lists what was done to an account, newest first.
func (s *Service) AuditOf(ctx context.Context, account uuid.UUID) ([]AuditEntry, error) {
	return s.auditBy(ctx, ` where u.subject_id = $1`, account)
}

func (s *Service) auditBy(ctx context.Context, where string, id uuid.UUID) ([]AuditEntry, error) {
	rows, _ := s.pool.Query(ctx, selectAudit+where+` order by u.at desc, u.id desc limit $2`, id, listed)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (e AuditEntry, err error) {
		var actor, subject maybeWho
		err = row.Scan(&e.ID, &e.RoomID, &e.Title, &e.Action, &e.Reason, &e.At,
			&actor.ID, &actor.Handle, &actor.Name, &subject.ID, &subject.Handle, &subject.Name)
		e.Actor, e.Subject = actor.who(), subject.who()
		return e, err
	})
}

// allowed asks the table about an account in a room, as it is now.
func (s *Service) allowed(ctx context.Context, room, account uuid.UUID, action Action) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := roomBy(ctx, tx, selectRoom+` where r.id = $1`, room); err != nil {
			return err
		}
		return allowedTx(ctx, tx, room, account, action)
	})
}

func allowedTx(ctx context.Context, tx pgx.Tx, room, account uuid.UUID, action Action) error {
	roles, err := rolesTx(ctx, tx, room, account)
	if err != nil {
		return err
	}
	for _, role := range roles {
		if May(role, action) {
			return nil
		}
	}
	return ErrNotAllowed
}
