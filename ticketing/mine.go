package ticketing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// MyOrder is an order with what its buyer wants to know.
type MyOrder struct {
	Order
	RoomID          *uuid.UUID // nil when the room was deleted
	TicketID        *uuid.UUID // good or not
	IssuedAt        *time.Time
	RefundableUntil *time.Time // as promised, where there is a start to count from
	Refundable      bool       // now, by the buyer
	Used            bool       // its holder came in
	Ahead           *int       // how many payment pages are made before this one; nil when it is not waited for
}

const selectMine = `
	select o.id, o.offer_id, o.account_id, o.state, o.price, o.currency, o.complimentary, o.held_at, o.expires_at, o.extended, o.closed_at,
	       f.room_id, t.id as ticket_id, t.issued_at,
	       greatest(t.starts_at, r.starts_at) - make_interval(hours => t.refund_hours) as refundable_until,
	       o.state = 'paid' and t.refund_hours is not null and ` + promiseHolds + ` and not ` + ticketUsed + ` as refundable,
	       ` + ticketUsed + ` as used,
	       (select (select count(*) from stripe_calls c where c.what = 'checkout' and c.spent_at is null and c.sent_at < mine.sent_at)
	        from stripe_calls mine where mine.subject = o.id and mine.what = 'checkout' and mine.spent_at is null) as ahead
	from orders o left join offers f on f.id = o.offer_id left join tickets t on t.order_id = o.id left join rooms r on r.id = t.room_id`

// Which orders are of use to people. They name states as the indexes do: what was
// given up before money moved is in none of them, and in time is most of what
// there is.
const (
	moneyMoved    = `o.state in ('paid', 'refunding', 'refunded', 'disputed')`
	soldOrWaiting = `(o.state in ('held', 'paying') or ` + moneyMoved + `)` // of a person
	soldOrHeld    = `(o.network is not null or ` + moneyMoved + `)`         // of an offer: only who waits has a network
)

const listMine = selectMine + `
	where o.account_id = $1 and ` + soldOrWaiting + ` order by o.held_at desc, o.id desc limit $2`

// listedOrders bounds a list.
const listedOrders = 200

// Mine lists what an account bought, was given, or is about to pay, newest
// first. Seats that were given up before money moved are not in it.
func (s *Store) Mine(ctx context.Context, account uuid.UUID) ([]MyOrder, error) {
	rows, _ := s.pool.Query(ctx, listMine, account, listedOrders)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[MyOrder])
	if err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	return all, nil
}

// MyOrder reads one order of the account's, whatever became of it, or answers
// ErrNoOrder.
func (s *Store) MyOrder(ctx context.Context, account, id uuid.UUID) (MyOrder, error) {
	return one[MyOrder](ctx, s.pool, ErrNoOrder, selectMine+` where o.id = $1 and o.account_id = $2`, id, account)
}

// SeatOf reads the order by which an account has a seat of an offer, paid or
// not, or answers ErrNoOrder.
func (s *Store) SeatOf(ctx context.Context, account, offer uuid.UUID) (Order, error) {
	return one[Order](ctx, s.pool, ErrNoOrder, selectOrder+` where account_id = $1 and offer_id = $2 and state in ('held', 'paying', 'paid')`, account, offer)
}

// TicketOf reads the order a ticket of the account's belongs to, or answers
// ErrNoOrder.
func (s *Store) TicketOf(ctx context.Context, account, ticket uuid.UUID) (MyOrder, error) {
	return one[MyOrder](ctx, s.pool, ErrNoOrder, selectMine+` where t.id = $1 and o.account_id = $2`, ticket, account)
}

// Look reads an order of the account's, after asking Stripe what became of its
// checkout: whoever comes back from the payment page waits for no webhook.
func (s *Service) Look(ctx context.Context, account, id uuid.UUID) (MyOrder, error) {
	o, err := s.MyOrder(ctx, account, id)
	if err != nil || o.State != Paying {
		return o, err
	}
	var session *string
	err = s.pool.QueryRow(ctx, `select session_id from payments where order_id = $1`, id).Scan(&session)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && session == nil {
		return o, nil // the payment page is being made
	}
	if err != nil {
		return o, fmt.Errorf("read session: %w", err)
	}
	if err := s.Settle(ctx, *session); err != nil {
		return o, busy(err)
	}
	return s.MyOrder(ctx, account, id)
}
