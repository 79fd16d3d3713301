package stripesim

// transferReversal takes money of a transfer back from the connected account.
type transferReversal struct {
	base
	Amount             int64             `json:"amount"`
	BalanceTransaction optional          `json:"balance_transaction"`
	Currency           string            `json:"currency"`
	DestinationRefund  optional          `json:"destination_payment_refund"`
	Metadata           map[string]string `json:"metadata"`
	SourceRefund       optional          `json:"source_refund"`
	Transfer           string            `json:"transfer"`
}

// reversalsOf are the reversals of a transfer, in their order.
func (st *state) reversalsOf(t *transfer) (all []*transferReversal) {
	for _, r := range st.Reversals {
		if r.Transfer == t.ID {
			all = append(all, r)
		}
	}
	return all
}

// reverse takes money back; feeBack of the application fee goes back with it.
func (st *state) reverse(t *transfer, amount, feeBack int64, metadata map[string]string) *transferReversal {
	r := &transferReversal{base: st.base("trr", "transfer_reversal", ""), Amount: amount, Currency: t.Currency, Metadata: metadata, Transfer: t.ID}
	payment := must[*charge](st, optional(t.DestinationPayment))
	r.BalanceTransaction = optional(st.book(entry{of: r, kind: "transfer_refund", amount: amount, currency: t.Currency}).ID)
	taken := &refund{base: st.base("pyr", "refund", t.Destination), Amount: amount, Charge: optional(payment.ID), Currency: t.Currency,
		Metadata: map[string]string{}, SourceReversal: optional(r.ID), Status: "succeeded"}
	back := st.book(entry{of: taken, kind: "payment_refund", amount: -amount, currency: t.Currency, fee: -feeBack, feeType: "application_fee"})
	taken.BalanceTransaction, r.DestinationRefund = optional(back.ID), optional(taken.ID)
	add(st, &st.Refunds, taken)
	payment.AmountRefunded += amount
	payment.Refunded = payment.AmountRefunded == payment.Amount
	add(st, &st.Reversals, r)
	t.AmountReversed += amount
	t.Reversed = t.AmountReversed == t.Amount
	t.Reversals = listed(st.reversalsOf(t), t.Reversals.URL)
	st.emit("transfer.reversed", t)
	return r
}

func createReversal(st *state, c *call) (any, error) {
	t, err := find[*transfer](st, c.account, c.id(), "transfer", "transfer")
	if err != nil {
		return nil, err
	}
	left := t.Amount - t.AmountReversed
	amount := c.integer("amount", left)
	withFee := c.flag("refund_application_fee")
	if c.err != nil {
		return nil, c.err
	}
	if err := st.mayReverse(t, amount, left); err != nil {
		return nil, err
	}
	feeBack := int64(0)
	if fee := st.feeOf(t); withFee && fee != nil {
		feeBack = fee.share(t.AmountReversed, amount, t.Amount)
		st.refundFee(fee, feeBack, map[string]string{})
	}
	return st.reverse(t, amount, feeBack, c.pairs("metadata")), nil
}

// mayReverse holds to what Stripe documents: what a destination charge moved
// can be taken back up to its amount, even below zero; anything else only as far
// as the connected account's balance goes.
func (st *state) mayReverse(t *transfer, amount, left int64) error {
	if amount < 1 || amount > left {
		return invalid("", "amount", "Transfer reversal amount (%s) is greater than unreversed amount on transfer (%s)", formatAmount(amount, t.Currency), formatAmount(left, t.Currency))
	}
	if t.Automatic {
		return nil
	}
	if f := st.balances(t.Destination)[t.Currency]; f.available+f.pending < amount {
		return insufficient("The balance of %s is not enough for this reversal.", t.Destination)
	}
	return nil
}

func listReversals(st *state, c *call) (any, error) {
	t, err := find[*transfer](st, c.account, c.id(), "transfer", "transfer")
	if err != nil {
		return nil, err
	}
	return list(c, st.reversalsOf(t), func(*transferReversal) bool { return true })
}

func getReversal(st *state, c *call) (any, error) {
	r, err := find[*transferReversal](st, c.account, c.r.PathValue("reversal"), "transfer reversal", "id")
	if err == nil && r.Transfer != c.id() {
		err = missingResource("transfer reversal", r.ID, "id")
	}
	return r, err
}
