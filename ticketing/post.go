package ticketing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Post writes to people about their tickets. Package accounts knows their
// address and language.
type Post interface {
	// TicketLetterTx sends a letter once tx has committed, and never if it is
	// rolled back.
	TicketLetterTx(ctx context.Context, tx pgx.Tx, l Letter) error
}

// Occasion is why a letter is written.
type Occasion string

// The occasions.
const (
	Receipt   Occasion = "receipt" // a ticket was bought, for money or for nothing
	Gift      Occasion = "gift"    // a ticket was given
	MoneyBack Occasion = "refund"  // a payment goes back, or a free ticket was taken back
)

// Letter is one change of an order, for the person whose order it is.
type Letter struct {
	Occasion Occasion
	To       uuid.UUID
	Order    uuid.UUID
	Title    string     // of the room, in the host's words; "" when it is gone
	Seller   string     // handle of the host; "" when the account is gone
	StartsAt *time.Time // nil: not announced
	Amount   int64      // paid, or going back, in minor units
	Tax      int64      // inside an amount that was paid
	Currency string
	Why      Reason // money goes back
}

// WriteBy lets the service write to people. It is called before anything is
// sold; without it, nobody is written to.
func (s *Service) WriteBy(post Post) { s.post = post }

// receiptTx writes to whom an order's ticket was just issued.
func (s *Service) receiptTx(ctx context.Context, tx pgx.Tx, o Order) error {
	l := Letter{Occasion: Receipt, Amount: o.Price}
	if o.Complimentary {
		l.Occasion = Gift
	}
	return s.writeTx(ctx, tx, o, l)
}

// moneyBackTx writes to somebody whose money begins to go back, or who loses a
// free ticket that they did not give back themselves.
func (s *Service) moneyBackTx(ctx context.Context, tx pgx.Tx, o Order, why Reason, amount int64) error {
	if amount <= 0 && (o.Price > 0 || why == ByBuyer) {
		return nil
	}
	return s.writeTx(ctx, tx, o, Letter{Occasion: MoneyBack, Amount: amount, Why: why})
}

// writeTx fills in what every letter says.
func (s *Service) writeTx(ctx context.Context, tx pgx.Tx, o Order, l Letter) error {
	if s.post == nil || o.AccountID == nil {
		return nil
	}
	l.To, l.Order, l.Currency = *o.AccountID, o.ID, o.Currency
	var tax int64
	err := tx.QueryRow(ctx, `
		select coalesce(r.title, ''), coalesce(a.handle, ''), r.starts_at, coalesce(p.tax, 0)
		from offers f left join rooms r on r.id = f.room_id left join accounts a on a.id = f.host_id left join payments p on p.order_id = $2
		where f.id = $1`, o.OfferID, o.ID).Scan(&l.Title, &l.Seller, &l.StartsAt, &tax)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) { // an offer that we do not know
		return fmt.Errorf("read what was sold: %w", err)
	}
	if l.Occasion == Receipt {
		l.Tax = tax
	}
	return s.post.TicketLetterTx(ctx, tx, l)
}
