package accounts

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// FollowerAge is how old an account must be before following with it counts:
// a crowd made this morning does not open the host gate.
const FollowerAge = 24 * time.Hour

// Follow makes follower follow followee. Following twice is following once. It
// refuses with ErrFollowBlocked when followee blocks follower.
func (s *Service) Follow(ctx context.Context, follower, followee uuid.UUID) error {
	blocked, err := s.Blocks(ctx, followee, follower)
	if err != nil {
		return err
	}
	if blocked {
		return ErrFollowBlocked
	}
	_, err = s.pool.Exec(ctx, `
		insert into follows (follower_id, followee_id, follower_created_at)
		select id, $2, created_at from accounts where id = $1
		on conflict do nothing`, follower, followee)
	switch postgres.Constraint(err) {
	case "follows_not_self":
		return ErrFollowSelf
	case "follows_followee_id_fkey":
		return ErrNotFound
	}
	return err
}

// Unfollow ends it. Unfollowing someone not followed changes nothing.
func (s *Service) Unfollow(ctx context.Context, follower, followee uuid.UUID) error {
	_, err := s.pool.Exec(ctx,
		`delete from follows where follower_id = $1 and followee_id = $2`, follower, followee)
	return err
}

// Following is how an account stands between others, seen by one viewer.
type Following struct {
	Followers int64 // whose accounts are at least FollowerAge old
	Following int64
	ByViewer  bool // the viewer follows the account
}

// Following counts the account's follows. The viewer may be uuid.Nil.
func (s *Service) Following(ctx context.Context, account, viewer uuid.UUID) (f Following, err error) {
	err = s.pool.QueryRow(ctx, `
		select (select count(*) from follows where followee_id = $1 and follower_created_at <= now() - $3::interval),
		       (select count(*) from follows where follower_id = $1),
		       exists (select from follows where followee_id = $1 and follower_id = $2)`,
		account, viewer, FollowerAge).Scan(&f.Followers, &f.Following, &f.ByViewer)
	return f, err
}

// Reach is an account's followers as the host gate counts them.
type Reach struct {
	Counting int       // followers whose accounts are old enough
	Pending  int       // followers who are still too young
	Next     int       // how many more count at NextAt: as many as are missing, or all pending if fewer
	NextAt   time.Time // zero when Next is
}

// ReachTx counts inside the caller's transaction, on the database's clock.
// need is the number the caller asks for.
func (s *Service) ReachTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, need int) (r Reach, err error) {
	// One statement: between two, someone could unfollow.
	var at *time.Time
	err = tx.QueryRow(ctx, `
		with young as (
			select follower_created_at + $2::interval as at, row_number() over (order by follower_created_at) as nth
			from follows where followee_id = $1 and follower_created_at > now() - $2::interval),
		counted as (
			select (select count(*) from follows where followee_id = $1 and follower_created_at <= now() - $2::interval) as counting,
			       (select count(*) from young) as pending),
		due as (select counting, pending, greatest(least(pending, $3 - counting), 0) as next from counted)
		select counting, pending, next, (select at from young where nth = next) from due`,
		account, FollowerAge, need).Scan(&r.Counting, &r.Pending, &r.Next, &at)
	if at != nil {
		r.NextAt = *at
	}
	return r, err
}
