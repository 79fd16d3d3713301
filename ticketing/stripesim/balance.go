package stripesim

import (
	"maps"
	"slices"
	"time"
)

// balanceTransaction is a movement of an account's balance. The balance is their
// sum, and nothing else.
type balanceTransaction struct {
	base
	Amount            int64       `json:"amount"`
	AvailableOn       int64       `json:"available_on"`
	Currency          string      `json:"currency"`
	Description       optional    `json:"description"`
	Fee               int64       `json:"fee"`
	FeeDetails        []feeDetail `json:"fee_details"`
	Net               int64       `json:"net"`
	ReportingCategory string      `json:"reporting_category"`
	Source            optional    `json:"source"`
	Status            string      `json:"status"`
	Type              string      `json:"type"`

	Payout optional `json:"_payout"`
}

type feeDetail struct {
	Amount      int64    `json:"amount"`
	Currency    string   `json:"currency"`
	Description optional `json:"description"`
	Type        string   `json:"type"`
}

// categories are what Stripe's reports call the types (docs.stripe.com/reports/reporting-categories).
var categories = map[string]string{"charge": "charge", "payment": "charge", "refund": "refund", "payment_refund": "refund",
	"refund_failure": "refund_failure", "payment_failure_refund": "charge_failure", "transfer": "transfer", "transfer_refund": "transfer_reversal",
	"application_fee": "platform_earning", "application_fee_refund": "platform_earning_refund", "payout": "payout", "adjustment": "dispute"}

// entry is one movement to be booked.
type entry struct {
	of        resource // what moves the money; its owner's balance moves
	kind      string
	amount    int64
	currency  string
	fee       int64
	feeType   string
	available int64  // when it can be used; 0 is at once
	category  string // default that of the kind
}

// book writes a movement down.
func (st *state) book(e entry) *balanceTransaction {
	h := e.of.head()
	t := &balanceTransaction{base: st.base("txn", "balance_transaction", h.Owner), Amount: e.amount, AvailableOn: max(e.available, st.now.Unix()),
		Currency: e.currency, Fee: e.fee, FeeDetails: []feeDetail{}, Net: e.amount - e.fee, ReportingCategory: e.category, Source: optional(h.ID),
		Status: "available", Type: e.kind}
	if ch, ok := e.of.(*charge); ok {
		t.Description = ch.Description
	}
	if t.ReportingCategory == "" {
		t.ReportingCategory = categories[e.kind]
	}
	if e.fee != 0 {
		t.FeeDetails = append(t.FeeDetails, feeDetail{Amount: e.fee, Currency: t.Currency, Type: e.feeType})
	}
	if t.AvailableOn > st.now.Unix() {
		t.Status = "pending"
	}
	st.availableLater(t)
	return add(st, &st.Transactions, t)
}

// availableLater lets the money be used when its time comes.
func (st *state) availableLater(t *balanceTransaction) {
	if t.Status == "pending" {
		st.at(time.Unix(t.AvailableOn, 0), func() { t.Status = "available" })
	}
}

// funds are what an account has in one currency; below zero is possible.
type funds struct{ available, pending int64 }

// balances adds up an account's movements, by currency.
func (st *state) balances(owner string) map[string]funds {
	sums := map[string]funds{}
	for _, t := range st.Transactions {
		if t.Owner != owner {
			continue
		}
		f := sums[t.Currency]
		if t.Status == "pending" {
			f.pending += t.Net
		} else {
			f.available += t.Net
		}
		sums[t.Currency] = f
	}
	return sums
}

// balance is an account's balance as the API shows it.
type balance struct {
	Object    string          `json:"object"`
	Available []balanceAmount `json:"available"`
	Livemode  bool            `json:"livemode"`
	Pending   []balanceAmount `json:"pending"`
}

type balanceAmount struct {
	Amount      int64            `json:"amount"`
	Currency    string           `json:"currency"`
	SourceTypes map[string]int64 `json:"source_types"`
}

func getBalance(st *state, c *call) (any, error) {
	sums := st.balances(c.account)
	if len(sums) == 0 {
		sums["usd"] = funds{}
	}
	b := &balance{Object: "balance"}
	for _, code := range slices.Sorted(maps.Keys(sums)) {
		b.Available = append(b.Available, balanceAmount{sums[code].available, code, map[string]int64{"card": sums[code].available}})
		b.Pending = append(b.Pending, balanceAmount{sums[code].pending, code, map[string]int64{"card": sums[code].pending}})
	}
	return b, nil
}

func getTransaction(st *state, c *call) (any, error) {
	return find[*balanceTransaction](st, c.account, c.id(), "balance transaction", "id")
}

func listTransactions(st *state, c *call) (any, error) {
	return list(c, st.Transactions, func(t *balanceTransaction) bool {
		return c.is("type", t.Type) && c.is("currency", t.Currency) && c.is("source", t.Source) && c.is("payout", t.Payout)
	})
}
