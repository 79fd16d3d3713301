package stripesim

// applicationFee is what the platform keeps of a payment to a connected account.
type applicationFee struct {
	base
	Account            string   `json:"account"`
	Amount             int64    `json:"amount"`
	AmountRefunded     int64    `json:"amount_refunded"`
	Application        string   `json:"application"`
	BalanceTransaction optional `json:"balance_transaction"`
	Charge             string   `json:"charge"` // the connected account's
	Currency           string   `json:"currency"`
	Livemode           bool     `json:"livemode"`
	Originating        optional `json:"originating_transaction"` // the platform's charge
	Refunded           bool     `json:"refunded"`
	Refunds            *page    `json:"refunds"`
}

// feeRefund gives a connected account some of a fee back.
type feeRefund struct {
	base
	Amount             int64             `json:"amount"`
	BalanceTransaction optional          `json:"balance_transaction"`
	Currency           string            `json:"currency"`
	Fee                string            `json:"fee"`
	Metadata           map[string]string `json:"metadata"`
}

// theApplication is the platform's id as an application.
const theApplication = "ca_simulated"

// takeFee books the fee of a destination charge; the other side of it is the
// fee of the payment.
func (st *state) takeFee(ch, payment *charge, amount int64) {
	f := &applicationFee{base: st.base("fee", "application_fee", ""), Account: payment.Owner, Amount: amount, Application: theApplication,
		Charge: payment.ID, Currency: ch.Currency, Originating: optional(ch.ID)}
	f.Refunds = listed[*feeRefund](nil, "/v1/application_fees/"+f.ID+"/refunds")
	f.BalanceTransaction = optional(st.book(entry{of: f, kind: "application_fee", amount: amount, currency: ch.Currency, available: st.availableFor(ch)}).ID)
	add(st, &st.Fees, f)
	ch.ApplicationFee, payment.ApplicationFee, payment.ApplicationFeeMinor = optional(f.ID), optional(f.ID), &amount
	st.emit("application_fee.created", f)
}

// feeOf is the fee taken from what a transfer brought, nil when there was none.
func (st *state) feeOf(t *transfer) *applicationFee {
	f, _ := st.index[string(must[*charge](st, optional(t.DestinationPayment)).ApplicationFee)].(*applicationFee)
	return f
}

// share is the part of a fee that goes back with an amount of a whole of
// which some went back before. Rounded so that the parts of a whole add up.
func (f *applicationFee) share(before, amount, whole int64) int64 {
	upTo := func(part int64) int64 { return (2*f.Amount*part + whole) / (2 * whole) }
	return min(upTo(before+amount)-upTo(before), f.Amount-f.AmountRefunded)
}

// refundFee gives some of a fee back on the platform's side; 0 is nothing.
func (st *state) refundFee(f *applicationFee, amount int64, metadata map[string]string) *feeRefund {
	if amount == 0 {
		return nil
	}
	r := &feeRefund{base: st.base("fr", "fee_refund", ""), Amount: amount, Currency: f.Currency, Fee: f.ID, Metadata: metadata}
	r.BalanceTransaction = optional(st.book(entry{of: r, kind: "application_fee_refund", amount: -amount, currency: f.Currency}).ID)
	add(st, &st.FeeRefunds, r)
	f.AmountRefunded += amount
	f.Refunded = f.AmountRefunded == f.Amount
	f.Refunds = listed(st.refundsOfFee(f), f.Refunds.URL)
	st.emit("application_fee.refunded", f)
	return r
}

func (st *state) refundsOfFee(f *applicationFee) (all []*feeRefund) {
	for _, r := range st.FeeRefunds {
		if r.Fee == f.ID {
			all = append(all, r)
		}
	}
	return all
}

func getFee(st *state, c *call) (any, error) {
	return find[*applicationFee](st, c.account, c.id(), "application fee", "id")
}

func listFees(st *state, c *call) (any, error) {
	return list(c, st.Fees, func(f *applicationFee) bool { return c.is("charge", f.Charge) })
}

// createFeeRefund gives a fee back by itself: the connected account gets it as
// an adjustment.
func createFeeRefund(st *state, c *call) (any, error) {
	f, err := find[*applicationFee](st, c.account, c.id(), "application fee", "id")
	if err != nil {
		return nil, err
	}
	left := f.Amount - f.AmountRefunded
	amount := c.integer("amount", left)
	if c.err != nil {
		return nil, c.err
	}
	if amount < 1 || amount > left {
		return nil, invalid("", "amount", "Refund amount (%s) is greater than unrefunded amount on application fee (%s)", formatAmount(amount, f.Currency), formatAmount(left, f.Currency))
	}
	st.book(entry{of: must[*charge](st, optional(f.Charge)), kind: "adjustment", amount: amount, currency: f.Currency, category: "other_adjustment"})
	return st.refundFee(f, amount, c.pairs("metadata")), nil
}

func listFeeRefunds(st *state, c *call) (any, error) {
	f, err := find[*applicationFee](st, c.account, c.id(), "application fee", "id")
	if err != nil {
		return nil, err
	}
	return list(c, st.refundsOfFee(f), func(*feeRefund) bool { return true })
}

func getFeeRefund(st *state, c *call) (any, error) {
	r, err := find[*feeRefund](st, c.account, c.r.PathValue("refund"), "fee refund", "id")
	if err == nil && r.Fee != c.id() {
		err = missingResource("fee refund", r.ID, "id")
	}
	return r, err
}
