// Package ticketing sells seats: offers, holds, orders and tickets, the
// platform's cut, refunds, and a ledger of every cent. Rows decide; Stripe is
// asked through the Payments a Service is given, never inside a transaction,
// and what it says is believed only when it was read for the purpose.
package ticketing

import (
	"time"

	"github.com/google/uuid"

	"salon/internal/fault"
)

// Refusals of this package.
var (
	ErrNoOffer = fault.Define("no-offer", fault.NotFound)
	ErrNoOrder = fault.Define("order-not-found", fault.NotFound)
	ErrNoBuyer = fault.Define("buyer-not-found", fault.NotFound)
	ErrNoAlarm = fault.Define("alarm-not-found", fault.NotFound)

	// Of who sells.
	ErrNotSeller  = fault.Define("not-seller", fault.Forbidden)
	ErrPrice      = fault.Define("price", fault.Invalid)
	ErrCapSold    = fault.Define("cap-below-sold", fault.Conflict)
	ErrCurrency   = fault.Define("currency-fixed", fault.Conflict)
	ErrNoPayouts  = fault.Define("payouts-not-ready", fault.Conflict)
	ErrSaleOver   = fault.Define("sale-over", fault.Gone)
	ErrSaleEarly  = fault.Define("sale-not-open", fault.Conflict)
	ErrSaleClosed = fault.Define("sale-closed", fault.Gone)

	// Of who holds a seat.
	ErrSoldOut      = fault.Define("sold-out", fault.Conflict)
	ErrHaveSeat     = fault.Define("have-seat", fault.Conflict)
	ErrOrderID      = fault.Define("order-id-taken", fault.Conflict)
	ErrManyHolds    = fault.Define("too-many-holds", fault.TooMany)
	ErrManyFromHere = fault.Define("too-many-holds-from-here", fault.TooMany)
	ErrSaleBusy     = fault.Define("sale-busy", fault.Unavailable) // with RetryAfter
	ErrHoldOver     = fault.Define("hold-over", fault.Gone)
	ErrExtended     = fault.Define("hold-extended", fault.Conflict)

	// Of who pays, or wants their money back.
	ErrPaid         = fault.Define("already-paid", fault.Conflict)
	ErrPaymentsBusy = fault.Define("payments-busy", fault.Unavailable) // with RetryAfter
	ErrCannotBePaid = fault.Define("seller-cannot-be-paid", fault.Unavailable)
	ErrNotRefunded  = fault.Define("not-refundable", fault.Conflict)
	ErrRefundLate   = fault.Define("refund-too-late", fault.Forbidden)
	ErrTicketUsed   = fault.Define("ticket-used", fault.Conflict)
)

// State is where an order is.
type State string

// The states. Orders that are held, paying or paid take a seat each.
const (
	OnHold    State = "held"      // a seat is kept until ExpiresAt
	Paying    State = "paying"    // Stripe was asked for a checkout: the seat is free again only when nobody can pay
	Paid      State = "paid"      // a ticket was issued
	Expired   State = "expired"   // the time was over
	Cancelled State = "cancelled" // given up before money moved
	Failed    State = "failed"    // the buyer's bank said no in the end
	Refunding State = "refunding" // the money is on its way back, there is no ticket
	Refunded  State = "refunded"  // all of it is back
	Disputed  State = "disputed"  // the buyer's bank took it back, or tried to; there is no ticket
)

// TakesSeat says whether an order in this state counts against the cap.
func (s State) TakesSeat() bool { return s == OnHold || s == Paying || s == Paid }

// Offer is a room's seats for sale.
type Offer struct {
	ID          uuid.UUID
	RoomID      *uuid.UUID // nil when the room was deleted
	HostID      *uuid.UUID // who sells; nil when the account was deleted
	PayoutID    *string    // the host's account at Stripe; nil while nothing costs anything
	Price       int64      // in minor units; 0: free
	Currency    string     // ISO 4217 in lower case
	TaxBP       int        // tax inside the price, in hundredths of a percent of the price without it
	Cap         int
	Taken       int        // of Cap: held, being paid, or sold
	OpensAt     *time.Time // nil: at once
	ClosesAt    *time.Time // nil: as long as the room is not over
	RefundHours *int       // before the start, until when buyers get everything back; nil: never by themselves
	CreatedAt   time.Time
	CancelledAt *time.Time // the host called the sale off
}

// Tax is the part of an amount at the offer's price that is tax, rounded half
// up.
func (o Offer) Tax(amount int64) int64 {
	with := int64(whole + o.TaxBP)
	return (2*amount*int64(o.TaxBP) + with) / (2 * with)
}

// Order is one seat for one person.
type Order struct {
	ID            uuid.UUID // made by the client
	OfferID       *uuid.UUID
	AccountID     *uuid.UUID
	State         State
	Price         int64 // as offered when the seat was held
	Currency      string
	Complimentary bool // given by the host
	HeldAt        time.Time
	ExpiresAt     time.Time // of the hold, by the database's clock
	Extended      bool      // once is all
	ClosedAt      *time.Time
}
