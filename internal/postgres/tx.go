package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// maxAttempts is how often a transaction that Postgres itself gave up on is tried.
const maxAttempts = 5

// InTx runs fn in one transaction: committed if fn returns nil, rolled back if it returns
// an error or panics. Isolation is READ COMMITTED whatever the server's default is: our
// conditional updates count on seeing the row as it is now.
//
// When Postgres ends the transaction as a deadlock or serialization victim, fn runs again
// from the start, so it must not do anything that a rollback does not undo.
func InTx(ctx context.Context, pool *pgxpool.Pool, fn func(tx pgx.Tx) error) error {
	opts := pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite}
	for attempt := 1; ; attempt++ {
		err := pgx.BeginTxFunc(ctx, pool, opts, fn)
		if err == nil || attempt == maxAttempts || !RolledBack(err) {
			return err
		}
		if wait(ctx, backoff(attempt)) != nil {
			return err
		}
	}
}

// Constraint is the name of the constraint that err says was violated, "" if none.
func Constraint(err error) string {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pgErr.ConstraintName
	}
	return ""
}

// RolledBack reports whether Postgres promises that nothing was done and asks us to try
// again: serialization_failure and deadlock_detected, no others.
func RolledBack(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pgErr.Code == "40001" || pgErr.Code == "40P01")
}

// backoff grows with the attempt and is random, so that two victims of each other do not
// meet again.
func backoff(attempt int) time.Duration {
	return time.Duration(1+rand.IntN(20*attempt)) * time.Millisecond
}

// wait returns after d, or earlier with the context's cause.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait: %w", context.Cause(ctx))
	}
}
