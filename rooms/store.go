package rooms

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store reads rooms and seats. It is what the media side needs of this
// package, apart from the Service so that neither waits for the other.
type Store struct {
	pool *pgxpool.Pool
	door Doorkeeper // nil: no room has tickets
}

// NewStore returns the store on pool.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

const selectRoom = `
	select r.id, r.host_id, a.display_name as host_name, a.handle, r.title, r.topics, r.language,
	       r.run, r.revision, r.created_at, r.starts_at, r.started_at, r.ended_at, r.cancelled_at,
	       r.entry, r.who_speaks, r.guests, r.locked, r.hands_open, r.reactions, r.capacity, r.max_speakers, r.max_cohosts,
	       r.keep_words, r.keep_days,
	       r.heir_id, r.host_away_at
	from rooms r join accounts a on a.id = r.host_id`

// PresentFor is how long after the last sign of somebody they count as there.
const PresentFor = 45 * time.Second

const selectPerson = `
	select p.account_id, a.handle, a.display_name, p.identity, p.role, p.muted, p.hard_muted, p.bot,
	       a.suspended_at is not null as suspended,
	       p.hand_raised_at, p.hand_question, p.invited_at, p.banned_at,
	       p.removed_until, coalesce(p.removed_until > now(), false) as removed, p.listed, p.captioner, p.staged, p.joined_at,
	       p.seen_at, coalesce(p.seen_at > now() - interval '45 seconds', false) as present
	from participants p join accounts a on a.id = p.account_id`

// selectSeat reads every seat: those of accounts, then those of guests.
const selectSeat = `
	select run, identity, role, muted, bot, suspended, banned, live, room_id, account_id, needs_none from (
		select r.id as room_id, p.account_id, p.role <> 'listener' or p.invited_at is not null or p.captioner or p.staged as needs_none,
		       r.run, p.identity, p.role, p.muted, p.bot, a.suspended_at is not null as suspended,
		       p.banned_at is not null or coalesce(p.removed_until > now(), false)
		         or exists (select from blocks b join participants h on h.account_id = b.blocker_id
		                    where h.room_id = r.id and h.role = 'host' and b.blocked_id = p.account_id) as banned,
		       r.ended_at is null as live
		from participants p join rooms r on r.id = p.room_id join accounts a on a.id = p.account_id
		union all
		select r.id, null, false, r.run, g.identity, 'guest', false, false, false, g.removed_at is not null or not r.guests, r.ended_at is null
		from guests g join rooms r on r.id = g.room_id
	) seat`

// listed bounds a list that anyone may ask for.
const listed = 100

// Room returns one room, or ErrNotFound.
func (s *Store) Room(ctx context.Context, id uuid.UUID) (Room, error) {
	return roomBy(ctx, s.pool, selectRoom+` where r.id = $1`, id)
}

// Rooms returns those of some rooms that there are, in no order.
func (s *Store) Rooms(ctx context.Context, ids []uuid.UUID) ([]Room, error) {
	rows, _ := s.pool.Query(ctx, selectRoom+` where r.id = any($1)`, ids)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Room])
}

func roomBy(ctx context.Context, q querier, sql string, args ...any) (Room, error) {
	rows, _ := q.Query(ctx, sql, args...)
	room, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Room])
	if errors.Is(err, pgx.ErrNoRows) {
		return Room{}, ErrNotFound
	}
	return room, err
}

// Open lists the rooms that are live, newest first, then those to come,
// soonest first, and last those without a time.
func (s *Store) Open(ctx context.Context) ([]Room, error) {
	rows, _ := s.pool.Query(ctx, selectRoom+`
		where r.ended_at is null and r.cancelled_at is null
		order by r.started_at desc nulls last, r.starts_at nulls last, r.created_at desc limit $1`, listed)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Room])
}

// listedPeople bounds a list that everyone in a room asks for again and again.
const listedPeople = 300

