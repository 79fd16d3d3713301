package ticketing

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// Said is what Stripe says of a session and its payment, all of it read after
// revision `seen` of what we have booked was there.
type Said struct {
	Session Session
	Payment *Payment // nil while nobody has tried to pay
	seen    int
}

// errOld: something was settled since Stripe was asked. What it said then may
// be old, and booking it would undo what is newer.
var errOld = errors.New("what stripe said is old")

// maxAsked is how often Stripe is asked again because others settled the same
// order meanwhile.
const maxAsked = 10

// Settle asks Stripe what became of a session and makes it true here, in one
// transaction. It may be called at any time, for any session, by any number of
// processes: what is settled already changes nothing.
func (s *Service) Settle(ctx context.Context, session string) error {
	return s.settle(ctx, session, func(pgx.Tx) error { return nil })
}

// settle does something more in the same transaction.
func (s *Service) settle(ctx context.Context, session string, more func(tx pgx.Tx) error) error {
	for range maxAsked {
		said, err := s.Ask(ctx, session)
		if err != nil {
			return err
		}
		err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
			if err := s.SettleTx(ctx, tx, said); err != nil {
				return err
			}
			return more(tx)
		})
		if !errors.Is(err, errOld) {
			return err
		}
	}
	return busy(errOld)
}

// Ask reads at Stripe what SettleTx makes true.
func (s *Service) Ask(ctx context.Context, session string) (said Said, err error) {
	if said.Session, err = s.payments.Session(ctx, session); err != nil {
		return said, fmt.Errorf("ask for session: %w", err)
	}
	if said.seen, err = s.revision(ctx, said.Session); err != nil || said.Session.Payment == "" {
		return said, err
	}
	payment, err := s.payments.Payment(ctx, said.Session.Payment)
	if err != nil {
		return said, fmt.Errorf("ask for payment: %w", err)
	}
	said.Payment = &payment
	return said, nil
}

// unsettled is the revision of what was never settled.
const unsettled = -1

func (s *Service) revision(ctx context.Context, session Session) (n int, err error) {
	err = s.pool.QueryRow(ctx, `
		select coalesce((select revision from payments where session_id = $1),
		                (select revision from payments where order_id = $2 and session_id is null), $3)`, session.ID, session.Order, unsettled).Scan(&n)
	return n, err
}

// SettleTx makes true what Stripe said: the order's state, its ticket, the
// ledger, refunds that are due, alarms, and the line in the room's log. The
// error is for the caller to roll back. A session that does not bear our mark,
// and one of an order we do not know that nobody paid, change nothing.
func (s *Service) SettleTx(ctx context.Context, tx pgx.Tx, said Said) error {
	x, err := s.matchTx(ctx, tx, said)
	if errors.Is(err, errNotOurs) {
		return nil
	}
	if err != nil {
		return err
	}
	if x.pay.Revision != said.seen {
		return errOld
	}
	sold := x.order.State == Paid
	if err := s.outcomeTx(ctx, tx, x, said); err != nil {
		return err
	}
	if err := s.followTx(ctx, tx, x, said.Payment); err != nil {
		return err
	}
	if err := bookTx(ctx, tx, x, said.Payment); err != nil {
		return err
	}
	if err := x.pay.saveTx(ctx, tx, said); err != nil {
		return err
	}
	if sold == (x.order.State == Paid) {
		return nil
	}
	return s.journalTx(ctx, tx, x.offer)
}

// sale is an order with all that settling it may change. Its rows are locked.
type sale struct {
	offer Offer // the zero one when we do not know it
	order Order
	pay   *paymentRow
}

// outcomeTx follows the session to its end: a ticket, a refund, or a seat that
// is free again.
func (s *Service) outcomeTx(ctx context.Context, tx pgx.Tx, x *sale, said Said) error {
	waiting := x.order.State == OnHold || x.order.State == Paying
	switch {
	case said.paid():
		if waiting || x.order.State == Expired || x.order.State == Cancelled || x.order.State == Failed {
			return s.paidTx(ctx, tx, x, *said.Payment)
		}
	case !waiting || said.Session.Status == SessionOpen:
	case said.Session.Status == SessionExpired:
		return closeTx(ctx, tx, &x.offer, &x.order)
	case said.Payment != nil && said.Payment.Status == PaymentFailed:
		return moveTx(ctx, tx, &x.offer, &x.order, Failed)
	default:
		return waitForBankTx(ctx, tx, x.order)
	}
	return nil
}

// paid says whether money came.
func (s Said) paid() bool { return s.Payment != nil && s.Payment.Status == PaymentSucceeded }

// waitForBankTx keeps the seat of a buyer whose bank takes days: the checkout is
// complete, and only the bank's answer ends the order.
func waitForBankTx(ctx context.Context, tx pgx.Tx, o Order) error {
	_, err := tx.Exec(ctx, `
		update orders set expires_at = now() + interval '1 hour' where id = $1 and expires_at < now() + interval '5 minutes'`, o.ID)
	if err != nil {
		return fmt.Errorf("wait for bank: %w", err)
	}
	return nil
}

