package ticketing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// The accounts of the ledger. What comes in is positive.
const (
	ofBuyer      = "buyer"      // less than zero: what buyers paid and did not get back
	ofHost       = "host"       // what hosts were paid
	ofCut        = "cut"        // what the platform earned, tier by tier
	ofProcessing = "processing" // taken from hosts for Stripe, while what Stripe took is not known
	ofStripe     = "stripe"     // what Stripe kept
	ofDifference = "difference" // between what hosts bore of processing and what Stripe kept; the platform's
	ofAbsorbed   = "absorbed"   // less than zero: what the platform gave back and did not get back
)

// line is one account in one currency.
type line struct {
	Account  string
	Tier     int
	Currency string
}

// balances say how much came into each account.
type balances map[line]int64

// standing is what the ledger must say of a payment as Stripe tells it now. It
// is zero in each currency, whatever Stripe says.
func standing(split Split, p Payment) balances {
	b := balances{}
	if p.Status != PaymentSucceeded {
		return b
	}
	of := func(account string) line { return line{account, 0, p.Currency} }
	parts, processing := split.given(p.FeeRefunded)
	b[of(ofBuyer)] = p.Refunded + p.Withdrawn - p.Amount
	b[of(ofHost)] = p.Amount - p.Reversed - p.Fee + p.FeeRefunded
	for i, part := range split.Parts {
		b[line{ofCut, part.Tier, p.Currency}] += part.Amount - parts[i]
	}
	b[of(ofStripe)] = p.DisputeFee
	b[of(ofAbsorbed)] = p.Reversed - p.Refunded - p.Withdrawn - p.DisputeFee
	b[of(ofDifference)] = -processing
	if p.Processing == nil {
		b[of(ofProcessing)] = split.Processing
		return b
	}
	b[of(ofDifference)] += split.Processing
	b[line{ofStripe, 0, p.Processing.Currency}] += p.Processing.Amount
	b[line{ofDifference, 0, p.Processing.Currency}] -= p.Processing.Amount
	return b
}

// bookTx brings the ledger of an order to what Stripe says, by one transaction
// of what is missing. The order is locked, so nothing is booked twice; where
// nothing is missing, nothing is written.
func bookTx(ctx context.Context, tx pgx.Tx, x *sale, p *Payment) error {
	if p == nil {
		return nil
	}
	if p.Status == PaymentSucceeded && p.Fee != x.pay.Split.Fee() {
		detail := fmt.Sprintf("the fee is %d and should be %d", p.Fee, x.pay.Split.Fee())
		if err := alarmTx(ctx, tx, AlarmMismatch, x.order.ID.String(), &x.order.ID, detail); err != nil {
			return err
		}
	}
	want := standing(x.pay.splitOf(*p), *p)
	missing, first, err := missingTx(ctx, tx, x.order.ID, want)
	if err != nil || len(missing) == 0 {
		return err
	}
	x.pay.booked = true
	if err := enterTx(ctx, tx, x.order.ID, kindOf(missing, first), missing); err != nil {
		return err
	}
	if missing[line{ofAbsorbed, 0, p.Currency}] != 0 && !p.Disputed {
		if err := alarmTx(ctx, tx, AlarmAbsorbed, x.order.ID.String(), &x.order.ID, "a refund at Stripe took nothing back from the host"); err != nil {
			return err
		}
	}
	buyer := line{ofBuyer, 0, p.Currency}
	return countSaleTx(ctx, tx, x.offer.HostID, p.Currency, sold(want[buyer])-sold(want[buyer]-missing[buyer]))
}

// sold is what an order counts of its host's sales, by the balance of its buyer.
// Banks take back what was refunded before: then the order counts nothing, and
// not less.
func sold(buyer int64) int64 { return max(0, -buyer) }

// missingTx is what must still come into each account of an order.
func missingTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, want balances) (missing balances, first bool, err error) {
	has, err := balancesOf(ctx, tx, `order_id = $1`, order)
	if err != nil {
		return nil, false, err
	}
	missing = maps.Clone(want)
	for l, amount := range has {
		missing[l] -= amount
	}
	maps.DeleteFunc(missing, func(_ line, amount int64) bool { return amount == 0 })
	return missing, len(has) == 0, nil
}

// balancesOf adds up the entries of some orders.
func balancesOf(ctx context.Context, q querier, which string, args ...any) (balances, error) {
	rows, _ := q.Query(ctx, `
		select account, tier, currency, sum(amount)::bigint from ledger_entries where `+which+` group by account, tier, currency`, args...)
	b := balances{}
	var l line
	var amount int64
	_, err := pgx.ForEachRow(rows, []any{&l.Account, &l.Tier, &l.Currency, &amount}, func() error {
		b[l] = amount
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("add up ledger: %w", err)
	}
	return b, nil
}

// kindOf names what a transaction is about, for people who read the ledger.
func kindOf(missing balances, first bool) string {
	moves := func(account string) (sum int64) {
		for l, amount := range missing {
			if l.Account == account {
				sum += amount
			}
		}
		return sum
	}
	switch {
	case first:
		return "sale"
	case moves(ofBuyer) > 0 && moves(ofAbsorbed) != 0:
		return "dispute"
	case moves(ofBuyer) > 0:
		return "refund"
	case moves(ofBuyer) == 0 && moves(ofHost) == 0:
		return "processing"
	}
	return "correction"
}

// enterTx writes one transaction.
func enterTx(ctx context.Context, tx pgx.Tx, order uuid.UUID, kind string, entries balances) error {
	var n int
	err := tx.QueryRow(ctx, `
		insert into ledger_transactions (order_id, n, kind)
		select $1, coalesce(max(n), 0) + 1, $2 from ledger_transactions where order_id = $1 returning n`, order, kind).Scan(&n)
	if err != nil {
		return fmt.Errorf("enter transaction: %w", err)
	}
	batch := &pgx.Batch{}
	for _, l := range slices.SortedFunc(maps.Keys(entries), compareLines) {
		batch.Queue(`insert into ledger_entries (order_id, n, account, tier, currency, amount) values ($1, $2, $3, $4, $5, $6)`,
			order, n, l.Account, l.Tier, l.Currency, entries[l])
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("enter lines: %w", err)
	}
	return nil
}

func compareLines(a, b line) int {
	if c := strings.Compare(a.Account+a.Currency, b.Account+b.Currency); c != 0 {
		return c
	}
	return a.Tier - b.Tier
}

// countSaleTx adds to what a host sold over all time.
func countSaleTx(ctx context.Context, tx pgx.Tx, host *uuid.UUID, code string, gross int64) error {
	if host == nil || gross == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	batch.Queue(`insert into host_sales (host_id, currency, gross) values ($1, $2, 0) on conflict do nothing`, host, code)
	batch.Queue(`update host_sales set gross = gross + $3 where host_id = $1 and currency = $2`, host, code, gross)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("count sale: %w", err)
	}
	return nil
}
