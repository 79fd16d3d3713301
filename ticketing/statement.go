package ticketing

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Sums are where the money of sales went, in minor units:
// Gross - Refunded - Cut - Processing + Absorbed = Net, exactly.
type Sums struct {
	Gross      int64 // paid by buyers
	Refunded   int64 // and given back to them
	Cut        int64 // of the platform, less what it gave back
	Processing int64 // borne by the host, less what was given back
	Absorbed   int64 // given back to buyers by the platform alone
	Net        int64 // paid to the host
}

// Statement is the account of a room's sale.
type Statement struct {
	RoomID   uuid.UUID
	Currency string
	Tax      int64 // inside what was paid and not refunded in full
	Sums
	Tiers []TierCut
	Lines []StatementLine // order by order; the sums are theirs
}

// TierCut is what one tier of the cut came to. Tier 0 is the fixed part and what
// the minimum added.
type TierCut struct {
	Tier int
	Cut  int64
}

// StatementLine is one order of a statement.
type StatementLine struct {
	Order  uuid.UUID
	State  State
	PaidAt time.Time
	Tax    int64
	Sums
}

// Statement is for whoever sells: the room's host, and an admin. A room in which
// nothing was sold has an empty one.
func (s *Store) Statement(ctx context.Context, reader, room uuid.UUID) (st Statement, err error) {
	f, err := s.mayReadSale(ctx, reader, room)
	if err != nil {
		return st, err
	}
	st = Statement{RoomID: room, Currency: f.Currency}
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return st.readTx(ctx, tx, f)
	})
	return st, err
}

// readTx reads the orders first and then what the ledger has of them: asked for
// the room's, it would add up everybody's.
func (st *Statement) readTx(ctx context.Context, tx pgx.Tx, f Offer) error {
	orders, err := ids(ctx, tx, `
		select o.id from orders o join payments p on p.order_id = o.id where o.offer_id = $1 and `+moneyMoved+` and p.paid_at is not null`, f.ID)
	if err != nil {
		return fmt.Errorf("list orders: %w", err)
	}
	rows, _ := tx.Query(ctx, `
		select o.id as "order", o.state, p.paid_at, case when o.state in ('refunding', 'refunded') then 0 else p.tax end as tax,
		       s.gross, refunded, cut, processing, absorbed, net
		from order_statements s join orders o on o.id = s.order_id join payments p on p.order_id = o.id
		where s.order_id = any($1) and s.currency = $2 order by p.paid_at, o.id`, orders, st.Currency)
	if st.Lines, err = pgx.CollectRows(rows, pgx.RowToStructByName[StatementLine]); err != nil {
		return fmt.Errorf("read orders: %w", err)
	}
	for _, l := range st.Lines {
		st.Tax += l.Tax
		st.Sums = st.Sums.and(l.Sums)
	}
	rows, _ = tx.Query(ctx, `
		select tier, sum(amount)::bigint as cut from ledger_entries
		where order_id = any($1) and currency = $2 and account = 'cut' group by tier order by tier`, orders, st.Currency)
	if st.Tiers, err = pgx.CollectRows(rows, pgx.RowToStructByName[TierCut]); err != nil {
		return fmt.Errorf("read cuts: %w", err)
	}
	return nil
}

func (s Sums) and(t Sums) Sums {
	return Sums{s.Gross + t.Gross, s.Refunded + t.Refunded, s.Cut + t.Cut, s.Processing + t.Processing, s.Absorbed + t.Absorbed, s.Net + t.Net}
}

// WriteCSV writes a statement as a table with the sums as its last row. Amounts
// are decimal numbers of major units.
func (st Statement) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	row := func(order, state, at string, tax int64, s Sums) {
		cells := []string{order, state, at, st.Currency}
		for _, amount := range []int64{s.Gross, s.Refunded, s.Cut, s.Processing, s.Absorbed, s.Net, tax} {
			cells = append(cells, Plain(amount, st.Currency))
		}
		out.Write(cells)
	}
	out.Write([]string{"order", "state", "paid_at", "currency", "gross", "refunded", "cut", "processing", "absorbed", "net", "tax_included"})
	for _, l := range st.Lines {
		row(l.Order.String(), string(l.State), l.PaidAt.UTC().Format(time.RFC3339), l.Tax, l.Sums)
	}
	row("total", "", "", st.Tax, st.Sums)
	out.Flush()
	return out.Error()
}
