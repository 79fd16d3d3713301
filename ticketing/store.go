package ticketing

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// querier is a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

const (
	offerColumns = `id, room_id, host_id, payout_id, price, currency, tax_bp, cap, taken, opens_at, closes_at, refund_hours, created_at, cancelled_at`
	selectOffer  = `select ` + offerColumns + ` from offers`

	orderColumns = `id, offer_id, account_id, state, price, currency, complimentary, held_at, expires_at, extended, closed_at`
	selectOrder  = `select ` + orderColumns + ` from orders`
)

// one reads a single row, or answers with the refusal when there is none.
func one[T any](ctx context.Context, q querier, none error, sql string, args ...any) (T, error) {
	rows, _ := q.Query(ctx, sql, args...)
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return t, none
	}
	return t, err
}

// ids reads a column of ids.
func ids(ctx context.Context, q querier, sql string, args ...any) ([]uuid.UUID, error) {
	rows, _ := q.Query(ctx, sql, args...)
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}

// Offer reads what a room sells, or answers ErrNoOffer.
func (s *Store) Offer(ctx context.Context, room uuid.UUID) (Offer, error) {
	return one[Offer](ctx, s.pool, ErrNoOffer, selectOffer+` where room_id = $1`, room)
}

// Order reads an order of the account's, or answers ErrNoOrder.
func (s *Store) Order(ctx context.Context, account, id uuid.UUID) (Order, error) {
	return one[Order](ctx, s.pool, ErrNoOrder, selectOrder+` where id = $1 and account_id = $2`, id, account)
}

// lockOfferTx locks an offer until the transaction ends.
func lockOfferTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Offer, error) {
	return one[Offer](ctx, tx, ErrNoOffer, selectOffer+` where id = $1 for update`, id)
}

// lockTx locks an order's offer and then the order: everyone does so in this
// sequence, so that nobody waits in a circle. The offer is the zero one where
// an order has none.
func lockTx(ctx context.Context, tx pgx.Tx, id uuid.UUID) (f Offer, o Order, err error) {
	o, err = one[Order](ctx, tx, ErrNoOrder, selectOrder+` where id = $1`, id)
	if err != nil {
		return f, o, err
	}
	if o.OfferID != nil {
		if f, err = lockOfferTx(ctx, tx, *o.OfferID); err != nil {
			return f, o, err
		}
	}
	o, err = one[Order](ctx, tx, ErrNoOrder, selectOrder+` where id = $1 for update`, id)
	return f, o, err
}

// lockMineTx is lockTx of an order that must be the account's.
func lockMineTx(ctx context.Context, tx pgx.Tx, account, id uuid.UUID) (Offer, Order, error) {
	f, o, err := lockTx(ctx, tx, id)
	if err == nil && (o.AccountID == nil || *o.AccountID != account) {
		err = ErrNoOrder
	}
	return f, o, err
}

// moveTx puts a locked order into another state, and takes its seat or frees
// it: the offer must be locked, and is changed with the order.
func moveTx(ctx context.Context, tx pgx.Tx, f *Offer, o *Order, to State) error {
	err := tx.QueryRow(ctx, `
		update orders set state = $2, closed_at = case when $2 in ('held', 'paying', 'paid', 'refunding') then null else now() end,
		       network = case when $2 in ('held', 'paying') then network end
		where id = $1 returning closed_at`, o.ID, to).Scan(&o.ClosedAt)
	if err != nil {
		return fmt.Errorf("move order: %w", err)
	}
	seats := 0
	if to.TakesSeat() {
		seats++
	}
	if o.State.TakesSeat() {
		seats--
	}
	o.State = to
	if seats == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `update offers set taken = taken + $2 where id = $1`, f.ID, seats); err != nil {
		return fmt.Errorf("count seats: %w", err)
	}
	f.Taken += seats
	return nil
}
