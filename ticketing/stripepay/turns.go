package stripepay

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"salon/ticketing"
)

// usualRate stays below what Stripe takes of one account: 25 calls a second in
// test mode and for one endpoint (docs.stripe.com/rate-limits).
const usualRate = 20

// longestWait is how long a call waits for its turn; whoever would wait longer is
// told to come again.
const longestWait = 40 * time.Second

// turns lets calls through no faster than Stripe takes them: reads and writes
// apart, so that a crowd of buyers keeps nobody from being settled.
type turns struct {
	reads, writes queue
	next          http.RoundTripper
}

func newTurns(perSecond float64, next http.RoundTripper) *turns {
	if perSecond == 0 {
		perSecond = usualRate
	}
	every := func() queue {
		return queue{rate: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))}
	}
	return &turns{reads: every(), writes: every(), next: next}
}

// RoundTrip sends a request when it is its turn.
func (t *turns) RoundTrip(r *http.Request) (*http.Response, error) {
	q := &t.writes
	if r.Method == http.MethodGet {
		q = &t.reads
	}
	if err := q.wait(r.Context()); err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	return t.next.RoundTrip(r)
}

// queue is one row of calls.
type queue struct {
	rate    *rate.Limiter
	waiting atomic.Int64
}

// wait waits for a turn: first come, first served. Who gives up has sent nothing.
func (q *queue) wait(ctx context.Context) error {
	turn := q.rate.Reserve()
	delay := turn.Delay()
	if delay > longestWait {
		turn.Cancel()
		return fmt.Errorf("%w: %d calls wait before this one", ticketing.ErrTryAgain, q.waiting.Load())
	}
	if delay == 0 {
		return nil
	}
	q.waiting.Add(1)
	defer q.waiting.Add(-1)
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		turn.Cancel()
		return fmt.Errorf("%w: it was not its turn yet: %w", ticketing.ErrTryAgain, ctx.Err())
	}
}
