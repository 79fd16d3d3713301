package ticketing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// How long after its announced start a room with paid tickets that has not
// started is a person's business, and how long after it is called off.
const (
	alarmedAfter   = time.Hour
	calledOffAfter = 24 * time.Hour
)

// Rooms calls off rooms that never started. Package rooms keeps them.
type Rooms interface {
	// CancelLateTx calls a room off, in the caller's transaction, if it should
	// have started so long ago, and neither started nor was moved or called off
	// until this moment. It says whether it did.
	CancelLateTx(ctx context.Context, tx pgx.Tx, room uuid.UUID, late time.Duration) (bool, error)
}

// CallOffIn lets the sweeper call off rooms that never started. It is called
// before anything is sold; without it, that is left to people.
func (s *Service) CallOffIn(rooms Rooms) { s.rooms = rooms }

// lookAfterUnstarted sees to rooms with paid tickets whose announced start is
// over and that did not start: a person is told first, and in the end everyone
// gets their money back. What cost nothing is left to its host.
func (s *Service) lookAfterUnstarted(ctx context.Context) error {
	return errors.Join(s.alarmUnstarted(ctx), s.closeStarted(ctx), s.callOffUnstarted(ctx))
}

// unstartedRoom is a room with tickets whose money is here.
type unstartedRoom struct {
	ID       uuid.UUID
	StartsAt time.Time
	Sold     int
}

// selectUnstarted reads the rooms with paid tickets that should have started $1
// ago.
const selectUnstarted = `
	select r.id, r.starts_at, (select count(*) from orders o where o.offer_id = f.id and o.state = 'paid' and o.price > 0) as sold
	from rooms r join offers f on f.room_id = r.id
	where r.started_at is null and r.cancelled_at is null and r.starts_at <= now() - $1::interval and f.cancelled_at is null
	  and exists (select from orders o where o.offer_id = f.id and o.state = 'paid' and o.price > 0)`

func (s *Service) unstarted(ctx context.Context, late time.Duration, more string) ([]unstartedRoom, error) {
	rows, _ := s.pool.Query(ctx, selectUnstarted+more, late)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[unstartedRoom])
	if err != nil {
		return nil, fmt.Errorf("find rooms that did not start: %w", err)
	}
	return all, nil
}

// unalarmed leaves out rooms of which a person was told since the announced
// start, and may have seen to it.
const unalarmed = ` and not exists (select from alarms a where a.kind = 'not-started' and a.subject = r.id::text and a.created_at > r.starts_at)`

func (s *Service) alarmUnstarted(ctx context.Context) error {
	all, err := s.unstarted(ctx, alarmedAfter, unalarmed)
	if err != nil {
		return err
	}
	var failed []error
	for _, r := range all {
		detail := fmt.Sprintf("%d tickets were sold for a room that was to start at %s; it is called off at %s",
			r.Sold, r.StartsAt.UTC().Format(time.RFC3339), r.StartsAt.Add(calledOffAfter).UTC().Format(time.RFC3339))
		failed = append(failed, postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
			return alarmTx(ctx, tx, AlarmUnstarted, r.ID.String(), nil, detail)
		}))
	}
	return errors.Join(failed...)
}

// closeStarted closes the alarms of rooms that started or were moved since. One
// of a room that was called off stays for a person to see.
func (s *Service) closeStarted(ctx context.Context) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		closed, err := ids(ctx, tx, `
			update alarms a set closed_at = now() from rooms r
			where a.closed_at is null and r.id = case a.kind when 'not-started' then a.subject::uuid end
			  and (r.started_at is not null or coalesce(r.starts_at > a.created_at, true))
			returning a.id`)
		if err != nil {
			return fmt.Errorf("close alarms of rooms that started: %w", err)
		}
		for _, id := range closed {
			if err := auditTx(ctx, tx, uuid.Nil, "close-alarm", id.String(), map[string]string{"note": "it started or was moved"}); err != nil {
				return err
			}
		}
		return nil
	})
}

// callOffUnstarted does what hosts do who call a room off.
func (s *Service) callOffUnstarted(ctx context.Context) error {
	if s.rooms == nil {
		return nil
	}
	all, err := s.unstarted(ctx, calledOffAfter, "")
	if err != nil {
		return err
	}
	var failed []error
	for _, r := range all {
		failed = append(failed, postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
			done, err := s.rooms.CancelLateTx(ctx, tx, r.ID, calledOffAfter)
			if err != nil || !done {
				return err
			}
			return s.CancelSaleTx(ctx, tx, uuid.Nil, r.ID)
		}))
	}
	return errors.Join(failed...)
}
