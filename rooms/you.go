package rooms

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// You is what only one person sees of a room.
type You struct {
	Person *Person  // nil for an admin who is not there
	May    []Action // by the table, as the person is now
	Place  int      // in the queue, from 1; 0 without a hand
	Queue  []Person // raised hands by time, for those who may read it
}

// You reads a room for one account.
func (s *Store) You(ctx context.Context, room, account uuid.UUID) (y You, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		roles, err := rolesTx(ctx, tx, room, account)
		if err != nil {
			return err
		}
		y.May = MayOf(roles...)
		p, err := personBy(ctx, tx, room, account, "")
		if err != nil && !errors.Is(err, ErrNotThere) {
			return err
		}
		if err == nil {
			y.Person = &p
		}
		if y.Person != nil && p.HandRaisedAt != nil {
			err := tx.QueryRow(ctx, `select count(*) from participants where room_id = $1 and (hand_raised_at, account_id) <= ($2, $3)`,
				room, p.HandRaisedAt, account).Scan(&y.Place)
			if err != nil {
				return err
			}
		}
		for _, role := range roles {
			if May(role, ReadQueue) {
				y.Queue, err = queueOf(ctx, tx, room)
				return err
			}
		}
		return nil
	})
	return y, err
}

// queueOf lists raised hands by time.
func queueOf(ctx context.Context, q querier, room uuid.UUID) ([]Person, error) {
	rows, _ := q.Query(ctx, selectPerson+`
		where p.room_id = $1 and p.hand_raised_at is not null order by p.hand_raised_at, p.account_id limit $2`, room, listedPeople)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Person])
}

// Stage lists who is on stage: host, co-hosts, speakers in the order they came
// into the room.
func (s *Store) Stage(ctx context.Context, room uuid.UUID) ([]Person, error) {
	rows, _ := s.pool.Query(ctx, selectPerson+`
		where p.room_id = $1 and p.role <> 'listener'
		order by array_position(array['host', 'cohost', 'speaker'], p.role), p.joined_at, p.account_id`, room)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Person])
}
