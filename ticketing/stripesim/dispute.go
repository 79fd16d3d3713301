package stripesim

import (
	"fmt"
	"time"
)

// dispute is a buyer's bank taking a payment back.
type dispute struct {
	base
	Amount              int64                 `json:"amount"`
	BalanceTransactions []*balanceTransaction `json:"balance_transactions"`
	Charge              string                `json:"charge"`
	Currency            string                `json:"currency"`
	Evidence            map[string]string     `json:"evidence"`
	EvidenceDetails     evidenceDetails       `json:"evidence_details"`
	IsChargeRefundable  bool                  `json:"is_charge_refundable"`
	Livemode            bool                  `json:"livemode"`
	Metadata            map[string]string     `json:"metadata"`
	PaymentIntent       optional              `json:"payment_intent"`
	Reason              string                `json:"reason"`
	Status              string                `json:"status"`
}

type evidenceDetails struct {
	DueBy           int64 `json:"due_by"`
	HasEvidence     bool  `json:"has_evidence"`
	PastDue         bool  `json:"past_due"`
	SubmissionCount int64 `json:"submission_count"`
}

const (
	// disputeFee is what Stripe takes for a dispute, in minor units, and gives
	// back when it is won.
	disputeFee = 1500
	answerIn   = 9 * 24 * time.Hour
)

// dispute takes the money and the fee from the platform, also for destination
// charges.
func (st *state) dispute(ch *charge, amount int64, reason string) *dispute {
	d := &dispute{base: st.base("dp", "dispute", ch.Owner), Amount: amount, Charge: ch.ID, Currency: ch.Currency, Evidence: map[string]string{},
		EvidenceDetails: evidenceDetails{DueBy: st.now.Add(answerIn).Unix()}, Metadata: map[string]string{}, PaymentIntent: ch.PaymentIntent,
		Reason: reason, Status: "needs_response"}
	d.BalanceTransactions = []*balanceTransaction{st.book(entry{of: d, kind: "adjustment", amount: -amount, currency: ch.Currency, fee: disputeFee, feeType: "stripe_fee"})}
	add(st, &st.Disputes, d)
	ch.Disputed = true
	st.emit("charge.dispute.created", d)
	st.emit("charge.dispute.funds_withdrawn", d)
	return d
}

func (d *dispute) closed() bool { return d.Status == "won" || d.Status == "lost" }

// decide ends a dispute.
func (st *state) decide(d *dispute, won bool) error {
	if d.closed() {
		return invalid("", "", "This dispute is already closed.")
	}
	d.Status = "lost"
	if won {
		d.Status = "won"
		d.BalanceTransactions = append(d.BalanceTransactions, st.book(entry{of: d, kind: "adjustment", amount: d.Amount, currency: d.Currency,
			fee: -disputeFee, feeType: "stripe_fee", category: "dispute_reversal"}))
		st.emit("charge.dispute.funds_reinstated", d)
	}
	st.emit("charge.dispute.closed", d)
	return nil
}

// chargedBack says whether a charge is in a dispute, or lost one.
func (st *state) chargedBack(ch *charge) bool {
	for _, d := range st.Disputes {
		if d.Charge == ch.ID && d.Status != "won" {
			return true
		}
	}
	return false
}

// openDispute begins a dispute as a buyer's bank would.
func (st *state) openDispute(id string, amount int64, reason string) (*dispute, error) {
	ch, err := find[*charge](st, "", id, "charge", "charge")
	if err != nil {
		return nil, err
	}
	if amount == 0 {
		amount = ch.Amount
	}
	if !ch.Paid || st.chargedBack(ch) || amount < 0 || amount > ch.Amount {
		return nil, fmt.Errorf("charge %s cannot be disputed over %d", id, amount)
	}
	return st.dispute(ch, amount, reason), nil
}

func getDispute(st *state, c *call) (any, error) {
	return find[*dispute](st, c.account, c.id(), "dispute", "dispute")
}

func listDisputes(st *state, c *call) (any, error) {
	return list(c, st.Disputes, func(d *dispute) bool {
		return c.is("charge", d.Charge) && c.is("payment_intent", d.PaymentIntent)
	})
}

// closeDispute is giving in.
func closeDispute(st *state, c *call) (any, error) {
	d, err := find[*dispute](st, c.account, c.id(), "dispute", "dispute")
	if err == nil {
		err = st.decide(d, false)
	}
	return d, err
}
