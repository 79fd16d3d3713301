package rooms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// Watch is somebody's wish to be told when they pass the host gate.
type Watch struct {
	On       bool       // the person asked
	PassedAt *time.Time // when they passed and were told; nil until then
}

// Watch notes that the account wants to be told when it passes. Asking again
// begins anew.
func (g *Gate) Watch(ctx context.Context, account uuid.UUID) error {
	_, err := g.pool.Exec(ctx, `
		insert into gate_watches (account_id) values ($1)
		on conflict (account_id) do update set created_at = now(), passed_at = null`, account)
	return err
}

// Unwatch ends the wish, or puts away what was told.
func (g *Gate) Unwatch(ctx context.Context, account uuid.UUID) error {
	_, err := g.pool.Exec(ctx, `delete from gate_watches where account_id = $1`, account)
	return err
}

// Watching says whether the account asked, and whether it has passed since.
func (g *Gate) Watching(ctx context.Context, account uuid.UUID) (w Watch, err error) {
	err = g.pool.QueryRow(ctx, `
		select count(*) > 0, max(passed_at) from gate_watches where account_id = $1`, account).Scan(&w.On, &w.PassedAt)
	return w, err
}

// Teller writes to a person that they may host now, once tx has committed.
// Package accounts knows their address and language.
type Teller interface {
	TellMayHostTx(ctx context.Context, tx pgx.Tx, account uuid.UUID) error
}

// Watchman looks after those who want to be told. Followers come of age, rules
// change and vouches arrive at any time, so it asks the gate again and again.
type Watchman struct {
	gate   *Gate
	teller Teller
	lease  *postgres.Lease // one process looks, as a mail is sent once
	log    *slog.Logger
}

// NewWatchman returns the watchman of the gate.
func NewWatchman(gate *Gate, teller Teller, lease *postgres.Lease, log *slog.Logger) *Watchman {
	return &Watchman{gate, teller, lease, log}
}

// How often the watchman looks, and how many he looks after each time: whoever
// waited longest comes first.
const (
	lookEvery = 15 * time.Second
	lookAfter = 200
)

// Run looks until the context ends.
func (w *Watchman) Run(ctx context.Context) error {
	return again(ctx, lookEvery, w.lookLeased, func(err error) { w.log.Warn("look after the host gate", "error", err) })
}

// again does something at every interval until the context ends.
func again(ctx context.Context, every time.Duration, do func(context.Context) error, failed func(error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := do(ctx); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	}
}

func (w *Watchman) lookLeased(ctx context.Context) error {
	mine, err := w.lease.Hold(ctx)
	if err != nil || !mine {
		return err
	}
	return w.Look(ctx)
}

// Look tells everyone who passes now and was waiting.
func (w *Watchman) Look(ctx context.Context) error {
	rows, _ := w.gate.pool.Query(ctx, `
		select account_id from gate_watches where passed_at is null order by checked_at limit $1`, lookAfter)
	waiting, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return fmt.Errorf("list who waits: %w", err)
	}
	var failed []error
	for _, account := range waiting {
		failed = append(failed, w.lookAt(ctx, account))
	}
	return errors.Join(failed...)
}

func (w *Watchman) lookAt(ctx context.Context, account uuid.UUID) error {
	return postgres.InTx(ctx, w.gate.pool, func(tx pgx.Tx) error {
		s, err := w.gate.snapshotTx(ctx, tx, account, hostGate)
		if errors.Is(err, ErrNoAccount) {
			return nil // gone since, and the wish with it
		}
		if err != nil {
			return err
		}
		passed := Decide(s).Passed
		tag, err := tx.Exec(ctx, `
			update gate_watches set checked_at = now(), passed_at = case when $2 then now() end
			where account_id = $1 and passed_at is null`, account, passed)
		if err != nil || !passed || tag.RowsAffected() == 0 {
			return err
		}
		return w.teller.TellMayHostTx(ctx, tx, account)
	})
}
