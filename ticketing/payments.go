package ticketing

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Payments is what ticketing needs of Stripe. Amounts are in minor units, as
// Stripe counts them; an empty text is what Stripe has not, or not yet. Calls
// that make something take an idempotency key, which the caller has stored: the
// same key always comes with the same request. Implementations repeat nothing
// under another key, and call no method of a Service.
//
// Errors wrap one of the four below where Stripe answered; any other error
// leaves open whether something was done, and the call may be repeated with the
// same key.
type Payments interface {
	// CreateAccount makes a connected account that can take payments and be
	// paid, once its owner was through AccountLink.
	CreateAccount(ctx context.Context, key string, n NewAccount) (id string, err error)
	// AccountLink returns an address at which the owner of the account proves to
	// Stripe who they are. It works once and for minutes: it is made on a click
	// and never mailed.
	AccountLink(ctx context.Context, account string, to LinkTo) (url string, err error)
	// Account says what the account may do at this moment.
	Account(ctx context.Context, id string) (Account, error)

	// CreateSession asks for a page at which the buyer pays by destination
	// charge: everything goes to the host but the fee.
	CreateSession(ctx context.Context, key string, c Checkout) (Session, error)
	// Session reads a session.
	Session(ctx context.Context, id string) (Session, error)
	// ExpireSession ends a session that is open, so that it cannot be paid. It
	// returns what the session is then; one that was complete or expired before
	// is no error.
	ExpireSession(ctx context.Context, id string) (Session, error)
	// Payment reads a payment intent with its charge, application fee, transfer,
	// dispute and balance transactions.
	Payment(ctx context.Context, id string) (Payment, error)

	// Refund gives money back to the buyer, taking the same share from the host
	// (reverse_transfer) and from the fee (refund_application_fee).
	Refund(ctx context.Context, key string, r NewRefund) (Refund, error)

	// RecentSessions lists the sessions made since then that bear our mark, in
	// any order.
	RecentSessions(ctx context.Context, since time.Time) ([]Session, error)
	// RecentRefunds lists the refunds made since then, ours or not, in any order.
	RecentRefunds(ctx context.Context, since time.Time) ([]Refund, error)
	// RecentDisputes lists the disputes opened since then, in any order.
	RecentDisputes(ctx context.Context, since time.Time) ([]Dispute, error)
}

// What Stripe may answer instead.
var (
	// ErrTryAgain: nothing was done, and the same call may work in a while. Rate
	// limits, lock timeouts, a key that is in use at this moment.
	ErrTryAgain = errors.New("stripe is busy")
	// ErrRefused: nothing was done, and the same call never will be. The key is
	// spent.
	ErrRefused = errors.New("stripe refuses")
	// ErrKeySpent: the key will give this answer again whatever happens, and
	// something may have been done: 5xx, or a key known with another request.
	// Look for what was done before using another key.
	ErrKeySpent = errors.New("stripe failed under this key")
	// ErrUnknown: Stripe has no such thing, or not for us.
	ErrUnknown = errors.New("stripe does not know it")
)

// NewAccount is what a connected account begins with.
type NewAccount struct {
	Host    uuid.UUID `json:"host"`              // in its metadata
	Country string    `json:"country,omitempty"` // ISO 3166; "": Stripe's default, the platform's
}

// LinkTo is where the browser goes from Stripe's pages about an account.
type LinkTo struct {
	Return  string // when the person is through, or gave up
	Refresh string // when the link was used or old: whoever comes here is given another
}

// Account is what Stripe lets a connected account do.
type Account struct {
	ID             string
	ChargesEnabled bool
	Transfers      bool // the capability is active
	PayoutsEnabled bool
	Due            []string // what Stripe still wants to know, in its words
}

// CanSell says whether a payment could reach the account now.
func (a Account) CanSell() bool { return a.ChargesEnabled && a.Transfers }

