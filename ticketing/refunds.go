package ticketing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// Reason is why money goes back.
type Reason string

// The reasons.
const (
	ByBuyer       Reason = "buyer"
	ByHost        Reason = "host"
	ByAdmin       Reason = "admin"
	RoomCancelled Reason = "room-cancelled"
	Late          Reason = "late"      // paid when the time was over and no seat was left
	Duplicate     Reason = "duplicate" // paid twice
	Unmatched     Reason = "unmatched" // paid for an order we do not know, of an offer we do not know
	Mismatch      Reason = "mismatch"  // paid something else than was agreed
	Outside       Reason = "outside"   // made at Stripe, not by us
)

// Refund gives back a ticket and all that was paid for it: to a buyer within
// what the ticket promises, and at any time by the host or an admin. The door
// closes and the seat is free at once; the money is on its way. The platform
// bears what Stripe keeps of the payment. Asking again is no error.
func (s *Service) Refund(ctx context.Context, actor, order uuid.UUID) (o Order, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		f, found, err := lockTx(ctx, tx, order)
		if err != nil {
			return err
		}
		x := &sale{offer: f, order: found}
		why, err := reasonTx(ctx, tx, x, actor)
		if err != nil {
			return err
		}
		switch x.order.State {
		case Paid:
			err = s.takeBackTx(ctx, tx, x, why, actor)
		case Refunding, Refunded:
		default:
			err = ErrNotRefunded
		}
		o = x.order
		return err
	})
	return o, err
}

// reasonTx says by what right an account may have an order refunded, or why
// not. Orders of others are not there.
func reasonTx(ctx context.Context, tx pgx.Tx, x *sale, actor uuid.UUID) (Reason, error) {
	if x.offer.HostID != nil && *x.offer.HostID == actor {
		return ByHost, nil
	}
	if x.order.AccountID != nil && *x.order.AccountID == actor {
		return ByBuyer, inTimeTx(ctx, tx, x.order)
	}
	admin, err := isAdmin(ctx, tx, actor)
	if err == nil && !admin {
		err = ErrNoOrder
	}
	return ByAdmin, err
}

// promiseHolds says of ticket t, in room r if there still is one, that the promise
// holds. A start that was moved takes no time away; a room without an announced
// one can be given back until it starts.
const promiseHolds = `coalesce(now() <= greatest(t.starts_at, r.starts_at) - make_interval(hours => t.refund_hours), r.started_at is null)`

// ticketUsed says of ticket t that its holder came in: a room may start before
// its announced time, and who hears it has had what was sold.
const ticketUsed = `exists (select from participants p where p.room_id = t.room_id and p.account_id = t.account_id and p.joined_at is not null)`

// inTimeTx refuses a buyer whom the ticket promises nothing any more.
func inTimeTx(ctx context.Context, tx pgx.Tx, o Order) error {
	var promised, inTime, used bool
	err := tx.QueryRow(ctx, `
		select t.refund_hours is not null, `+promiseHolds+`, `+ticketUsed+`
		from tickets t left join rooms r on r.id = t.room_id where t.order_id = $1`, o.ID).Scan(&promised, &inTime, &used)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil // there is nothing to give back, which is told by the state
	case err != nil:
		return fmt.Errorf("read ticket: %w", err)
	case o.State != Paid:
		return nil
	case !promised:
		return ErrNotRefunded
	case !inTime:
		return ErrRefundLate
	case used:
		return ErrTicketUsed
	}
	return nil
}

// takeBackTx takes back the ticket of a paid order.
func (s *Service) takeBackTx(ctx context.Context, tx pgx.Tx, x *sale, why Reason, actor uuid.UUID) error {
	if err := auditTx(ctx, tx, actor, "refund", x.order.ID.String(), map[string]Reason{"reason": why}); err != nil {
		return err
	}
	if err := voidTx(ctx, tx, x.order.ID); err != nil {
		return err
	}
	var paid int64
	err := tx.QueryRow(ctx, `select coalesce(-sum(amount), 0) from ledger_entries where order_id = $1 and account = 'buyer'`, x.order.ID).Scan(&paid)
	if err != nil {
		return fmt.Errorf("read what was paid: %w", err)
	}
	if err := s.refundTx(ctx, tx, x, why, actor, paid); err != nil {
		return err
	}
	return s.journalTx(ctx, tx, x.offer)
}

// refundTx sends money back once the transaction committed, and writes so to
// whose it is.
func (s *Service) refundTx(ctx context.Context, tx pgx.Tx, x *sale, why Reason, actor uuid.UUID, amount int64) error {
	if err := s.moneyBackTx(ctx, tx, x.order, why, amount); err != nil {
		return err
	}
	return s.giveBackTx(ctx, tx, x, why, actor, amount)
}

