package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/tern/v2/migrate"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"salon/migrations"
)

const (
	versionTable = "public.schema_version"
	// migrateLock is the advisory lock of whoever migrates: "salon" in ASCII.
	migrateLock = 0x73616c6f6e
)

// migrating has no statement timeout, because a migration takes what it takes, but never
// waits long for a table others are using.
var migrating = map[string]string{
	"application_name":  "salon-migrate",
	"lock_timeout":      "3s",
	"statement_timeout": "0",
}

// Migrate brings the database at url up to this binary: our schema, then the job queue's.
// Any number of processes may call it at once; one works, the others wait and find
// nothing left to do.
func Migrate(ctx context.Context, url string) error {
	pool, err := connect(ctx, url, migrating)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer pool.Close()
	// A connection apart holds the lock: tern says RESET ALL and unlocks locks on its own.
	// Not of the pool either, which may be told to have only one.
	lock, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	// Ending the session is what frees the lock, whatever state it is in.
	defer func() { _ = lock.Close(context.WithoutCancel(ctx)) }()
	if err := lockMigrations(ctx, lock); err != nil {
		return fmt.Errorf("lock migrations: %w", err)
	}
	if err := migrateSchema(ctx, pool); err != nil {
		return fmt.Errorf("migrate schema: %w", err)
	}
	if err := migrateRiver(ctx, pool); err != nil {
		return fmt.Errorf("migrate job queue: %w", err)
	}
	return nil
}

// lockMigrations asks again and again rather than waiting inside one statement: a waiting
// statement holds a snapshot, and CREATE INDEX CONCURRENTLY in the migration ahead of us
// would wait for that snapshot for ever.
func lockMigrations(ctx context.Context, conn *pgx.Conn) error {
	for {
		var got bool
		err := conn.QueryRow(ctx, "select pg_try_advisory_lock($1)", int64(migrateLock)).Scan(&got)
		if err != nil || got {
			return err
		}
		if err := wait(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

func migrateSchema(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	m, err := migrate.NewMigrator(ctx, conn.Conn(), versionTable)
	if err != nil {
		return err
	}
	if err := m.LoadMigrations(migrations.FS); err != nil {
		return err
	}
	return m.Migrate(ctx)
}

// migrateRiver uses Migrate, never MigrateTx: some of River's migrations cannot share a
// transaction.
func migrateRiver(ctx context.Context, pool *pgxpool.Pool) error {
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}
