package ticketing

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"salon/internal/postgres"
)

// slow is a Stripe that does not answer when a checkout is to be ended.
type slow struct {
	*stripe
	asked chan struct{}
}

func (s slow) ExpireSession(ctx context.Context, _ string) (Session, error) {
	select {
	case s.asked <- struct{}{}:
	default:
	}
	<-ctx.Done()
	return Session{}, ctx.Err()
}

// A seat that was only held is free when its time is over, whatever Stripe does.
func TestASeatIsFreeWhileStripeIsSlow(t *testing.T) {
	b := setup(t)
	waits := slow{b.stripe, make(chan struct{}, 1)}
	b.Service.payments = waits
	f := b.sale(2)
	paying, held := b.checkout(f, b.account("ada")), b.hold(f, b.account("ben"))
	conn, err := b.pool.Acquire(b.ctx)
	b.must(err)
	defer conn.Release()
	_, err = conn.Exec(b.ctx, `listen salon`)
	b.must(err)

	ctx, stop := context.WithCancel(b.ctx)
	done := make(chan error)
	sweeper := NewSweeper(b.Service, postgres.NewLease(b.pool, "sales", time.Minute), slog.New(slog.DiscardHandler))
	sweeper.every = time.Millisecond
	go func() { done <- sweeper.Run(ctx) }()
	b.over(paying.ID)
	<-waits.asked
	b.over(held.ID)
	deadline, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if _, err := conn.Conn().WaitForNotification(deadline); err != nil { // the sale is not sold out any more
		t.Error(err)
	}
	b.state(held.ID, Expired)
	stop()
	b.must(<-done)
}
