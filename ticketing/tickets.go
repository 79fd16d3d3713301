package ticketing

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// issueTx makes the ticket of an order that is paid, with what was promised when
// its seat was held.
func issueTx(ctx context.Context, tx pgx.Tx, f Offer, o Order) error {
	_, err := tx.Exec(ctx, `
		insert into tickets (id, order_id, room_id, account_id, refund_hours, starts_at)
		values ($1, $2, $3, $4, (select refund_hours from orders where id = $2), (select starts_at from rooms where id = $3))
		on conflict (order_id) do update set voided_at = null`,
		uuid.Must(uuid.NewV7()), o.ID, f.RoomID, o.AccountID)
	if err != nil {
		return fmt.Errorf("issue ticket: %w", err)
	}
	return nil
}

// voidTx closes the doors to an order's ticket.
func voidTx(ctx context.Context, tx pgx.Tx, order uuid.UUID) error {
	if _, err := tx.Exec(ctx, `update tickets set voided_at = now() where order_id = $1 and voided_at is null`, order); err != nil {
		return fmt.Errorf("void ticket: %w", err)
	}
	return nil
}

// leaveTx takes an order out of paid, or out of what came after: no ticket, no
// seat.
func (s *Service) leaveTx(ctx context.Context, tx pgx.Tx, x *sale, to State) error {
	if err := voidTx(ctx, tx, x.order.ID); err != nil {
		return err
	}
	return moveTx(ctx, tx, &x.offer, &x.order, to)
}

// Give gives a seat away, within the cap: by the host of a room that is not
// over. The id is the giver's, so that giving twice is giving once.
func (s *Service) Give(ctx context.Context, host, room, to, id uuid.UUID) (o Order, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if err := sellerTx(ctx, tx, host, room); err != nil {
			return err
		}
		f, err := one[Offer](ctx, tx, ErrNoOffer, selectOffer+` where room_id = $1 for update`, room)
		if err != nil {
			return err
		}
		o, err = one[Order](ctx, tx, ErrNoOrder, selectOrder+` where id = $1`, id)
		switch {
		case err == nil && (o.AccountID == nil || *o.AccountID != to || *o.OfferID != f.ID):
			return ErrOrderID
		case !errors.Is(err, ErrNoOrder):
			return err
		case f.CancelledAt != nil:
			return ErrSaleOver
		case f.Taken >= f.Cap:
			return ErrSoldOut
		}
		if o, err = giveTx(ctx, tx, f, to, id); err != nil {
			return err
		}
		if err := s.sellTx(ctx, tx, &f, &o); err != nil {
			return err
		}
		return auditTx(ctx, tx, host, "give", id.String(), map[string]any{"to": to, "room": room})
	})
	if postgres.Constraint(err) == "orders_one_seat" {
		err = ErrHaveSeat
	}
	return o, err
}

// giveTx makes an order that costs nothing, about to be sold.
func giveTx(ctx context.Context, tx pgx.Tx, f Offer, to, id uuid.UUID) (Order, error) {
	return one[Order](ctx, tx, ErrNoBuyer, `
		insert into orders (id, offer_id, account_id, state, price, currency, refund_hours, complimentary, expires_at, closed_at)
		select $1, $2, id, 'cancelled', 0, $4, $5, true, now(), now() from accounts where id = $3 returning `+orderColumns, id, f.ID, to, f.Currency, f.RefundHours)
}

// HoldsTicketTx says whether a room's door asks for a ticket, and whether the
// account holds one that is good at this moment.
func (s *Store) HoldsTicketTx(ctx context.Context, tx pgx.Tx, account, room uuid.UUID) (asked, held bool, err error) {
	err = tx.QueryRow(ctx, `
		select exists (select from offers where room_id = $2 and cancelled_at is null),
		       exists (select from tickets where room_id = $2 and account_id = $1 and voided_at is null)`, account, room).Scan(&asked, &held)
	return asked, held, err
}
