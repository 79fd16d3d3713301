package stripesim

// paymentIntent is a payment from its first attempt on.
type paymentIntent struct {
	base
	Amount              int64             `json:"amount"`
	AmountCapturable    int64             `json:"amount_capturable"`
	AmountReceived      int64             `json:"amount_received"`
	ApplicationFee      *int64            `json:"application_fee_amount"`
	CanceledAt          *int64            `json:"canceled_at"`
	CancellationReason  optional          `json:"cancellation_reason"`
	CaptureMethod       string            `json:"capture_method"`
	ConfirmationMethod  string            `json:"confirmation_method"`
	Currency            string            `json:"currency"`
	Description         optional          `json:"description"`
	LastPaymentError    *paymentError     `json:"last_payment_error"`
	LatestCharge        optional          `json:"latest_charge"`
	Livemode            bool              `json:"livemode"`
	Metadata            map[string]string `json:"metadata"`
	OnBehalfOf          optional          `json:"on_behalf_of"`
	PaymentMethod       optional          `json:"payment_method"`
	PaymentMethodTypes  []string          `json:"payment_method_types"`
	ReceiptEmail        optional          `json:"receipt_email"`
	StatementDescriptor optional          `json:"statement_descriptor_suffix"`
	Status              string            `json:"status"`
	TransferData        *transferData     `json:"transfer_data"`
	TransferGroup       optional          `json:"transfer_group"`

	Session string `json:"_session"`
}

type transferData struct {
	Destination optional `json:"destination"`
}

// paymentError says why a payment did not go through.
type paymentError struct {
	Type        string `json:"type"`
	Charge      string `json:"charge,omitempty"`
	Code        string `json:"code"`
	DeclineCode string `json:"decline_code,omitempty"`
	Message     string `json:"message"`
}

// intentOf is the session's payment; the first attempt makes it.
func (st *state) intentOf(s *session) *paymentIntent {
	if s.PaymentIntent != "" {
		return must[*paymentIntent](st, s.PaymentIntent)
	}
	pi := &paymentIntent{base: st.base("pi", "payment_intent", s.Owner), Amount: s.AmountTotal, ApplicationFee: s.Plan.Fee,
		CaptureMethod: "automatic_async", ConfirmationMethod: "automatic", Currency: s.Currency, Description: s.Plan.Description, Metadata: s.Plan.Metadata,
		OnBehalfOf: s.Plan.OnBehalfOf, PaymentMethodTypes: s.PaymentMethodTypes, ReceiptEmail: s.Plan.Receipt, StatementDescriptor: s.Plan.Suffix,
		Status: "requires_payment_method", TransferGroup: s.Plan.Group, Session: s.ID}
	if s.Plan.Destination != "" {
		pi.TransferData = &transferData{s.Plan.Destination}
		if pi.TransferGroup == "" {
			pi.TransferGroup = optional("group_" + pi.ID)
		}
	}
	add(st, &st.Intents, pi)
	s.PaymentIntent = optional(pi.ID)
	st.emit("payment_intent.created", pi)
	return pi
}

// cancelIntent ends a payment that can come no more.
func (st *state) cancelIntent(pi *paymentIntent) {
	now := st.now.Unix()
	pi.Status, pi.CanceledAt, pi.CancellationReason = "canceled", &now, "automatic"
	st.emit("payment_intent.canceled", pi)
}

func getIntent(st *state, c *call) (any, error) {
	return find[*paymentIntent](st, c.account, c.id(), "payment_intent", "intent")
}

func listIntents(st *state, c *call) (any, error) {
	return list(c, st.Intents, func(*paymentIntent) bool { return true })
}

func updateIntent(st *state, c *call) (any, error) {
	pi, err := find[*paymentIntent](st, c.account, c.id(), "payment_intent", "intent")
	if err != nil {
		return nil, err
	}
	merge(pi.Metadata, c.pairs("metadata"))
	if c.has("description") {
		pi.Description = optional(c.text("description"))
	}
	return pi, nil
}

// cancelByAPI never succeeds: payments of Checkout are ended by expiring their
// session, and the simulator has no others.
func cancelByAPI(st *state, c *call) (any, error) {
	if _, err := getIntent(st, c); err != nil {
		return nil, err
	}
	return nil, invalid("payment_intent_unexpected_state", "", "You cannot cancel a PaymentIntent created by Checkout. Expire the Checkout Session instead.")
}
