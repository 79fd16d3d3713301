package stripesim

import "fmt"

// payout sends an account's balance to its bank. The simulator makes one when
// told to, never by itself.
type payout struct {
	base
	Amount               int64             `json:"amount"`
	ArrivalDate          int64             `json:"arrival_date"`
	Automatic            bool              `json:"automatic"`
	BalanceTransaction   optional          `json:"balance_transaction"`
	Currency             string            `json:"currency"`
	Description          optional          `json:"description"`
	Livemode             bool              `json:"livemode"`
	Metadata             map[string]string `json:"metadata"`
	Method               string            `json:"method"`
	ReconciliationStatus string            `json:"reconciliation_status"`
	SourceType           string            `json:"source_type"`
	Status               string            `json:"status"`
	Type                 string            `json:"type"`
}

// payOut empties an account's balance in one currency, also what is pending.
func (st *state) payOut(owner, code string) (*payout, error) {
	f := st.balances(owner)[code]
	amount := f.available + f.pending
	if amount <= 0 {
		return nil, fmt.Errorf("nothing to pay out: the balance is %s", formatAmount(amount, code))
	}
	p := &payout{base: st.base("po", "payout", owner), Amount: amount, ArrivalDate: st.now.Unix(), Automatic: true, Currency: code,
		Description: "STRIPE PAYOUT", Metadata: map[string]string{}, Method: "standard", ReconciliationStatus: "completed", SourceType: "card",
		Status: "paid", Type: "bank_account"}
	for _, t := range st.Transactions {
		if t.Owner == owner && t.Currency == code && t.Payout == "" {
			t.Payout = optional(p.ID)
		}
	}
	t := st.book(entry{of: p, kind: "payout", amount: -amount, currency: code})
	t.Payout, p.BalanceTransaction = optional(p.ID), optional(t.ID)
	add(st, &st.Payouts, p)
	st.emit("payout.created", p)
	st.emit("payout.paid", p)
	return p, nil
}

func getPayout(st *state, c *call) (any, error) {
	return find[*payout](st, c.account, c.id(), "payout", "id")
}

func listPayouts(st *state, c *call) (any, error) {
	return list(c, st.Payouts, func(p *payout) bool { return c.is("status", p.Status) })
}
