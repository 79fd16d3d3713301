package ticketing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// Return is where the buyer's browser goes from Stripe's page.
type Return struct{ SuccessURL, CancelURL string }

// Checkout pages live for 30 minutes at least, says Stripe; a minute more is for
// clocks that differ.
const shortestCheckout = 31 * time.Minute

// longestBank is how long before a room banks that take days may still be asked;
// a room without an announced start may begin at any time.
const longestBank = 7 * 24 * time.Hour

// callInFlight is for how long a call that was not answered may still do
// something: longer than any client of Stripe waits.
const callInFlight = 2 * time.Minute

// Pay returns the page at Stripe where the held seat is paid, the same however
// often it is asked for. What costs nothing is paid at once, and the address is
// empty. From here on the fee of the order stands.
func (s *Service) Pay(ctx context.Context, account, id uuid.UUID, back Return) (url string, err error) {
	var f Offer
	var o Order
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if f, o, err = payableTx(ctx, tx, account, id); err != nil || o.Price > 0 {
			return err
		}
		return s.sellTx(ctx, tx, &f, &o)
	})
	if err != nil || o.State == Paid {
		return "", err
	}
	if err := s.canBePaid(ctx, *f.PayoutID); err != nil {
		return "", err
	}
	url, c, err := s.beginCheckout(ctx, account, id, back)
	if err != nil || url != "" {
		return url, err
	}
	return s.openCheckout(ctx, id, c)
}

// payableTx locks an order of the account's that holds a seat of a sale that
// goes on.
func payableTx(ctx context.Context, tx pgx.Tx, account, id uuid.UUID) (f Offer, o Order, err error) {
	if f, o, err = lockMineTx(ctx, tx, account, id); err != nil {
		return f, o, err
	}
	if err := goesOnTx(ctx, tx, f); err != nil {
		return f, o, err
	}
	return f, o, stillHeldTx(ctx, tx, o)
}

// goesOnTx refuses money for what nobody will hear.
func goesOnTx(ctx context.Context, tx pgx.Tx, f Offer) error {
	var over bool
	if err := tx.QueryRow(ctx, `select `+saleOver+` from offers where id = $1`, f.ID).Scan(&over); err != nil {
		return fmt.Errorf("look whether the sale goes on: %w", err)
	}
	if over {
		return ErrSaleOver
	}
	return nil
}

// canBePaid asks Stripe before every sale: a host who lost the right to be paid
// sells nothing more.
func (s *Service) canBePaid(ctx context.Context, payout string) error {
	a, err := s.accountNow(ctx, payout)
	if err == nil && !a.CanSell() {
		err = ErrCannotBePaid
	}
	return err
}

// beginCheckout returns the page there is, or freezes what the sale is made of
// and stores the call that makes one.
func (s *Service) beginCheckout(ctx context.Context, account, id uuid.UUID, back Return) (url string, c call, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		f, o, err := payableTx(ctx, tx, account, id)
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `select session_url from payments where order_id = $1 and session_id is not null`, id).Scan(&url)
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if c, err = openCallTx(ctx, tx, makesCheckout, id); !errors.Is(err, errNoCall) {
			return err
		}
		split, err := s.freezeTx(ctx, tx, f, o)
		if err != nil {
			return err
		}
		request, err := s.checkoutTx(ctx, tx, f, o, split, back)
		if err != nil {
			return err
		}
		if o.State == OnHold {
			if err := moveTx(ctx, tx, &f, &o, Paying); err != nil {
				return err
			}
		}
		c, err = callTx(ctx, tx, makesCheckout, id, request)
		return err
	})
	return url, c, err
}

// selectLifetime is what host $1 sold in currency $2 until now.
const selectLifetime = `select coalesce(sum(gross), 0) from host_sales where host_id = $1 and currency = $2`

