package ticketing

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres/postgrestest"
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

// Who gives seats keeps the plan that was made on a morning without orders or
// people: also then, each of them is looked up.
func TestSeatsAreLookedUp(t *testing.T) {
	b := setup(t)
	b.sale(5)
	b.exec(`vacuum (analyze) orders, accounts, offers, rooms`)
	const none = `'00000000-0000-0000-0000-000000000000', '{}', '{}', '{}'`
	for name, q := range map[string]struct{ sql, args string }{
		"all":  {seatAll, none + `, '1 hour', 5, 20`},
		"each": {judgeEach, none + `, 5, 20, '1 hour'`},
	} {
		conn, err := postgrestest.Indexed(t, b.pool).Acquire(b.ctx)
		b.must(err)
		_, err = conn.Exec(b.ctx, `prepare seats as `+q.sql)
		b.must(err)
		rows, _ := conn.Query(b.ctx, `explain execute seats(`+q.args+`)`)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		b.must(err)
		conn.Release()
		looked := map[string]bool{}
		for i, line := range lines {
			scan := scanned.FindStringSubmatch(line)
			if scan == nil {
				continue
			}
			looked[scan[1]] = true
			if i+1 == len(lines) || !strings.Contains(lines[i+1], "Index Cond: ") {
				t.Errorf("%s: reads everything: %s", name, line)
			}
		}
		for _, table := range []string{"offers", "orders", "accounts", "rooms"} {
			if !looked[table] {
				t.Errorf("%s: %s are not looked up", name, table)
			}
		}
	}
}

// scanned matches what reads a table in a plan, but not how a bitmap's rows are
// fetched.
var scanned = regexp.MustCompile(`(?:Seq Scan|Index Scan using \S+|Index Only Scan using \S+|Bitmap Index Scan) on (offers|orders|accounts|rooms)`)
