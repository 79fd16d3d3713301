package stripesim_test

import (
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"salon/ticketing/stripesim"
)

// What Stripe keeps is what was configured, in each currency.
func TestFees(t *testing.T) {
	b := setup(t, func(c *stripesim.Config) {
		c.Fees = map[string]stripesim.Fee{"eur": {BasisPoints: 150, Fixed: 25}, "jpy": {BasisPoints: 360}}
	})
	for currency, c := range map[string]struct{ price, fee int64 }{"usd": {2000, 88}, "eur": {2000, 55}, "jpy": {1000, 36}, "gbp": {1017, 59}} {
		p := b.ticket("")
		p.LineItems[0].PriceData.Currency, p.LineItems[0].PriceData.UnitAmount = stripe.String(currency), stripe.Int64(c.price)
		s := b.open(p)
		b.pay(s, cardForm(goodCard))
		movement := b.getSession(s.ID).PaymentIntent.LatestCharge.BalanceTransaction
		want(t, currency+": fee", movement.Fee, c.fee)
		want(t, currency+": net", movement.Net, c.price-c.fee)
		want(t, currency+": of whom", movement.FeeDetails[0].Type, "stripe_fee")
		b.holds("", currency, c.price-c.fee)
	}
}

// Money is pending for two days.
func TestAvailable(t *testing.T) {
	b := setup(t)
	b.sold("")
	now := func() (available, pending int64) {
		balance, err := b.stripe.Balance.Get(nil)
		b.ok(err)
		return balance.Available[0].Amount, balance.Pending[0].Amount
	}
	available, pending := now()
	want(t, "available", available, 0)
	want(t, "pending", pending, 1912)
	b.ok(b.control.Advance(b.ctx, 49*time.Hour))
	available, pending = now()
	want(t, "available after two days", available, 1912)
	want(t, "pending after two days", pending, 0)
}

// A transfer of one's own needs money that is there, and can be taken back only
// as far as it is.
func TestTransfers(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	params := func(minor int64) *stripe.TransferParams {
		return &stripe.TransferParams{Amount: stripe.Int64(minor), Currency: stripe.String("usd"), Destination: stripe.String(seller), TransferGroup: stripe.String("order-1")}
	}
	b.sold("") // pending
	_, err := b.stripe.Transfers.New(params(100))
	invalid(t, err, stripe.ErrorCodeBalanceInsufficient)
	s := b.open(b.ticket(""))
	b.pay(s, cardForm(atOnceCard))
	transfer, err := b.stripe.Transfers.New(params(100))
	b.ok(err)
	b.holds(seller, "usd", 100)
	b.holds("", "usd", 2*1912-100)
	list := b.stripe.Transfers.List(&stripe.TransferListParams{TransferGroup: stripe.String("order-1"), Destination: stripe.String(seller)})
	want(t, "listed", list.Next(), true)
	want(t, "listed", list.Transfer().ID, transfer.ID)

	_, err = b.stripe.TransferReversals.New(&stripe.TransferReversalParams{ID: stripe.String(transfer.ID), Amount: stripe.Int64(101)})
	invalid(t, err, "")
	part, err := b.stripe.TransferReversals.New(&stripe.TransferReversalParams{ID: stripe.String(transfer.ID), Amount: stripe.Int64(40)})
	b.ok(err)
	b.holds(seller, "usd", 60)
	again, err := b.stripe.TransferReversals.Get(part.ID, &stripe.TransferReversalParams{ID: stripe.String(transfer.ID)})
	b.ok(err)
	want(t, "reversal", again.Amount, 40)
	_, err = b.control.PayOut(b.ctx, seller, "usd")
	b.ok(err)
	_, err = b.stripe.TransferReversals.New(&stripe.TransferReversalParams{ID: stripe.String(transfer.ID)})
	invalid(t, err, stripe.ErrorCodeBalanceInsufficient)
	for name, spoil := range map[string]func(*stripe.TransferParams){
		"nobody": func(p *stripe.TransferParams) { p.Destination = stripe.String("acct_none") },
		"unable": func(p *stripe.TransferParams) { p.Destination = stripe.String(b.account()) },
	} {
		p := params(1)
		spoil(p)
		if _, err := b.stripe.Transfers.New(p); err == nil {
			t.Errorf("%s was paid", name)
		}
	}
}

