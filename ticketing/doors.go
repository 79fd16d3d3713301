package ticketing

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// selectSold names states one by one, as the indexes do.
const selectSold = `
	select exists (select from offers f where f.room_id = $1 and f.cancelled_at is null
	               and (exists (select from orders o where o.offer_id = f.id and o.state = 'paid' and o.price > 0)
	                    or exists (select from orders o where o.offer_id = f.id and o.state = 'paying' and o.price > 0)))`

// SoldForMoneyTx says whether tickets of a room were sold for money and are good,
// or are being paid at this moment.
func (s *Store) SoldForMoneyTx(ctx context.Context, tx pgx.Tx, room uuid.UUID) (sold bool, err error) {
	if err = tx.QueryRow(ctx, selectSold, room).Scan(&sold); err != nil {
		return false, fmt.Errorf("find sold tickets: %w", err)
	}
	return sold, nil
}

// HoldersTx is HoldsTicketTx for many at once: it returns who among the accounts
// holds a ticket that is good at this moment, where the door asks for one.
func (s *Store) HoldersTx(ctx context.Context, tx pgx.Tx, room uuid.UUID, among []uuid.UUID) (asked bool, holders []uuid.UUID, err error) {
	err = tx.QueryRow(ctx, `select exists (select from offers where room_id = $1 and cancelled_at is null)`, room).Scan(&asked)
	if err != nil || !asked {
		return asked, nil, err
	}
	holders, err = ids(ctx, tx, `select account_id from tickets where room_id = $1 and account_id = any($2) and voided_at is null`, room, among)
	if err != nil {
		return asked, nil, fmt.Errorf("find tickets: %w", err)
	}
	return asked, holders, nil
}
