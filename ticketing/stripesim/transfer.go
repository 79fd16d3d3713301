package stripesim

// transfer moves money from the platform to a connected account, where it
// arrives as a charge of that account's own.
type transfer struct {
	base
	Amount             int64             `json:"amount"`
	AmountReversed     int64             `json:"amount_reversed"`
	BalanceTransaction optional          `json:"balance_transaction"`
	Currency           string            `json:"currency"`
	Description        optional          `json:"description"`
	Destination        string            `json:"destination"`
	DestinationPayment string            `json:"destination_payment"`
	Livemode           bool              `json:"livemode"`
	Metadata           map[string]string `json:"metadata"`
	Reversals          *page             `json:"reversals"`
	Reversed           bool              `json:"reversed"`
	SourceTransaction  optional          `json:"source_transaction"`
	SourceType         string            `json:"source_type"`
	TransferGroup      optional          `json:"transfer_group"`

	// Automatic says that a destination charge made it.
	Automatic bool `json:"_automatic,omitempty"`
}

// toDestination sends all of a destination charge to the connected account, and
// takes the application fee back from there.
func (st *state) toDestination(ch *charge) {
	if ch.TransferData == nil {
		return
	}
	t := &transfer{base: st.base("tr", "transfer", ""), Amount: ch.Amount, Currency: ch.Currency, Destination: string(ch.TransferData.Destination),
		Metadata: map[string]string{}, SourceTransaction: optional(ch.ID), SourceType: "card", TransferGroup: ch.TransferGroup, Automatic: true}
	payment := st.transfer(t, st.availableFor(ch))
	ch.Transfer = optional(t.ID)
	if ch.ApplicationFeeMinor != nil {
		st.takeFee(ch, payment, *ch.ApplicationFeeMinor)
	}
}

// transfer books a transfer on both sides and returns the charge it arrives as.
func (st *state) transfer(t *transfer, available int64) *charge {
	payment := &charge{base: st.base("py", "charge", t.Destination), Amount: t.Amount, AmountCaptured: t.Amount, Captured: true, Currency: t.Currency,
		Metadata: map[string]string{}, Outcome: &approved, Paid: true, PaymentMethodInfo: map[string]any{"type": "stripe_account", "stripe_account": map[string]any{}},
		SourceTransfer: optional(t.ID), Status: "succeeded", TransferGroup: t.TransferGroup}
	t.DestinationPayment, t.Reversals = payment.ID, listed[*transferReversal](nil, "/v1/transfers/"+t.ID+"/reversals")
	fee := int64(0)
	if t.Automatic {
		if minor := must[*charge](st, t.SourceTransaction).ApplicationFeeMinor; minor != nil {
			fee = *minor
		}
	}
	t.BalanceTransaction = optional(st.book(entry{of: t, kind: "transfer", amount: -t.Amount, currency: t.Currency, available: available}).ID)
	arrival := st.book(entry{of: payment, kind: "payment", amount: t.Amount, currency: t.Currency, fee: fee, feeType: "application_fee", available: available})
	payment.BalanceTransaction = optional(arrival.ID)
	add(st, &st.Charges, payment)
	add(st, &st.Transfers, t)
	st.emit("transfer.created", t)
	return payment
}

func createTransfer(st *state, c *call) (any, error) {
	t := &transfer{base: st.base("tr", "transfer", ""), Amount: c.positive("amount"), Currency: c.currency("currency"), Destination: c.need("destination"),
		Description: optional(c.text("description")), Metadata: c.pairs("metadata"), SourceTransaction: optional(c.text("source_transaction")),
		SourceType: "card", TransferGroup: optional(c.text("transfer_group"))}
	if c.err != nil {
		return nil, c.err
	}
	if err := st.checkDestination(optional(t.Destination), "destination"); err != nil {
		return nil, err
	}
	available, err := st.source(t)
	if err != nil {
		return nil, err
	}
	st.transfer(t, available)
	return t, nil
}

// source says when the money for a transfer can be used: now, out of the
// balance, or with the charge that the transfer names.
func (st *state) source(t *transfer) (int64, error) {
	if t.SourceTransaction == "" {
		if st.balances("")[t.Currency].available < t.Amount {
			return 0, insufficient("You have insufficient available funds in your Stripe account.")
		}
		return 0, nil
	}
	ch, err := find[*charge](st, "", string(t.SourceTransaction), "charge", "source_transaction")
	if err != nil {
		return 0, err
	}
	if !ch.Paid {
		return 0, invalid("", "source_transaction", "The charge %s has not succeeded.", ch.ID)
	}
	sent := t.Amount
	for _, other := range st.Transfers {
		if other.SourceTransaction == t.SourceTransaction {
			sent += other.Amount
		}
	}
	if sent > ch.Amount {
		return 0, insufficient("The charge %s does not have enough left for this transfer.", ch.ID)
	}
	if t.TransferGroup == "" {
		t.TransferGroup = ch.TransferGroup
	}
	return must[*balanceTransaction](st, ch.BalanceTransaction).AvailableOn, nil
}

func getTransfer(st *state, c *call) (any, error) {
	return find[*transfer](st, c.account, c.id(), "transfer", "id")
}

func listTransfers(st *state, c *call) (any, error) {
	return list(c, st.Transfers, func(t *transfer) bool {
		return c.is("destination", t.Destination) && c.is("transfer_group", t.TransferGroup)
	})
}

func updateTransfer(st *state, c *call) (any, error) {
	t, err := find[*transfer](st, c.account, c.id(), "transfer", "id")
	if err != nil {
		return nil, err
	}
	merge(t.Metadata, c.pairs("metadata"))
	if c.has("description") {
		t.Description = optional(c.text("description"))
	}
	return t, nil
}