// A transfer out of a charge does not wait for its money, and takes no more
// than the charge brought.
func TestTransferFromCharge(t *testing.T) {
	b := setup(t)
	seller, s := b.seller(), b.sold("")
	params := &stripe.TransferParams{Amount: stripe.Int64(1500), Currency: stripe.String("usd"), Destination: stripe.String(seller),
		SourceTransaction: stripe.String(s.PaymentIntent.LatestCharge.ID)}
	_, err := b.stripe.Transfers.New(params)
	b.ok(err)
	_, err = b.stripe.Transfers.New(params)
	invalid(t, err, stripe.ErrorCodeBalanceInsufficient)
	b.holds(seller, "usd", 1500)
}

// What a destination charge moved comes back even from an empty account, and
// the fee with it.
func TestReversalBelowZero(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	s := b.sold(seller)
	_, err := b.control.PayOut(b.ctx, seller, "usd")
	b.ok(err)
	b.holds(seller, "usd", 0)
	transfer := b.charge(s).Transfer.ID
	_, err = b.stripe.TransferReversals.New(&stripe.TransferReversalParams{ID: stripe.String(transfer), RefundApplicationFee: stripe.Bool(true)})
	b.ok(err)
	b.holds(seller, "usd", -1900)
	b.holds("", "usd", 1912)
	_, err = b.stripe.TransferReversals.New(&stripe.TransferReversalParams{ID: stripe.String(transfer), Amount: stripe.Int64(1)})
	invalid(t, err, "")
}

func TestFeeRefundAlone(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	s := b.sold(seller)
	id := b.charge(s).ApplicationFee.ID
	r, err := b.stripe.FeeRefunds.New(&stripe.FeeRefundParams{ID: stripe.String(id), Amount: stripe.Int64(30)})
	b.ok(err)
	b.holds(seller, "usd", 1930)
	b.holds("", "usd", 12-30)
	_, err = b.stripe.FeeRefunds.New(&stripe.FeeRefundParams{ID: stripe.String(id), Amount: stripe.Int64(71)})
	invalid(t, err, "")
	got, err := b.stripe.FeeRefunds.Get(r.ID, &stripe.FeeRefundParams{Fee: stripe.String(id)})
	b.ok(err)
	want(t, "fee refund", got.Amount, 30)
	// What is left of the fee goes back with the sale, and no more.
	b.refund(s, 0)
	b.holds(seller, "usd", 0)
	b.holds("", "usd", -88)
}

func TestPayouts(t *testing.T) {
	b := setup(t)
	seller := b.seller()
	connect := b.listen(true, "*")
	if _, err := b.control.PayOut(b.ctx, seller, "usd"); err == nil {
		t.Error("nothing was paid out")
	}
	b.sold(seller)
	id, err := b.control.PayOut(b.ctx, seller, "usd")
	b.ok(err)
	p := &stripe.PayoutParams{}
	p.SetStripeAccount(seller)
	payout, err := b.stripe.Payouts.Get(id, p)
	b.ok(err)
	want(t, "amount", payout.Amount, 1900)
	mine := &stripe.PayoutListParams{}
	mine.SetStripeAccount(seller)
	payouts := b.stripe.Payouts.List(mine)
	want(t, "listed", payouts.Next(), true)
	want(t, "listed", payouts.Payout().ID, id)
	want(t, "status", payout.Status, stripe.PayoutStatusPaid)
	b.holds(seller, "usd", 0)
	same(t, "events", connect.types(), []string{"payout.created", "payout.paid"})
	movements := &stripe.BalanceTransactionListParams{Payout: stripe.String(id)}
	movements.SetStripeAccount(seller)
	n, list := 0, b.stripe.BalanceTransactions.List(movements)
	for list.Next() {
		n++
	}
	b.ok(list.Err())
	want(t, "movements in the payout", n, 2)
}
