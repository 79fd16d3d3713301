package ticketing

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// Hold keeps a seat for somebody until the order's ExpiresAt. Asking again with
// the same id returns the order as it is now, whatever became of it. A refusal
// with ErrHaveSeat has the member "order", which the person holds already.
func (s *Service) Hold(ctx context.Context, a Ask) (Order, error) {
	if a.ID == uuid.Nil {
		return Order{}, fault.BadField("id")
	}
	o, err := s.desk.ask(ctx, a)
	switch {
	case errors.Is(err, errKnown):
		return s.known(ctx, a)
	case errors.Is(err, ErrHaveSeat):
		return o, s.whichSeat(ctx, a)
	}
	return o, err
}

// known reads the order of somebody who asks again.
func (s *Service) known(ctx context.Context, a Ask) (Order, error) {
	o, err := one[Order](ctx, s.pool, ErrOrderID, selectOrder+` where id = $1`, a.ID)
	if err == nil && (o.AccountID == nil || *o.AccountID != a.Account || o.OfferID == nil || *o.OfferID != a.Offer) {
		return Order{}, ErrOrderID
	}
	return o, err
}

// whichSeat names the order by which somebody has a seat.
func (s *Service) whichSeat(ctx context.Context, a Ask) error {
	mine, err := one[Order](ctx, s.pool, ErrHaveSeat, selectOrder+` where account_id = $1 and offer_id = $2 and state in ('held', 'paying', 'paid')`, a.Account, a.Offer)
	if err != nil {
		return err
	}
	return &fault.Fault{Kind: ErrHaveSeat, Members: map[string]any{"order": mine.ID}}
}

// Extend gives somebody who holds a seat more time to pay, once.
func (s *Service) Extend(ctx context.Context, account, id uuid.UUID) (o Order, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, o, err = lockMineTx(ctx, tx, account, id); err != nil {
			return err
		}
		if err := stillHeldTx(ctx, tx, o); err != nil {
			return err
		}
		if o.Extended {
			return ErrExtended
		}
		o, err = one[Order](ctx, tx, ErrNoOrder, `
			update orders set extended = true, expires_at = expires_at + $2::interval where id = $1 returning `+orderColumns, id, s.settings.Extension)
		return err
	})
	return o, err
}

// stillHeldTx refuses an order that keeps no seat for who has yet to pay, by the
// database's clock.
func stillHeldTx(ctx context.Context, tx pgx.Tx, o Order) error {
	if o.State == Paid {
		return ErrPaid
	}
	var over bool
	if err := tx.QueryRow(ctx, `select $1 <= clock_timestamp()`, o.ExpiresAt).Scan(&over); err != nil {
		return fmt.Errorf("compare hold: %w", err)
	}
	if over || o.State != OnHold && o.State != Paying {
		return ErrHoldOver
	}
	return nil
}

// Cancel gives up an order that is not paid. Where there is a checkout, it is
// ended at Stripe first: if it was paid in the same moment, the order is paid.
// Cancelling what is over already is no error.
func (s *Service) Cancel(ctx context.Context, account, id uuid.UUID) (o Order, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var f Offer
		if f, o, err = lockMineTx(ctx, tx, account, id); err != nil || o.State != OnHold {
			return err
		}
		return moveTx(ctx, tx, &f, &o, Cancelled)
	})
	switch {
	case err != nil:
		return o, err
	case o.State == Paid:
		return o, ErrPaid
	case o.State != Paying:
		return o, nil
	}
	if err := s.endCheckout(ctx, id); err != nil {
		return o, err
	}
	return s.Order(ctx, account, id)
}

// expireHeld frees the seats of holds that are over and for which Stripe was
// never asked, offer by offer.
func (s *Service) expireHeld(ctx context.Context) error {
	offers, err := ids(ctx, s.pool, `select distinct offer_id from orders where network is not null and state = 'held' and expires_at <= now()`)
	if err != nil {
		return fmt.Errorf("find holds that are over: %w", err)
	}
	var failed []error
	for _, offer := range offers {
		failed = append(failed, postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
			return freeHeldTx(ctx, tx, offer, Expired, `expires_at <= now()`)
		}))
	}
	return errors.Join(failed...)
}

// freeHeldTx closes orders of an offer that are only held, and frees their
// seats.
func freeHeldTx(ctx context.Context, tx pgx.Tx, offer uuid.UUID, to State, which string) error {
	if _, err := lockOfferTx(ctx, tx, offer); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		with over as (
		  update orders set state = $2, closed_at = now(), network = null
		  where offer_id = $1 and network is not null and state = 'held' and `+which+` returning id)
		update offers set taken = taken - (select count(*) from over) where id = $1`, offer, to)
	if err != nil {
		return fmt.Errorf("free held seats: %w", err)
	}
	return nil
}
