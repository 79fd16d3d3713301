// Package jobs runs what must happen after a transaction and survive a crash:
// a job is a row inserted in that transaction, worked at least once, and
// worked again when it failed. River does the work.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

const (
	// keepDone is how long the row of a completed job stays. It is short
	// because the arguments of some jobs carry secrets.
	keepDone = time.Minute
	// keepFailed is how long the row of a job that was given up stays.
	keepFailed = 24 * time.Hour

	maxAttempts = 8 // the last one a good hour after the first, by River's policy of n⁴ seconds
	maxWorkers  = 10

	softStop = 5 * time.Second  // for jobs under way to end by themselves
	hardStop = 10 * time.Second // for Stop to return, come what may
)

// Part is one kind of job with its worker.
type Part func(*river.Workers)

// Of is the part of one worker.
func Of[T river.JobArgs](worker river.Worker[T]) Part {
	return func(all *river.Workers) { river.AddWorker(all, worker) }
}

// Runner works jobs in this process and lets others insert them.
type Runner struct{ client *river.Client[pgx.Tx] }

// New returns a runner of these kinds of job, not yet started. Jobs can be
// inserted at once.
func New(pool *pgxpool.Pool, log *slog.Logger, parts ...Part) (*Runner, error) {
	workers := river.NewWorkers()
	for _, add := range parts {
		add(workers)
	}
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: maxWorkers}},
		Workers: workers, MaxAttempts: maxAttempts, SoftStopTimeout: softStop,
		CompletedJobRetentionPeriod: keepDone, CancelledJobRetentionPeriod: keepDone, DiscardedJobRetentionPeriod: keepFailed,
		Logger: slog.New(quiet{log.Handler()}), ErrorHandler: failures{log},
	})
	if err != nil {
		return nil, fmt.Errorf("job runner: %w", err)
	}
	return &Runner{client}, nil
}

// Start begins to work. It returns once jobs are being fetched, or with the
// reason why not; the runner then lives until Stop, whatever becomes of ctx.
func (r *Runner) Start(ctx context.Context) error {
	if err := r.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start job runner: %w", err)
	}
	return nil
}

// Stop lets jobs under way end, cancels those that take longer than five
// seconds, and returns within ten. It is safe to repeat.
func (r *Runner) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), hardStop)
	defer cancel()
	if err := r.client.Stop(ctx); err != nil {
		return fmt.Errorf("stop job runner: %w", err)
	}
	return nil
}

// InsertTx inserts a job that is worked once tx has committed, and never if
// it is rolled back.
func (r *Runner) InsertTx(ctx context.Context, tx pgx.Tx, job river.JobArgs) error {
	if _, err := r.client.InsertTx(ctx, tx, job, nil); err != nil {
		return fmt.Errorf("insert job %s: %w", job.Kind(), err)
	}
	return nil
}
