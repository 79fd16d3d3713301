package stripesim

import (
	"maps"
	"time"
)

// charge is one attempt to take money. A connected account's own charges are
// what transfers to it look like from its side.
type charge struct {
	base
	Amount              int64             `json:"amount"`
	AmountCaptured      int64             `json:"amount_captured"`
	AmountRefunded      int64             `json:"amount_refunded"`
	ApplicationFee      optional          `json:"application_fee"`
	ApplicationFeeMinor *int64            `json:"application_fee_amount"`
	BalanceTransaction  optional          `json:"balance_transaction"`
	BillingDetails      billingDetails    `json:"billing_details"`
	Captured            bool              `json:"captured"`
	Currency            string            `json:"currency"`
	Description         optional          `json:"description"`
	Disputed            bool              `json:"disputed"`
	FailureCode         optional          `json:"failure_code"`
	FailureMessage      optional          `json:"failure_message"`
	Livemode            bool              `json:"livemode"`
	Metadata            map[string]string `json:"metadata"`
	OnBehalfOf          optional          `json:"on_behalf_of"`
	Outcome             *outcome          `json:"outcome"`
	Paid                bool              `json:"paid"`
	PaymentIntent       optional          `json:"payment_intent"`
	PaymentMethod       optional          `json:"payment_method"`
	PaymentMethodInfo   map[string]any    `json:"payment_method_details"`
	ReceiptEmail        optional          `json:"receipt_email"`
	Refunded            bool              `json:"refunded"`
	SourceTransfer      optional          `json:"source_transfer"`
	Status              string            `json:"status"`
	Transfer            optional          `json:"transfer,omitempty"`
	TransferData        *transferData     `json:"transfer_data"`
	TransferGroup       optional          `json:"transfer_group"`

	// Method is what it was paid with, and how that goes on.
	Method method `json:"_method"`
	// SettlesAt is when a payment that is pending ends, 0 for those that are not.
	SettlesAt int64 `json:"_settles_at,omitempty"`
}

type billingDetails struct {
	Email optional `json:"email"`
	Name  optional `json:"name"`
}

type outcome struct {
	NetworkStatus string   `json:"network_status"`
	Reason        optional `json:"reason"`
	RiskLevel     string   `json:"risk_level"`
	SellerMessage string   `json:"seller_message"`
	Type          string   `json:"type"`
}

var approved = outcome{NetworkStatus: "approved_by_network", RiskLevel: "normal", SellerMessage: "Payment complete.", Type: "authorized"}

// attempt makes the charge of a payment, as pending.
func (st *state) attempt(pi *paymentIntent, by buyer) *charge {
	prefix := "ch"
	if by.Method.Type != "card" {
		prefix = "py"
	}
	ch := &charge{base: st.base(prefix, "charge", pi.Owner), Amount: pi.Amount, ApplicationFeeMinor: pi.ApplicationFee,
		BillingDetails: billingDetails{optional(by.Email), optional(by.Name)}, Currency: pi.Currency, Description: pi.Description, Metadata: maps.Clone(pi.Metadata),
		OnBehalfOf: pi.OnBehalfOf, PaymentIntent: optional(pi.ID), PaymentMethod: optional(newID("pm")), PaymentMethodInfo: by.Method.details(),
		ReceiptEmail: pi.ReceiptEmail, Status: "pending", TransferData: pi.TransferData, TransferGroup: pi.TransferGroup, Method: by.Method}
	pi.LatestCharge, pi.PaymentMethod = optional(ch.ID), ch.PaymentMethod
	return add(st, &st.Charges, ch)
}

// settleLater ends a pending payment when its time comes, unless its bank never
// answers.
func (st *state) settleLater(ch *charge) {
	if ch.SettlesAt == 0 || ch.Method.Never {
		return
	}
	st.at(time.Unix(ch.SettlesAt, 0), func() { st.settle(ch, ch.Method.Decline) })
}

func getCharge(st *state, c *call) (any, error) {
	return find[*charge](st, c.account, c.id(), "charge", "id")
}

func listCharges(st *state, c *call) (any, error) {
	return list(c, st.Charges, func(ch *charge) bool {
		return c.is("payment_intent", ch.PaymentIntent) && c.is("transfer_group", ch.TransferGroup)
	})
}
