package ticketing

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"salon/internal/postgres"
)

// The schema refuses what the ledger must never hold, whoever writes it.
func TestTheLedgerGuardsItself(t *testing.T) {
	b := setup(t)
	o := b.buy(b.sale(2), b.account("buyer"))
	enter := func(entries balances) error {
		return postgres.InTx(b.ctx, b.pool, func(tx pgx.Tx) error { return enterTx(b.ctx, tx, o.ID, "correction", entries) })
	}
	usd := func(account string) line { return line{account, 0, "usd"} }
	for name, entries := range map[string]balances{
		"one side":                {usd(ofHost): 5},
		"more in than out":        {usd(ofHost): 5, usd(ofBuyer): -4},
		"zero over currencies":    {usd(ofHost): 5, line{ofBuyer, 0, "eur"}: -5},
		"an account of no kind":   {usd("petty cash"): 5, usd(ofBuyer): -5},
		"a tier of another's":     {line{ofHost, 1, "usd"}: 5, usd(ofBuyer): -5},
		"a line that moves none":  {usd(ofHost): 0},
		"a currency in words":     {line{ofHost, 0, "dollars"}: 5, line{ofBuyer, 0, "dollars"}: -5},
		"one currency off of two": {usd(ofHost): 5, usd(ofBuyer): -5, line{ofHost, 0, "eur"}: 1},
	} {
		if enter(entries) == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if postgres.Constraint(enter(balances{usd(ofHost): 5})) != "ledger_zero_sum" {
		t.Error("the constraint has no name")
	}
	if err := enter(balances{usd(ofHost): 5, usd(ofBuyer): -5, line{ofHost, 0, "eur"}: 1, line{ofBuyer, 0, "eur"}: -1}); err != nil {
		t.Errorf("what is zero in each currency: %v", err)
	}
	for _, sql := range []string{
		`update ledger_entries set amount = amount * 2`, `delete from ledger_entries`, `truncate ledger_entries`,
		`update ledger_transactions set kind = 'sale'`, `delete from ledger_transactions`, `truncate ledger_transactions cascade`,
		`delete from sales_audit`, `update sales_audit set action = 'nothing'`,
	} {
		if _, err := b.pool.Exec(b.ctx, sql); err == nil {
			t.Errorf("%s was done", sql)
		}
	}
}

// Whatever Stripe says of a payment, what the ledger makes of it is zero in each
// currency, and the platform's and host's parts are what Stripe moved.
func TestWhateverStripeSaysIsZeroSum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		split := drawTerms(t).Split(rapid.Int64Range(0, 1_000_000).Draw(t, "before"), rapid.Int64Range(50, maxAmount).Draw(t, "gross"))
		p := Payment{Status: PaymentSucceeded, Amount: split.Gross, Currency: "usd", Fee: split.Fee(),
			FeeRefunded: rapid.Int64Range(0, split.Fee()).Draw(t, "fee refunded"),
			Refunded:    rapid.Int64Range(0, split.Gross).Draw(t, "refunded"), Reversed: rapid.Int64Range(0, split.Gross).Draw(t, "reversed"),
			Withdrawn: rapid.Int64Range(0, split.Gross).Draw(t, "withdrawn"), DisputeFee: rapid.Int64Range(0, 2000).Draw(t, "dispute fee")}
		if rapid.Bool().Draw(t, "processing known") {
			p.Processing = &Processing{rapid.Int64Range(0, 5000).Draw(t, "processing"), rapid.SampledFrom([]string{"usd", "eur"}).Draw(t, "settled in")}
		}
		sums, platform := map[string]int64{}, int64(0)
		for l, amount := range standing(split, p) {
			sums[l.Currency] += amount
			if l.Account == ofCut || l.Account == ofDifference || l.Account == ofAbsorbed || l.Account == ofProcessing {
				platform += amount
			}
		}
		if sums["usd"] != 0 || sums["eur"] != 0 {
			t.Fatalf("off by %v", sums)
		}
		// What remains with the platform: its fee, less what Stripe took of it and
		// what it gave back alone.
		moved := p.Fee - p.FeeRefunded + p.Reversed - p.Refunded - p.Withdrawn - p.DisputeFee
		if p.Processing != nil {
			moved -= p.Processing.Amount
		}
		if platform != moved {
			t.Fatalf("the platform has %d in the ledger, %d at Stripe", platform, moved)
		}
	})
}

// The fee is frozen when the page is made, by what was sold until then, and
// splits the sale that straddles the tier.
func TestTheTierIsReachedAndLeft(t *testing.T) {
	b := setup(t)
	f, people := b.sale(10), b.people(4)
	b.exec(`insert into host_sales (host_id, currency, gross) values ($1, 'usd', $2)`, f.HostID, 50_000_00-750)
	early := b.checkout(f, people[0])
	b.buy(f, people[1])               // wholly below
	straddling := b.buy(f, people[2]) // 250 below, 250 above
	above := b.buy(f, people[3])
	b.stripe.pay(early.ID)
	b.must(b.settleOrder(early.ID)) // frozen below, paid above
	cut := func(o Order) int64 {
		return b.number(`select sum(amount)::bigint from ledger_entries where order_id = $1 and account = 'cut'`, o.ID)
	}
	if cut(early) != 15 || cut(straddling) != 8+50 || cut(above) != 100 {
		t.Errorf("cuts %d, %d, %d", cut(early), cut(straddling), cut(above))
	}
	_, err := b.Refund(b.ctx, people[3], above.ID)
	b.must(err)
	b.work()
	if n := b.number(`select gross from host_sales`); n != 50_000_00-750+1500 {
		t.Errorf("sold %d over all time", n)
	}
	st, err := b.Statement(b.ctx, *f.HostID, *f.RoomID)
	b.must(err)
	if len(st.Tiers) != 2 || st.Tiers[0].Cut != 15+15+8 || st.Tiers[1].Cut != 50 {
		t.Errorf("tiers %+v", st.Tiers)
	}
}
