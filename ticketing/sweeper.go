package ticketing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// How often holds that are over and work that was lost are looked for, and how
// often Stripe is asked what no webhook told.
const (
	sweepEvery     = 5 * time.Second
	reconcileEvery = time.Minute
)

// Sweeper looks after what nobody asks for: seats whose time is over, work that
// was lost, and what Stripe knows and did not tell.
type Sweeper struct {
	service *Service
	lease   *postgres.Lease // one process looks, to spare Stripe; two would do no harm
	log     *slog.Logger
	every   time.Duration
}

// NewSweeper returns the sweeper of a service.
func NewSweeper(service *Service, lease *postgres.Lease, log *slog.Logger) *Sweeper {
	return &Sweeper{service: service, lease: lease, log: log, every: sweepEvery}
}

// Run sweeps until the context ends. Seats that were only held, and what Stripe
// did not tell, have rounds of their own: with many buyers a round at Stripe
// takes minutes.
func (w *Sweeper) Run(ctx context.Context) error {
	var rounds sync.WaitGroup
	rounds.Go(func() { w.again(ctx, w.every, w.service.expireHeld) })
	rounds.Go(func() { w.again(ctx, w.every, w.service.Sweep) })
	rounds.Go(func() { w.again(ctx, reconcileEvery, w.service.Reconcile) })
	rounds.Wait()
	return nil
}

// again does something soon and then every so often.
func (w *Sweeper) again(ctx context.Context, every time.Duration, do func(context.Context) error) {
	next := time.NewTimer(w.every)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
			if err := w.leased(ctx, do); err != nil && ctx.Err() == nil {
				w.log.Warn("look after sales", "error", err)
			}
			next.Reset(every)
		}
	}
}

func (w *Sweeper) leased(ctx context.Context, do func(context.Context) error) error {
	mine, err := w.lease.Hold(ctx)
	if err != nil || !mine {
		return err
	}
	return do(ctx)
}

// Sweep goes once through everything whose time has come. What fails is tried
// again the next time; the rest goes on.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(s.expireHeld(ctx), s.endOverdue(ctx), s.emptyCancelled(ctx), s.sendWaiting(ctx),
		s.applyWaiting(ctx), s.forgetEvents(ctx), s.lookAfterUnstarted(ctx))
}

// emptyCancelled goes on with the sales that were called off.
func (s *Service) emptyCancelled(ctx context.Context) error {
	offers, err := ids(ctx, s.pool, `
		select f.id from offers f where f.cancelled_at is not null and f.taken > 0`)
	if err != nil {
		return fmt.Errorf("find sales called off: %w", err)
	}
	var failed []error
	for _, offer := range offers {
		failed = append(failed, s.emptyOffer(ctx, offer))
	}
	return errors.Join(failed...)
}

// emptyOffer ends every order of a sale that was called off: each in its own
// transaction, so that it can stop anywhere and go on later.
func (s *Service) emptyOffer(ctx context.Context, offer uuid.UUID) error {
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error { return freeHeldTx(ctx, tx, offer, Cancelled, `true`) })
	if err != nil {
		return err
	}
	paid, err := ids(ctx, s.pool, `select id from orders where offer_id = $1 and state = 'paid'`, offer)
	if err != nil {
		return fmt.Errorf("list tickets: %w", err)
	}
	var failed []error
	for _, id := range paid {
		failed = append(failed, s.takeBack(ctx, id))
	}
	paying, err := ids(ctx, s.pool, `select id from orders where offer_id = $1 and network is not null and state = 'paying'`, offer)
	if err != nil {
		return fmt.Errorf("list checkouts: %w", err)
	}
	for _, id := range paying {
		failed = append(failed, s.endCheckout(ctx, id))
	}
	return errors.Join(failed...)
}

func (s *Service) takeBack(ctx context.Context, id uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		f, o, err := lockTx(ctx, tx, id)
		if err != nil || o.State != Paid {
			return err
		}
		return s.takeBackTx(ctx, tx, &sale{offer: f, order: o}, RoomCancelled, uuid.Nil)
	})
}