// People lists who is in a room and who is kept out of it: host, co-hosts,
// speakers, raised hands by time, then listeners in the order they came. Of a
// crowd it lists the first.
func (s *Store) People(ctx context.Context, room uuid.UUID) ([]Person, error) {
	rows, _ := s.pool.Query(ctx, selectPerson+`
		where p.room_id = $1 and (p.role <> 'listener' or p.seen_at > now() - interval '45 seconds' or p.hand_raised_at is not null
		      or p.invited_at is not null or p.banned_at is not null or p.removed_until > now())
		order by array_position(array['host', 'cohost', 'speaker', 'listener'], p.role), p.hand_raised_at, p.joined_at, p.account_id
		limit $2`, room, listedPeople)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Person])
}

// Person returns one participant of a room, or ErrNotThere.
func (s *Store) Person(ctx context.Context, room, account uuid.UUID) (Person, error) {
	return personBy(ctx, s.pool, room, account, "")
}

// personBy reads one participant; lock is a locking clause, or empty.
func personBy(ctx context.Context, q querier, room, account uuid.UUID, lock string) (Person, error) {
	rows, _ := q.Query(ctx, selectPerson+` where p.room_id = $1 and p.account_id = $2 `+lock, room, account)
	person, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Person])
	if errors.Is(err, pgx.ErrNoRows) {
		return Person{}, ErrNotThere
	}
	return person, err
}

// Crowd is how many are in a room now, listed or not.
type Crowd struct {
	Listeners int
	Guests    int
	Hands     int
}

// Crowd counts a room's audience.
func (s *Store) Crowd(ctx context.Context, room uuid.UUID) (c Crowd, err error) {
	err = s.pool.QueryRow(ctx, `
		select count(*) filter (where role = 'listener' and banned_at is null and seen_at > now() - interval '45 seconds'),
		       count(*) filter (where hand_raised_at is not null),
		       (select count(*) from guests where room_id = $1 and removed_at is null and seen_at > now() - interval '45 seconds')
		from participants where room_id = $1`, room).Scan(&c.Listeners, &c.Hands, &c.Guests)
	return c, err
}

func personTx(ctx context.Context, tx pgx.Tx, room, account uuid.UUID) (Person, error) {
	return personBy(ctx, tx, room, account, "for update of p")
}

// Seat returns the seat an identity has in a run, or ErrNotThere.
func (s *Store) Seat(ctx context.Context, run, identity string) (Seat, error) {
	all, err := s.seats(ctx, ` where run = $1 and identity = $2`, run, identity)
	if err == nil && len(all) == 0 {
		err = ErrNotThere
	}
	if err != nil {
		return Seat{}, err
	}
	return all[0], nil
}

// Seats returns every seat of a run.
func (s *Store) Seats(ctx context.Context, run string) ([]Seat, error) {
	return s.seats(ctx, ` where run = $1`, run)
}

func (s *Store) seats(ctx context.Context, which string, args ...any) (all []Seat, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		all, err = s.seatsTx(ctx, tx, which, args...)
		return err
	})
	return all, err
}

func (s *Store) seatsTx(ctx context.Context, tx pgx.Tx, which string, args ...any) ([]Seat, error) {
	found, _ := tx.Query(ctx, selectSeat+which, args...)
	rows, err := pgx.CollectRows(found, pgx.RowToStructByName[seatRow])
	if err != nil {
		return nil, fmt.Errorf("read seats: %w", err)
	}
	if err := s.turnAwayTx(ctx, tx, rows); err != nil {
		return nil, err
	}
	all := make([]Seat, len(rows))
	for i, row := range rows {
		all[i] = row.Seat
	}
	return all, nil
}

// Runs returns the names of all live runs.
func (s *Store) Runs(ctx context.Context) ([]string, error) {
	rows, _ := s.pool.Query(ctx, `select run from rooms where started_at is not null and ended_at is null`)
	runs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list live runs: %w", err)
	}
	return runs, nil
}

// Run says whether a run of this name is ours, and whether it is going on.
func (s *Store) Run(ctx context.Context, run string) (ours, live bool, err error) {
	err = s.pool.QueryRow(ctx, `
		select count(*) > 0, count(*) filter (where ended_at is null) > 0 from rooms where run = $1`, run).Scan(&ours, &live)
	return ours, live, err
}

// EndedRuns returns which of these names are runs of ours that have ended.
func (s *Store) EndedRuns(ctx context.Context, among []string) ([]string, error) {
	rows, _ := s.pool.Query(ctx, `select run from rooms where run = any($1) and ended_at is not null`, among)
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
