package mail

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// job is a mail on its way. Its row holds the whole text, secrets included,
// until it is sent.
type job struct{ Message }

// Kind names the job to River.
func (job) Kind() string { return "send_mail" }

// inserter inserts a job that is worked once the transaction has committed.
type inserter interface {
	InsertTx(ctx context.Context, tx pgx.Tx, job river.JobArgs) error
}

// Queue takes mails inside transactions.
type Queue struct{ jobs inserter }

// NewQueue returns the queue whose mails are jobs.
func NewQueue(jobs inserter) *Queue { return &Queue{jobs} }

// SendTx sends the mail once tx has committed, at least once, and never if it
// is rolled back. A mail to nobody costs the same and is dropped, so that
// answering alike takes alike.
func (q *Queue) SendTx(ctx context.Context, tx pgx.Tx, m Message) error {
	return q.jobs.InsertTx(ctx, tx, job{m})
}

// jobTime bounds one attempt.
const jobTime = 30 * time.Second

// Worker sends the mails that were queued.
type Worker struct {
	river.WorkerDefaults[job]
	sender sender
}

// sender is what a worker needs: SMTP or Outbox.
type sender interface {
	Send(ctx context.Context, m Message) error
}

// NewWorker returns a worker that sends by an SMTP or an Outbox.
func NewWorker(by sender) *Worker { return &Worker{sender: by} }

// Work sends one mail.
func (w *Worker) Work(ctx context.Context, j *river.Job[job]) error {
	if j.Args.To == "" {
		return nil
	}
	return w.sender.Send(ctx, j.Args.Message)
}

// Timeout bounds one attempt.
func (w *Worker) Timeout(*river.Job[job]) time.Duration { return jobTime }
