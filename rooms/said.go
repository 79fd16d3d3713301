package rooms

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// LiveRoom is what whoever captions needs of a live room.
type LiveRoom struct {
	ID       uuid.UUID
	Run      string
	Language string
	Human    bool // somebody writes the captions
}

// Live lists the live rooms.
func (s *Store) Live(ctx context.Context) ([]LiveRoom, error) {
	rows, _ := s.pool.Query(ctx, `
		select r.id, r.run, r.language, exists (`+seated+`) as human from rooms r where r.started_at is not null and r.ended_at is null`)
	return pgx.CollectRows(rows, pgx.RowToStructByName[LiveRoom])
}

// Voice is who speaks under an identity in a run, or ErrNotThere.
func (s *Store) Voice(ctx context.Context, run, identity string) (who Who, err error) {
	err = s.pool.QueryRow(ctx, `
		select a.id, a.handle, a.display_name from participants p
		join rooms r on r.id = p.room_id join accounts a on a.id = p.account_id
		where r.run = $1 and p.identity = $2`, run, identity).Scan(&who.ID, &who.Handle, &who.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		return who, ErrNotThere
	}
	return who, err
}

// Said appends a line that an account said to the room's log, and returns once
// it is kept.
func (s *Service) Said(ctx context.Context, room, speaker uuid.UUID, line any) error {
	_, err := s.log.append(ctx, room, NewEntry{Kind: KindCaption, Actor: speaker, Subject: speaker, Body: line})
	return err
}

// CaptionsGap notes that words may be missing before this point.
func (s *Service) CaptionsGap(ctx context.Context, room uuid.UUID) error {
	_, err := s.log.append(ctx, room, NewEntry{Kind: KindSystem, Body: map[string]any{"what": "captions-gap"}})
	return err
}

// ForgetWords deletes what was said in ended rooms once its time is over. The
// sequence of the log stays.
func (s *Store) ForgetWords(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, `
		with over as (
			select e.room_id, e.seq from log_entries e join rooms r on r.id = e.room_id
			where e.kind = 'caption' and e.withdrawn_at is null and r.ended_at is not null
			  and (r.keep_words = 'live' or r.keep_words = 'days' and r.ended_at < now() - make_interval(days => r.keep_days))
		), gone as (
			delete from log_contents c using over o where c.room_id = o.room_id and c.seq = o.seq
		)
		update log_entries e set withdrawn_at = now() from over o where e.room_id = o.room_id and e.seq = o.seq`)
	return err
}
