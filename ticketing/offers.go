package ticketing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// NewOffer is what a host decides about the seats of a room.
type NewOffer struct {
	Price       int64 // in minor units; 0: free
	Currency    string
	TaxBP       int
	Cap         int
	OpensAt     *time.Time
	ClosesAt    *time.Time
	RefundHours *int
}

// Bounds of an offer.
const (
	maxCap         = 100_000
	maxTaxBP       = 5_000
	maxRefundHours = 8_760
)

// priced refuses what a seat cannot cost here.
func (s *Service) priced(price int64, code string) error {
	in := s.settings.PricesIn(code)
	if priceable(price, code) && (price == 0 || price >= in.Least && price <= in.Most) {
		return nil
	}
	return &fault.Fault{Kind: ErrPrice, Members: map[string]any{"smallest": in.Least, "largest": in.Most, "step": currencies[code].step}}
}

func (n NewOffer) check() error {
	switch {
	case n.Cap < 1 || n.Cap > maxCap:
		return fault.BadField("cap")
	case n.TaxBP < 0 || n.TaxBP > maxTaxBP:
		return fault.BadField("tax_bp")
	case n.RefundHours != nil && (*n.RefundHours < 0 || *n.RefundHours > maxRefundHours):
		return fault.BadField("refund_hours")
	case n.OpensAt != nil && n.ClosesAt != nil && !n.ClosesAt.After(*n.OpensAt):
		return fault.BadField("closes_at")
	}
	return nil
}

// SetOffer offers a room's seats, or changes the offer: for its host, until the
// room is over. Price and refunds of seats that are held or sold stay as they
// were. What costs something takes a host who may sell, and an account that Stripe
// lets be paid now.
func (s *Service) SetOffer(ctx context.Context, host, room uuid.UUID, n NewOffer) (f Offer, err error) {
	if err := errors.Join(s.priced(n.Price, n.Currency), n.check()); err != nil {
		return f, err
	}
	var payout *string
	if n.Price > 0 {
		if err := s.maySell(ctx, host, room); err != nil {
			return f, err
		}
		if payout, err = s.sellableTo(ctx, host); err != nil {
			return f, err
		}
	}
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if err := sellerTx(ctx, tx, host, room); err != nil {
			return err
		}
		if f, err = writeOfferTx(ctx, tx, host, room, n, payout); err != nil {
			return err
		}
		return auditTx(ctx, tx, host, "offer", room.String(), n)
	})
	return f, offerFault(err)
}

// sellerTx refuses all but the host of a room that is not over, and keeps it so
// until the transaction ends.
func sellerTx(ctx context.Context, tx pgx.Tx, account, room uuid.UUID) error {
	var host uuid.UUID
	var over bool
	err := tx.QueryRow(ctx, `
		select host_id, ended_at is not null or cancelled_at is not null from rooms where id = $1 for share`, room).Scan(&host, &over)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNoOffer
	case err != nil:
		return fmt.Errorf("read room: %w", err)
	case host != account:
		return ErrNotSeller
	case over:
		return ErrSaleOver
	}
	return nil
}

func writeOfferTx(ctx context.Context, tx pgx.Tx, host, room uuid.UUID, n NewOffer, payout *string) (Offer, error) {
	f, err := one[Offer](ctx, tx, ErrNoOffer, selectOffer+` where room_id = $1 for update`, room)
	if errors.Is(err, ErrNoOffer) {
		return one[Offer](ctx, tx, ErrNoOffer, `
			insert into offers (id, room_id, host_id, payout_id, price, currency, tax_bp, cap, opens_at, closes_at, refund_hours)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning `+offerColumns,
			uuid.Must(uuid.NewV7()), room, host, payout, n.Price, n.Currency, n.TaxBP, n.Cap, n.OpensAt, n.ClosesAt, n.RefundHours)
	}
	switch {
	case err != nil:
		return f, err
	case f.CancelledAt != nil:
		return f, ErrSaleOver
	case f.Currency != n.Currency:
		return f, ErrCurrency
	}
	return one[Offer](ctx, tx, ErrNoOffer, `
		update offers set payout_id = coalesce($2, payout_id), price = $3, tax_bp = $4, cap = $5, opens_at = $6, closes_at = $7, refund_hours = $8
		where id = $1 returning `+offerColumns, f.ID, payout, n.Price, n.TaxBP, n.Cap, n.OpensAt, n.ClosesAt, n.RefundHours)
}

// offerFault turns what the schema refuses into words.
func offerFault(err error) error {
	switch postgres.Constraint(err) {
	case "offers_never_oversold":
		return ErrCapSold
	case "offers_one_per_room": // made by another request at this moment
		return &fault.Fault{Kind: ErrSaleBusy, RetryAfter: time.Second}
	}
	return err
}

// CancelSaleTx calls a room's sale off in the caller's transaction: nobody can
// hold a seat any more, and everyone gets their money back once it committed.
// Calling off twice, or what was never offered, changes nothing. It comes before
// anything is appended to the room's log, which settling locks last.
func (s *Service) CancelSaleTx(ctx context.Context, tx pgx.Tx, actor, room uuid.UUID) error {
	offer, err := callOffTx(ctx, tx, actor, room)
	if err != nil || offer == uuid.Nil {
		return err
	}
	return s.queue.InsertTx(ctx, tx, errand{What: emptiesOffer, ID: offer.String()})
}

// CancelSaleTx is that of a server that sells nothing at this moment: the money
// goes back as soon as it does.
func (s *Store) CancelSaleTx(ctx context.Context, tx pgx.Tx, actor, room uuid.UUID) error {
	_, err := callOffTx(ctx, tx, actor, room)
	return err
}

// callOffTx returns the offer, uuid.Nil if there is none to call off.
func callOffTx(ctx context.Context, tx pgx.Tx, actor, room uuid.UUID) (offer uuid.UUID, err error) {
	err = tx.QueryRow(ctx, `
		update offers set cancelled_at = now() where room_id = $1 and cancelled_at is null returning id`, room).Scan(&offer)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, nil
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("call sale off: %w", err)
	}
	return offer, auditTx(ctx, tx, actor, "call-off", room.String(), nil)
}

// CancelSale is CancelSaleTx for the host of a room that is not over, and for
// admins: of a room that is over too, and of a host who cannot any more.
func (s *Service) CancelSale(ctx context.Context, actor, room uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if err := mayCallOffTx(ctx, tx, actor, room); err != nil {
			return err
		}
		return s.CancelSaleTx(ctx, tx, actor, room)
	})
}

func mayCallOffTx(ctx context.Context, tx pgx.Tx, actor, room uuid.UUID) error {
	refusal := sellerTx(ctx, tx, actor, room)
	if !errors.Is(refusal, ErrNotSeller) && !errors.Is(refusal, ErrSaleOver) {
		return refusal
	}
	admin, err := isAdmin(ctx, tx, actor)
	if err != nil || admin {
		return err
	}
	return refusal
}