// giveBackTx is refundTx without a letter. Where there is no money to send, the
// order is over at once.
func (s *Service) giveBackTx(ctx context.Context, tx pgx.Tx, x *sale, why Reason, actor uuid.UUID, amount int64) error {
	if amount <= 0 {
		to := Refunded
		if x.order.Price == 0 {
			to = Cancelled
		}
		return moveTx(ctx, tx, &x.offer, &x.order, to)
	}
	if err := moveTx(ctx, tx, &x.offer, &x.order, Refunding); err != nil {
		return err
	}
	id := uuid.Must(uuid.NewV7())
	_, err := tx.Exec(ctx, `
		insert into refunds (id, order_id, amount, reason, asked_by) values ($1, $2, $3, $4, nullif($5, $6::uuid))`,
		id, x.order.ID, amount, why, actor, uuid.Nil)
	if err != nil {
		return fmt.Errorf("ask for refund: %w", err)
	}
	return s.queue.InsertTx(ctx, tx, errand{What: sendsRefund, ID: id.String()})
}

// refundRow is a refund with what it is made of.
type refundRow struct {
	ID        uuid.UUID
	OrderID   uuid.UUID
	Amount    int64
	State     string
	PaymentID string
	SessionID string
}

// sendRefund asks Stripe for a refund, and settles what comes of it. It may be
// repeated and crash anywhere: the key is stored before the call, and a key that
// is of no use any more is followed by a look at what Stripe has done.
func (s *Service) sendRefund(ctx context.Context, id uuid.UUID) error {
	r, err := one[refundRow](ctx, s.pool, ErrNoOrder, `
		select r.id, r.order_id, r.amount, r.state, p.payment_id, p.session_id from refunds r join payments p using (order_id) where r.id = $1`, id)
	if err != nil || r.State != "asked" {
		return err
	}
	said, err := s.askRefund(ctx, r)
	switch {
	case errors.Is(err, errSent):
		return nil
	case errors.Is(err, ErrRefused):
		return errors.Join(s.alarm(ctx, AlarmRefused, r.ID.String(), r.OrderID, err.Error()), s.Settle(ctx, r.SessionID))
	case err != nil:
		return err
	}
	if err := s.noteRefund(ctx, r, said); err != nil {
		return err
	}
	return s.Settle(ctx, r.SessionID)
}

func (s *Service) askRefund(ctx context.Context, r refundRow) (Refund, error) {
	c, err := s.beginRefund(ctx, r)
	if err != nil {
		return Refund{}, err
	}
	var request NewRefund
	if err := json.Unmarshal(c.Request, &request); err != nil {
		return Refund{}, fmt.Errorf("read call: %w", err)
	}
	if c.Old {
		err = ErrKeySpent
	} else {
		var said Refund
		if said, err = s.payments.Refund(ctx, c.Key, request); err == nil {
			return said, nil
		}
	}
	switch {
	case errors.Is(err, ErrRefused):
		return Refund{}, errors.Join(err, s.spend(ctx, c.Key))
	case !errors.Is(err, ErrKeySpent):
		return Refund{}, busy(err)
	}
	said, err := s.findRefund(ctx, r.ID)
	if errors.Is(err, ErrUnknown) {
		return said, errors.Join(busy(err), s.spend(ctx, c.Key)) // the next attempt uses another key
	}
	return said, err
}

// beginRefund stores the call, unless the refund was sent since.
func (s *Service) beginRefund(ctx context.Context, r refundRow) (c call, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var asked bool
		if err := tx.QueryRow(ctx, `select state = 'asked' from refunds where id = $1 for update`, r.ID).Scan(&asked); err != nil {
			return fmt.Errorf("lock refund: %w", err)
		}
		if !asked {
			return errSent
		}
		c, err = callTx(ctx, tx, makesRefund, r.ID, NewRefund{Refund: r.ID, Payment: r.PaymentID, Amount: r.Amount})
		return err
	})
	return c, err
}

// errSent: somebody else sent the refund.
var errSent = errors.New("refund was sent")

// findRefund looks at Stripe for a refund of ours whose id we never heard, or
// answers ErrUnknown.
func (s *Service) findRefund(ctx context.Context, id uuid.UUID) (Refund, error) {
	var since time.Time
	if err := s.pool.QueryRow(ctx, `select created_at from refunds where id = $1`, id).Scan(&since); err != nil {
		return Refund{}, err
	}
	recent, err := s.payments.RecentRefunds(ctx, since.Add(-callInFlight))
	if err != nil {
		return Refund{}, busy(err)
	}
	for _, r := range recent {
		if r.Refund == id {
			return r, nil
		}
	}
	return Refund{}, ErrUnknown
}