// Checkout is the request for a session. It is stored as first sent.
type Checkout struct {
	Order       uuid.UUID `json:"order"` // client reference; with Offer and Buyer in the metadata of session and payment
	Offer       uuid.UUID `json:"offer"`
	Buyer       uuid.UUID `json:"buyer"`
	Title       string    `json:"title"` // what the buyer reads they pay for
	Amount      int64     `json:"amount"`
	Currency    string    `json:"currency"`
	Fee         int64     `json:"fee"`                  // application fee
	Destination string    `json:"destination"`          // the host's account
	CardsOnly   bool      `json:"cards_only,omitempty"` // the room is too soon for banks that take days
	ExpiresAt   time.Time `json:"expires_at"`
	SuccessURL  string    `json:"success_url"`
	CancelURL   string    `json:"cancel_url"`
}

// SessionStatus is where a session is in its life.
type SessionStatus string

// The statuses of a session.
const (
	SessionOpen     SessionStatus = "open"
	SessionComplete SessionStatus = "complete"
	SessionExpired  SessionStatus = "expired"
)

// Session is a Checkout Session. The ids are from its metadata, uuid.Nil when
// it bears none.
type Session struct {
	ID, URL             string
	Status              SessionStatus
	Paid                bool   // payment_status: the money is there, not only promised
	Payment             string // payment intent
	Order, Offer, Buyer uuid.UUID
	Amount              int64
	Currency            string
	CreatedAt           time.Time
}

// PaymentStatus is what became of a payment.
type PaymentStatus string

// The statuses of a payment.
const (
	PaymentPending   PaymentStatus = "pending" // nothing was paid, or the bank takes its days
	PaymentSucceeded PaymentStatus = "succeeded"
	PaymentFailed    PaymentStatus = "failed" // and will not be paid any more
)

// Payment is a payment intent and everything that hangs on it. Refunded,
// FeeRefunded and Reversed are totals until now.
type Payment struct {
	ID          string        `json:"id"`
	Charge      string        `json:"charge,omitempty"`
	Status      PaymentStatus `json:"status"`
	Amount      int64         `json:"amount"` // received
	Currency    string        `json:"currency"`
	Fee         int64         `json:"fee"` // application fee
	FeeRefunded int64         `json:"fee_refunded,omitempty"`
	Refunded    int64         `json:"refunded,omitempty"` // to the buyer; what failed does not count
	Reversed    int64         `json:"reversed,omitempty"` // of the transfer to the host
	Destination string        `json:"destination,omitempty"`
	Processing  *Processing   `json:"processing,omitempty"` // nil until the charge's balance transaction is there
	Disputed    bool          `json:"disputed,omitempty"`   // once is enough
	Withdrawn   int64         `json:"withdrawn,omitempty"`  // from the platform by disputes, less what came back
	DisputeFee  int64         `json:"dispute_fee,omitempty"`
}

// Processing is what Stripe kept of a charge, from its balance transaction.
type Processing struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"` // the platform's, which may be another than the charge's
}

// NewRefund is the request for a refund.
type NewRefund struct {
	Refund  uuid.UUID `json:"refund"` // in its metadata
	Payment string    `json:"payment"`
	Amount  int64     `json:"amount"`
}

// RefundStatus is what became of a refund.
type RefundStatus string

// The statuses of a refund.
const (
	RefundPending   RefundStatus = "pending"
	RefundSucceeded RefundStatus = "succeeded"
	RefundFailed    RefundStatus = "failed" // or was cancelled: the money is with the platform again
)

// Refund is one refund. The id Refund is from its metadata, uuid.Nil for one
// that we did not ask for.
type Refund struct {
	ID      string
	Refund  uuid.UUID
	Payment string
	Amount  int64
	Status  RefundStatus
}

// Dispute is one dispute, as Payment tells it of the payment.
type Dispute struct {
	Payment   string
	Withdrawn int64
}
