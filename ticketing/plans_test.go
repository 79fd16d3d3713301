package ticketing

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// What people and buyers' clicks ask for is found by an index, however many
// orders there were before.
func TestNothingIsReadWhole(t *testing.T) {
	b := setup(t)
	f := b.sale(5)
	ada := b.account("ada")
	o := b.buy(f, ada)
	b.exec(`
		insert into orders (id, offer_id, account_id, state, price, currency, expires_at, closed_at)
		select gen_random_uuid(), $1, $2, 'expired', 0, 'usd', now(), now() from generate_series(1, 20000)`, f.ID, ada)
	b.exec(`
		insert into stripe_calls (key, what, subject, request, spent_at)
		select 'k' || i, 'checkout', gen_random_uuid(), '{}', now() from generate_series(1, 20000) i`)
	b.exec(`analyze orders, stripe_calls`)
	for name, q := range map[string]struct {
		sql  string
		args []any
	}{
		"my tickets":  {listMine, []any{ada, listedOrders}},
		"seats":       {countSeats, []any{f.ID}},
		"buyers":      {selectBuyers, []any{f.ID, f.RoomID, MaxBuyers, uuid.Nil, uuid.Nil}},
		"more buyers": {selectBuyers, []any{f.ID, f.RoomID, MaxBuyers, o.ID, uuid.Nil}},
		"sold":        {selectSold, []any{f.RoomID}},
		"calls":       {`select count(*) from stripe_calls where subject = $1 and what = $2`, []any{o.ID, makesCheckout}},
	} {
		rows, _ := b.pool.Query(b.ctx, `explain `+q.sql, q.args...)
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		b.must(err)
		for _, line := range plan {
			if strings.Contains(line, "Seq Scan on orders") || strings.Contains(line, "Seq Scan on stripe_calls") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
	if all, err := b.Mine(b.ctx, ada); err != nil || len(all) != 1 {
		t.Errorf("%d orders of 1: %v", len(all), err)
	}
}
