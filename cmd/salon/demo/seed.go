package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// old is the age of accounts that count; young ones are made anew at each
// start, so that they never grow up.
const old = 30 * 24 * time.Hour

// seed makes what is missing and nothing twice.
func (d *Demo) seed(ctx context.Context) error {
	return postgres.InTx(ctx, d.Pool, func(tx pgx.Tx) error {
		for _, p := range People {
			if err := makeTx(ctx, tx, []string{p.Handle}, []string{p.Name}, old); err != nil {
				return err
			}
			if err := fansTx(ctx, tx, p.Handle, "old", p.Followers, old); err != nil {
				return err
			}
			if err := fansTx(ctx, tx, p.Handle, "new_"+p.Handle[:3], p.Young, 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// fansTx makes n accounts of an age and lets them follow the handle.
func fansTx(ctx context.Context, tx pgx.Tx, handle, kind string, n int, age time.Duration) error {
	handles, names := make([]string, n), make([]string, n)
	for i := range n {
		handles[i] = fmt.Sprintf("demo_%s_%d", kind, i+1)
		names[i] = fmt.Sprintf("Demo follower %d", i+1)
	}
	if err := makeTx(ctx, tx, handles, names, age); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		insert into follows (follower_id, followee_id, follower_created_at)
		select fan.id, who.id, fan.created_at from accounts fan, accounts who
		where fan.handle = any($1) and fan.demo and who.handle = $2
		on conflict (followee_id, follower_id) do update set follower_created_at = excluded.follower_created_at`, handles, handle)
	return err
}

// makeTx makes demo accounts, or sets their age anew. They have no password:
// nobody signs in as them but by the button.
func makeTx(ctx context.Context, tx pgx.Tx, handles, names []string, age time.Duration) error {
	ids := make([]uuid.UUID, len(handles))
	for i := range ids {
		ids[i] = uuid.Must(uuid.NewV7())
	}
	_, err := tx.Exec(ctx, `
		insert into accounts (id, handle, display_name, email, password_hash, demo, verified_at, created_at)
		select id, handle, name, handle || '@demo.invalid', '', true, now(), now() - $4::interval
		from unnest($1::uuid[], $2::text[], $3::text[]) as t (id, handle, name)
		on conflict (handle) do update set created_at = excluded.created_at where accounts.demo`, ids, handles, names, age)
	return err
}
