package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Lease lets one process at a time do a job. A holder that stops renewing
// loses it after its life, by the database's clock.
type Lease struct {
	pool   *pgxpool.Pool
	name   string
	life   time.Duration
	holder string
}

// NewLease returns this process's claim on the named job; it holds nothing yet.
// The holder's name begins with the process id, for whoever looks at the table.
func NewLease(pool *pgxpool.Pool, name string, life time.Duration) *Lease {
	return &Lease{pool: pool, name: name, life: life, holder: fmt.Sprintf("%d %s", os.Getpid(), uuid.NewString())}
}

// Hold takes or renews the lease and says whether it is ours now.
func (l *Lease) Hold(ctx context.Context) (bool, error) {
	var mine bool
	err := l.pool.QueryRow(ctx, `
		insert into leases (name, holder, expires_at) values ($1, $2, now() + $3::interval)
		on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
		where leases.holder = excluded.holder or leases.expires_at <= now()
		returning true`, l.name, l.holder, l.life).Scan(&mine)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return mine, err
}