// freezeTx decides the fee of an order by what the host has sold until now, or
// reads what was decided.
func (s *Service) freezeTx(ctx context.Context, tx pgx.Tx, f Offer, o Order) (split Split, err error) {
	err = tx.QueryRow(ctx, `select split from payments where order_id = $1`, o.ID).Scan(&split)
	if !errors.Is(err, pgx.ErrNoRows) {
		return split, err
	}
	var before int64
	err = tx.QueryRow(ctx, selectLifetime, f.HostID, o.Currency).Scan(&before)
	if err != nil {
		return split, fmt.Errorf("read lifetime sales: %w", err)
	}
	terms := s.settings.Cut.Terms(o.Currency)
	split = terms.Split(before, o.Price)
	_, err = tx.Exec(ctx, `
		insert into payments (order_id, destination, gross, currency, tax, fee, split, terms) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		o.ID, f.PayoutID, o.Price, o.Currency, f.Tax(o.Price), split.Fee(), split, terms)
	if err != nil {
		return split, fmt.Errorf("freeze fee: %w", err)
	}
	return split, nil
}

func (s *Service) checkoutTx(ctx context.Context, tx pgx.Tx, f Offer, o Order, split Split, back Return) (Checkout, error) {
	c := Checkout{Order: o.ID, Offer: f.ID, Buyer: *o.AccountID, Amount: o.Price, Currency: o.Currency, Fee: split.Fee(),
		Destination: *f.PayoutID, SuccessURL: back.SuccessURL, CancelURL: back.CancelURL}
	err := tx.QueryRow(ctx, `
		select r.title, greatest(now() + $2::interval, o.expires_at + $3::interval), r.started_at is not null or coalesce(r.starts_at < now() + $4::interval, true)
		from orders o join offers f on f.id = o.offer_id join rooms r on r.id = f.room_id where o.id = $1`,
		o.ID, shortestCheckout, s.settings.Extension+time.Minute, longestBank).Scan(&c.Title, &c.ExpiresAt, &c.CardsOnly)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, ErrSaleOver
	}
	return c, err
}

// openCheckout makes the stored call. However it ends, the order stays in
// paying: only Stripe can say that nobody can pay.
func (s *Service) openCheckout(ctx context.Context, id uuid.UUID, c call) (string, error) {
	var request Checkout
	if err := json.Unmarshal(c.Request, &request); err != nil {
		return "", fmt.Errorf("read call: %w", err)
	}
	session, err := s.payments.CreateSession(ctx, c.Key, request)
	switch {
	case errors.Is(err, ErrRefused):
		return "", errors.Join(s.dropCheckout(ctx, id, c.Key), &fault.Fault{Kind: ErrCannotBePaid, Cause: err})
	case errors.Is(err, ErrKeySpent):
		if session, err = s.findCheckout(ctx, id); errors.Is(err, ErrUnknown) {
			return "", errors.Join(busy(err), s.spend(ctx, c.Key)) // the next click uses another key
		}
	}
	if err != nil {
		return "", busy(err)
	}
	return session.URL, s.noteSession(ctx, id, session)
}

// noteSession keeps the id of a session. From now on there is a page to pay at,
// and the clock of the hold begins anew: whoever had to wait for it loses
// nothing. If the order was given up meanwhile, the session is ended.
func (s *Service) noteSession(ctx context.Context, id uuid.UUID, session Session) error {
	late := false
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		_, o, err := lockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		late = o.State != Paying
		tag, err := tx.Exec(ctx, `update payments set session_id = $2, session_url = $3 where order_id = $1 and session_id is null`, id, session.ID, session.URL)
		if err != nil {
			return fmt.Errorf("note session: %w", err)
		}
		if tag.RowsAffected() > 0 && !late {
			if _, err := tx.Exec(ctx, `update orders set expires_at = greatest(expires_at, now() + $2::interval) where id = $1 and expires_at > now()`, id, s.settings.Hold); err != nil {
				return fmt.Errorf("start hold: %w", err)
			}
		}
		return answeredTx(ctx, tx, makesCheckout, id)
	})
	if err != nil || !late {
		return err
	}
	return errors.Join(ErrHoldOver, s.endSession(ctx, session.ID))
}

// dropCheckout makes an order one that is only held again: Stripe made no
// session and never will under this key.
func (s *Service) dropCheckout(ctx context.Context, id uuid.UUID, key string) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		f, o, err := lockTx(ctx, tx, id)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update stripe_calls set spent_at = now() where key = $1 and spent_at is null`, key)
		if err != nil || tag.RowsAffected() == 0 || o.State != Paying {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from payments where order_id = $1 and session_id is null and paid_at is null`, id); err != nil {
			return fmt.Errorf("drop checkout: %w", err)
		}
		return moveTx(ctx, tx, &f, &o, OnHold)
	})
}

// findCheckout looks among the sessions at Stripe for one of the order's whose
// id we never heard, or answers ErrUnknown.
func (s *Service) findCheckout(ctx context.Context, id uuid.UUID) (Session, error) {
	var since time.Time
	if err := s.pool.QueryRow(ctx, `select held_at from orders where id = $1`, id).Scan(&since); err != nil {
		return Session{}, err
	}
	recent, err := s.payments.RecentSessions(ctx, since.Add(-callInFlight))
	if err != nil {
		return Session{}, err
	}
	for _, session := range recent {
		if session.Order == id {
			return session, nil
		}
	}
	return Session{}, ErrUnknown
}

// endCheckout ends the session of an order, so that nobody can pay, and then
// settles what Stripe says: the seat is free, or it was paid after all.
func (s *Service) endCheckout(ctx context.Context, id uuid.UUID) error {
	var session *string
	var inFlight bool
	err := s.pool.QueryRow(ctx, `
		select session_id, `+callUnderWay+` from payments where order_id = $1`, id, makesCheckout, callInFlight).Scan(&session, &inFlight)
	switch {
	case err != nil:
		return fmt.Errorf("read session: %w", err)
	case session != nil:
		return s.endSession(ctx, *session)
	case inFlight:
		return busy(errInFlight)
	}
	found, err := s.findCheckout(ctx, id)
	if errors.Is(err, ErrUnknown) {
		return s.giveUp(ctx, id)
	}
	if err != nil {
		return busy(err)
	}
	if err := s.noteSession(ctx, id, found); err != nil {
		return err
	}
	return s.endSession(ctx, found.ID)
}

// callUnderWay says of subject $1 whether a call that makes $2 was sent less
// than $3 ago and not answered.
const callUnderWay = `exists (select from stripe_calls where subject = $1 and what = $2 and spent_at is null and sent_at > now() - $3::interval)`

var errInFlight = errors.New("a checkout may be under way")

func (s *Service) endSession(ctx context.Context, session string) error {
	if _, err := s.payments.ExpireSession(ctx, session); err != nil {
		return busy(err)
	}
	return s.Settle(ctx, session)
}

// giveUp frees the seat of an order for which Stripe has no session, and whose
// call cannot be under way any more.
func (s *Service) giveUp(ctx context.Context, id uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		f, o, err := lockTx(ctx, tx, id)
		if err != nil || o.State != Paying {
			return err
		}
		var inFlight bool
		if err := tx.QueryRow(ctx, `select `+callUnderWay, id, makesCheckout, callInFlight).Scan(&inFlight); err != nil || inFlight {
			return err
		}
		if err := answeredTx(ctx, tx, makesCheckout, id); err != nil {
			return err
		}
		return closeTx(ctx, tx, &f, &o)
	})
}

// closeTx ends an order that nobody can pay: its time was over, or it was given
// up.
func closeTx(ctx context.Context, tx pgx.Tx, f *Offer, o *Order) error {
	to := Cancelled
	if err := tx.QueryRow(ctx, `select case when $1 <= now() then $2 else $3 end`, o.ExpiresAt, Expired, Cancelled).Scan(&to); err != nil {
		return fmt.Errorf("compare hold: %w", err)
	}
	return moveTx(ctx, tx, f, o, to)
}

// endOverdue ends the checkouts of holds that are over.
func (s *Service) endOverdue(ctx context.Context) error {
	orders, err := ids(ctx, s.pool, `select id from orders where network is not null and state = 'paying' and expires_at <= now()`)
	if err != nil {
		return fmt.Errorf("find checkouts that are over: %w", err)
	}
	var failed []error
	for _, id := range orders {
		failed = append(failed, s.endCheckout(ctx, id))
	}
	return errors.Join(failed...)
}