// paidTx ends in exactly one of a ticket and a refund.
func (s *Service) paidTx(ctx context.Context, tx pgx.Tx, x *sale, p Payment) error {
	why, err := s.againstTx(ctx, tx, x, p)
	if err != nil {
		return err
	}
	if why == "" {
		if err := moveTx(ctx, tx, &x.offer, &x.order, Paid); err != nil {
			return err
		}
		if err := issueTx(ctx, tx, x.offer, x.order); err != nil {
			return err
		}
		return s.receiptTx(ctx, tx, x.order)
	}
	return s.refundTx(ctx, tx, x, why, uuid.Nil, p.Amount-p.Refunded)
}

// againstTx says why a payment cannot become a ticket, "" when it can.
func (s *Service) againstTx(ctx context.Context, tx pgx.Tx, x *sale, p Payment) (Reason, error) {
	var over, seated bool
	err := tx.QueryRow(ctx, `
		select coalesce((select ended_at is not null or cancelled_at is not null from rooms where id = $1), true),
		       exists (select from orders where account_id = $2 and offer_id = $3 and id <> $4 and state in ('held', 'paying', 'paid'))`,
		x.offer.RoomID, x.order.AccountID, x.order.OfferID, x.order.ID).Scan(&over, &seated)
	switch {
	case err != nil:
		return "", fmt.Errorf("look for a seat: %w", err)
	case p.Amount != x.order.Price || p.Currency != x.order.Currency || x.pay.Destination != nil && p.Destination != *x.pay.Destination:
		return Mismatch, alarmTx(ctx, tx, AlarmMismatch, x.order.ID.String(), &x.order.ID,
			fmt.Sprintf("paid %s %s to %s instead of %s %s", Plain(p.Amount, p.Currency), p.Currency, p.Destination, Plain(x.order.Price, x.order.Currency), x.order.Currency))
	case x.offer.CancelledAt != nil:
		return RoomCancelled, nil
	case x.order.State.TakesSeat() && !over && x.order.AccountID != nil:
		return "", nil
	case seated:
		return Duplicate, nil
	case over || x.order.AccountID == nil || x.offer.Taken >= x.offer.Cap:
		return Late, nil
	}
	return "", nil
}

// followTx follows what happened to the money since it came.
func (s *Service) followTx(ctx context.Context, tx pgx.Tx, x *sale, p *Payment) error {
	if p == nil || p.Status != PaymentSucceeded {
		return nil
	}
	o, back := &x.order, p.Refunded >= p.Amount
	unheard := x.pay.Said == nil || !x.pay.Said.Disputed
	switch {
	case p.Disputed && unheard && o.State == Refunded:
		return alarmTx(ctx, tx, AlarmDispute, o.ID.String(), &o.ID, "the buyer's bank disputes "+p.Charge+", which was refunded")
	case p.Disputed && (o.State == Paid || o.State == Refunding):
		if err := s.disputedTx(ctx, tx, x); err != nil {
			return err
		}
		return alarmTx(ctx, tx, AlarmDispute, o.ID.String(), &o.ID, "the buyer's bank disputes "+p.Charge)
	case o.State == Paid && back:
		return s.outsideTx(ctx, tx, x, *p)
	case o.State == Paid && p.Refunded > 0:
		return alarmTx(ctx, tx, AlarmOutside, o.ID.String(), &o.ID, "part of the payment was refunded at Stripe; the ticket is still good")
	case o.State == Refunding && back:
		return s.refundedTx(ctx, tx, x)
	case o.State == Refunded && !back:
		return s.bouncedTx(ctx, tx, x)
	}
	return nil
}

// sellTx makes an order that costs nothing a ticket.
func (s *Service) sellTx(ctx context.Context, tx pgx.Tx, f *Offer, o *Order) error {
	if err := moveTx(ctx, tx, f, o, Paid); err != nil {
		return err
	}
	if err := issueTx(ctx, tx, *f, *o); err != nil {
		return err
	}
	if err := s.receiptTx(ctx, tx, *o); err != nil {
		return err
	}
	return s.journalTx(ctx, tx, *f)
}

// journalTx tells the room how many seats are sold. It comes last, because the
// log stays locked.
func (s *Service) journalTx(ctx context.Context, tx pgx.Tx, f Offer) error {
	if f.RoomID == nil {
		return nil
	}
	var sold int
	if err := tx.QueryRow(ctx, `select count(*) from orders where offer_id = $1 and state = 'paid'`, f.ID).Scan(&sold); err != nil {
		return fmt.Errorf("count tickets: %w", err)
	}
	return s.journal.SoldTx(ctx, tx, *f.RoomID, sold)
}
