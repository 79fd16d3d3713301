package ticketing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// Repair mends every safe finding, and writes each into the audit. What it could
// not mend is in the error.
func (s *Service) Repair(ctx context.Context, findings []Finding) error {
	var failed []error
	for _, f := range findings {
		if f.Safe {
			failed = append(failed, s.mend(ctx, f))
		}
	}
	return errors.Join(failed...)
}

func (s *Service) mend(ctx context.Context, f Finding) error {
	if err := s.mended(ctx, f); err != nil {
		return fmt.Errorf("repair %s of %s: %w", f.Invariant, f.Subject, err)
	}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		return auditTx(ctx, tx, uuid.Nil, "repair", f.Subject, f)
	})
}

func (s *Service) mended(ctx context.Context, f Finding) error {
	if strings.HasPrefix(f.Subject, sessionPrefix) {
		return s.Settle(ctx, f.Subject)
	}
	for _, c := range checks {
		if c.invariant != f.Invariant || c.mend == nil {
			continue
		}
		found, err := s.find(ctx, c) // as it is now: it may have mended itself
		if err != nil {
			return err
		}
		if slices.ContainsFunc(found, func(g Finding) bool { return g.Subject == f.Subject }) {
			return c.mend(s, ctx, f.Subject)
		}
	}
	return nil
}

// recount counts the seats of an offer anew.
func (s *Service) recount(ctx context.Context, offer uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := lockOfferTx(ctx, tx, offer); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			update offers set taken = (select count(*) from orders where offer_id = $1 and state in ('held', 'paying', 'paid')) where id = $1`, offer)
		return err
	})
}

// forgetBuyer lets an order be of nobody, as when an account is deleted.
func (s *Service) forgetBuyer(ctx context.Context, order uuid.UUID) error {
	_, err := s.pool.Exec(ctx, `
		update orders set account_id = null where id = $1 and not exists (select from accounts a where a.id = orders.account_id)`, order)
	return err
}

// recountHost adds up a host's sales anew. The count is locked first, so that a
// sale at this moment is either seen or counted after.
func (s *Service) recountHost(ctx context.Context, host uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select from host_sales where host_id = $1 for update`, host); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			insert into host_sales (host_id, currency, gross)
			select $1, e.currency, sum(greatest(e.gross, 0))
			from (`+grossOfOrders+`) e join orders o on o.id = e.order_id join offers f on f.id = o.offer_id
			where f.host_id = $1 group by e.currency
			on conflict (host_id, currency) do update set gross = excluded.gross`, host)
		return err
	})
}

// resettle asks Stripe about an order again.
func (s *Service) resettle(ctx context.Context, order uuid.UUID) error {
	var session string
	if err := s.pool.QueryRow(ctx, `select session_id from payments where order_id = $1`, order).Scan(&session); err != nil {
		return fmt.Errorf("read session: %w", err)
	}
	return s.Settle(ctx, session)
}

// resend sends the money of an order back for which nobody does.
func (s *Service) resend(ctx context.Context, order uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		x, err := saleTx(ctx, tx, order)
		if err != nil || x.order.State != Refunding || x.pay.Said == nil {
			return err
		}
		return s.giveBackTx(ctx, tx, x, ByAdmin, uuid.Nil, x.pay.Said.Amount-x.pay.Said.Refunded)
	})
}

// closeDoor voids a ticket whose order is not paid any more.
func (s *Service) closeDoor(ctx context.Context, order uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error { return voidTx(ctx, tx, order) })
}

// endHold ends a hold whose time was over long ago.
func (s *Service) endHold(ctx context.Context, order uuid.UUID) error {
	return errors.Join(s.expireHeld(ctx), s.endOverdue(ctx))
}
