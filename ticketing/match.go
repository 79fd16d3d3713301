package ticketing

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// paymentRow is the money side of an order.
type paymentRow struct {
	OrderID     uuid.UUID
	SessionID   *string
	PaymentID   *string
	Destination *string
	Gross       int64
	Currency    string
	Split       Split
	Said        *Payment
	Revision    int
	PaidAt      *time.Time
	booked      bool // the ledger or the order changed
}

const selectPayment = `select order_id, session_id, payment_id, destination, gross, currency, split, said, revision, paid_at from payments`

// errNotOurs: a session that concerns nobody here.
var errNotOurs = errors.New("not ours")

// matchTx finds and locks the order that a session pays for. What was paid for
// an order that this database does not know, as after the restore of a backup,
// becomes an order anew; what was paid twice becomes an order of its own, which
// goes back.
func (s *Service) matchTx(ctx context.Context, tx pgx.Tx, said Said) (*sale, error) {
	session := said.Session
	if session.Order == uuid.Nil {
		return nil, errNotOurs
	}
	var known uuid.UUID
	err := tx.QueryRow(ctx, `select order_id from payments where session_id = $1`, session.ID).Scan(&known)
	if err == nil {
		return saleTx(ctx, tx, known)
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("match session: %w", err)
	}
	x, err := saleTx(ctx, tx, session.Order)
	switch {
	case err == nil && x.pay.SessionID == nil:
		return x, nil
	case err == nil:
		return s.adoptTx(ctx, tx, said, uuid.NewSHA1(session.Order, []byte(session.ID)), Duplicate)
	case errors.Is(err, ErrNoOrder) || errors.Is(err, errNoPayment):
		return s.adoptTx(ctx, tx, said, session.Order, Unmatched)
	}
	return nil, err
}

func saleTx(ctx context.Context, tx pgx.Tx, order uuid.UUID) (*sale, error) {
	f, o, err := lockTx(ctx, tx, order)
	if err != nil {
		return nil, err
	}
	row, err := one[paymentRow](ctx, tx, errNoPayment, selectPayment+` where order_id = $1 for update`, order)
	return &sale{f, o, &row}, err
}

// errNoPayment: nothing was ever asked of Stripe for the order.
var errNoPayment = errors.New("order has no payment")

// adoptTx makes an order of a payment that has none. With a known offer it is
// one whose time was over, and is settled as any late payment is; else, and
// when it is the second payment for one order, it can only go back.
func (s *Service) adoptTx(ctx context.Context, tx pgx.Tx, said Said, id uuid.UUID, why Reason) (*sale, error) {
	if !said.paid() {
		return nil, errNotOurs
	}
	p := *said.Payment
	_, err := tx.Exec(ctx, `
		insert into orders (id, offer_id, account_id, state, price, currency, refund_hours, expires_at, closed_at)
		select $1, f.id, (select id from accounts where id = $3), case when f.id is null then 'refunding' else 'expired' end, $4, $5, f.refund_hours, now(), case when f.id is not null then now() end
		from (select) nothing left join offers f on f.id = $2
		on conflict do nothing`, id, said.Session.Offer, said.Session.Buyer, p.Amount, p.Currency)
	if err != nil {
		return nil, fmt.Errorf("adopt order: %w", err)
	}
	_, err = tx.Exec(ctx, `
		insert into payments (order_id, destination, gross, currency, fee, split, revision) values ($1, nullif($2, ''), $3, $4, $5, $6, $7)
		on conflict do nothing`, id, p.Destination, p.Amount, p.Currency, p.Fee, asOnePart(p), unsettled)
	if err != nil {
		return nil, fmt.Errorf("adopt payment: %w", err)
	}
	x, err := saleTx(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	detail := "a payment came for an order that was not waiting for it"
	if why == Duplicate {
		detail = "an order was paid for a second time"
	}
	if err := alarmTx(ctx, tx, AlarmUnmatched, said.Session.ID, &x.order.ID, detail); err != nil {
		return nil, err
	}
	if x.order.OfferID != nil && why != Duplicate {
		return x, nil
	}
	return x, s.refundTx(ctx, tx, x, why, uuid.Nil, p.Amount-p.Refunded)
}

// asOnePart is the split of a fee whose making we do not know.
func asOnePart(p Payment) Split {
	return Split{Gross: p.Amount, Parts: []Part{{Amount: p.Fee}}}
}

// splitOf is how the fee of a payment is made up: as frozen, unless Stripe took
// another fee.
func (r *paymentRow) splitOf(p Payment) Split {
	if p.Status == PaymentSucceeded && p.Fee != r.Split.Fee() {
		return asOnePart(p)
	}
	return r.Split
}

// saveTx keeps what Stripe said last, if that is new.
func (r *paymentRow) saveTx(ctx context.Context, tx pgx.Tx, said Said) error {
	session := r.SessionID != nil && *r.SessionID == said.Session.ID
	if session && !r.booked && (said.Payment == nil || reflect.DeepEqual(r.Said, said.Payment)) {
		return nil
	}
	var payment *string
	if said.Payment != nil {
		payment = &said.Payment.ID
	}
	_, err := tx.Exec(ctx, `
		update payments set session_id = $2, payment_id = coalesce($3, payment_id), said = coalesce($4, said), revision = revision + 1,
		       paid_at = case when $5 then coalesce(paid_at, now()) else paid_at end
		where order_id = $1`, r.OrderID, said.Session.ID, payment, said.Payment, said.paid())
	if err != nil {
		return fmt.Errorf("save payment: %w", err)
	}
	return nil
}