func (s *Service) noteRefund(ctx context.Context, r refundRow, said Refund) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		state := "sent"
		if said.Status == RefundFailed {
			state = "failed"
			if err := alarmTx(ctx, tx, AlarmFailed, r.ID.String(), &r.OrderID, "the bank did not take "+said.ID); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `
			update refunds set stripe_id = $2, state = $3, closed_at = case when $3 = 'failed' then now() end where id = $1 and state = 'asked'`, r.ID, said.ID, state)
		if err != nil {
			return fmt.Errorf("note refund: %w", err)
		}
		return answeredTx(ctx, tx, makesRefund, r.ID)
	})
}

// refundedTx closes an order whose money is back.
func (s *Service) refundedTx(ctx context.Context, tx pgx.Tx, x *sale) error {
	if _, err := tx.Exec(ctx, `update refunds set state = 'succeeded', closed_at = now() where order_id = $1 and state in ('asked', 'sent')`, x.order.ID); err != nil {
		return fmt.Errorf("close refund: %w", err)
	}
	return moveTx(ctx, tx, &x.offer, &x.order, Refunded)
}

// outsideTx follows a refund of everything that was made at Stripe: it takes the
// ticket as ours do.
func (s *Service) outsideTx(ctx context.Context, tx pgx.Tx, x *sale, p Payment) error {
	_, err := tx.Exec(ctx, `
		insert into refunds (id, order_id, amount, reason, state, closed_at) values ($1, $2, $3, $4, 'succeeded', now())`,
		uuid.Must(uuid.NewV7()), x.order.ID, p.Refunded, Outside)
	if err != nil {
		return fmt.Errorf("note refund at stripe: %w", err)
	}
	if err := auditTx(ctx, tx, uuid.Nil, "refund", x.order.ID.String(), map[string]Reason{"reason": Outside}); err != nil {
		return err
	}
	if err := s.moneyBackTx(ctx, tx, x.order, Outside, p.Refunded); err != nil {
		return err
	}
	return s.leaveTx(ctx, tx, x, Refunded)
}

// disputedTx is for money that the buyer's bank took. A refund on top would give
// it back twice.
func (s *Service) disputedTx(ctx context.Context, tx pgx.Tx, x *sale) error {
	if _, err := tx.Exec(ctx, `update refunds set state = 'failed', closed_at = now() where order_id = $1 and state = 'asked'`, x.order.ID); err != nil {
		return fmt.Errorf("stop refund: %w", err)
	}
	return s.leaveTx(ctx, tx, x, Disputed)
}

// bouncedTx is for money that came back to us because the buyer's bank did not
// take it. Only a person can find another way to them.
func (s *Service) bouncedTx(ctx context.Context, tx pgx.Tx, x *sale) error {
	if _, err := tx.Exec(ctx, `update refunds set state = 'failed' where order_id = $1 and state = 'succeeded'`, x.order.ID); err != nil {
		return fmt.Errorf("note bounced refund: %w", err)
	}
	if err := alarmTx(ctx, tx, AlarmFailed, x.order.ID.String(), &x.order.ID, "a refund was not taken by the buyer's bank"); err != nil {
		return err
	}
	return moveTx(ctx, tx, &x.offer, &x.order, Refunding)
}

func (s *Service) alarm(ctx context.Context, kind AlarmKind, subject string, order uuid.UUID, detail string) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		return alarmTx(ctx, tx, kind, subject, &order, detail)
	})
}

// selectWaiting finds the refunds that were not sent, or whose answer was lost,
// and have rested a minute: twice as long after each key that did not do it, up to
// a day. What Stripe refuses now it will mostly refuse in a minute.
const selectWaiting = `
	select r.id from refunds r where r.state = 'asked' and r.created_at < now() - interval '1 minute'
	  and not exists (select from stripe_calls c where c.subject = r.id
	                  having max(c.sent_at) > now() - least(interval '1 day', interval '1 minute' * 2 ^ least(greatest(count(c.spent_at) - 1, 0), 11)))`

// sendWaiting asks Stripe for the refunds whose time has come.
func (s *Service) sendWaiting(ctx context.Context) error {
	waiting, err := ids(ctx, s.pool, selectWaiting)
	if err != nil {
		return fmt.Errorf("find waiting refunds: %w", err)
	}
	var failed []error
	for _, id := range waiting {
		failed = append(failed, s.sendRefund(ctx, id))
	}
	return errors.Join(failed...)
}
