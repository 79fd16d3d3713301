package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"salon/internal/postgres"
	"salon/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

type errand struct{ Secret string }

func (errand) Kind() string { return "errand" }

// runner does errands with do, and is stopped when the test ends.
func runner(t *testing.T, pool *pgxpool.Pool, log *slog.Logger, do func(context.Context, *river.Job[errand]) error) *Runner {
	t.Helper()
	r, err := New(pool, log, Of(river.WorkFunc(do)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func insert(t *testing.T, r *Runner, pool *pgxpool.Pool, job river.JobArgs) error {
	t.Helper()
	return postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error { return r.InsertTx(t.Context(), tx, job) })
}

func TestAFailedJobIsDoneAgain(t *testing.T) {
	t.Parallel()
	pool, logs := postgrestest.New(t), &bytes.Buffer{}
	r := runner(t, pool, slog.New(slog.NewTextHandler(logs, nil)), func(_ context.Context, job *river.Job[errand]) error {
		switch job.Attempt {
		case 1:
			return errors.New("not today")
		default:
			return nil
		}
	})
	ended, cancel := r.client.Subscribe(river.EventKindJobCompleted, river.EventKindJobFailed)
	defer cancel()
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := insert(t, r, pool, errand{"canary"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []river.EventKind{river.EventKindJobFailed, river.EventKindJobCompleted} {
		if got := <-ended; got.Kind != want {
			t.Errorf("%s, want %s", got.Kind, want)
		}
	}
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	if text := logs.String(); strings.Count(text, "not today") != 1 || strings.Contains(text, "canary") {
		t.Errorf("log %s", text)
	}
}

func TestStopWaitsForWorkAndIsBounded(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	began := make(chan bool)
	r := runner(t, pool, slog.New(slog.DiscardHandler), func(ctx context.Context, _ *river.Job[errand]) error {
		began <- true
		<-ctx.Done() // only a cancelled context ends it
		return ctx.Err()
	})
	started, cancel := context.WithCancel(t.Context())
	if err := r.Start(started); err != nil {
		t.Fatal(err)
	}
	cancel() // the context of starting is not the life of the runner
	if err := insert(t, r, pool, errand{}); err != nil {
		t.Fatal(err)
	}
	<-began
	before := time.Now()
	if err := r.Stop(); err != nil {
		t.Error(err)
	}
	if d := time.Since(before); d < softStop || d > hardStop {
		t.Errorf("stopped after %v", d)
	}
	var state string
	if err := pool.QueryRow(t.Context(), `select state from river_job`).Scan(&state); err != nil || state != "available" {
		t.Errorf("the job is %q: %v", state, err)
	}
}

func TestStartAndStopInAnyOrder(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	r := runner(t, pool, slog.New(slog.DiscardHandler), func(context.Context, *river.Job[errand]) error { return nil })
	if err := r.Stop(); err != nil {
		t.Errorf("stop before start: %v", err)
	}
	for range 3 {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { r.Start(t.Context()) })
			all.Go(func() { r.Stop() })
		}
		all.Wait()
	}
	if err := r.Stop(); err != nil {
		t.Error(err)
	}
}

func TestWhatCannotStartSaysSo(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	r := runner(t, pool, slog.New(slog.DiscardHandler), func(context.Context, *river.Job[errand]) error { return nil })
	if err := insert(t, r, pool, river.JobArgs(other{})); err == nil {
		t.Error("a job nobody works is taken")
	}
	pool.Close()
	if err := r.Start(t.Context()); err == nil {
		t.Error("started without a database")
	}
	if none, err := New(pool, slog.New(slog.DiscardHandler)); err == nil && none.Start(t.Context()) == nil {
		t.Error("started without a worker")
	}
}

type other struct{}

func (other) Kind() string { return "other" }
