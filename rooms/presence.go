package rooms

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// Seen notes that these accounts and guests are connected to a room now. Of
// anyone but the host a sign every fifteen seconds is enough: a crowd's signs
// are most of what a quiet room writes, and no index covers the column, so
// that they stay cheap.
func (s *Store) Seen(ctx context.Context, room uuid.UUID, accounts, guests []uuid.UUID) error {
	_, err := s.pool.Exec(ctx, `
		with there as (update participants set seen_at = now()
			where room_id = $1 and account_id = any($2)
			  and (seen_at is null or role = 'host' or seen_at < now() - interval '15 seconds'))
		update guests set seen_at = now()
		where room_id = $1 and id = any($3) and (seen_at is null or seen_at < now() - interval '15 seconds')`, room, accounts, guests)
	if err != nil {
		return fmt.Errorf("note who is there: %w", err)
	}
	return nil
}

// Heard notes that these identities are connected to the media server now.
func (s *Store) Heard(ctx context.Context, run string, identities []string) error {
	_, err := s.pool.Exec(ctx, `
		with there as (
			update participants p set seen_at = now() from rooms r where r.id = p.room_id and r.run = $1 and p.identity = any($2))
		update guests g set seen_at = now() from rooms r where r.id = g.room_id and r.run = $1 and g.identity = any($2)`, run, identities)
	if err != nil {
		return fmt.Errorf("note who is heard: %w", err)
	}
	return nil
}
