package ticketing

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// errand is work that follows a commit. It is a hint: the sweeper finds in the
// rows what an errand that was lost would have done.
type errand struct {
	What string `json:"what"`
	ID   string `json:"id"`
}

// What errands do.
const (
	appliesEvent = "apply-event"
	sendsRefund  = "send-refund"
	emptiesOffer = "empty-offer"
)

// Kind names the job to River.
func (errand) Kind() string { return "ticketing" }

// Worker works the jobs of a Service, which needs the queue the worker belongs
// to: it is given the service once that is made, before the queue starts.
type Worker struct {
	river.WorkerDefaults[errand]
	service *Service
}

// NewWorker returns a worker without a service.
func NewWorker() *Worker { return &Worker{} }

// Serve says for which service to work.
func (w *Worker) Serve(s *Service) { w.service = s }

// Work runs one errand.
func (w *Worker) Work(ctx context.Context, j *river.Job[errand]) error {
	return w.service.run(ctx, j.Args)
}

// errandTime bounds one attempt: Stripe may take its time, and a room may have
// many tickets.
const errandTime = 5 * time.Minute

// Timeout bounds one attempt.
func (w *Worker) Timeout(*river.Job[errand]) time.Duration { return errandTime }

func (s *Service) run(ctx context.Context, e errand) error {
	if e.What == appliesEvent {
		return s.applyEvent(ctx, e.ID)
	}
	id, err := uuid.Parse(e.ID)
	if err != nil {
		return fmt.Errorf("read errand: %w", err)
	}
	if e.What == emptiesOffer {
		return s.emptyOffer(ctx, id)
	}
	return s.sendRefund(ctx, id)
}
