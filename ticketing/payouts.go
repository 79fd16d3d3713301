package ticketing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// Onboard returns an address at Stripe where the host proves who they are and
// says where they are paid. It is for one click. The host's account at Stripe is
// made if there is none; country is where they live (ISO 3166), "" the
// platform's.
func (s *Service) Onboard(ctx context.Context, host uuid.UUID, country string, to LinkTo) (url string, err error) {
	id, c, err := s.beginPayout(ctx, NewAccount{Host: host, Country: country})
	if err == nil && id == "" {
		id, err = s.makePayout(ctx, host, c)
	}
	if err != nil {
		return "", err
	}
	if url, err = s.payments.AccountLink(ctx, id, to); err != nil {
		return "", busy(err)
	}
	return url, nil
}

// beginPayout returns the host's account at Stripe, or the stored call that
// makes one.
func (s *Service) beginPayout(ctx context.Context, n NewAccount) (id string, c call, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select from accounts where id = $1 for no key update`, n.Host); err != nil {
			return fmt.Errorf("lock host: %w", err)
		}
		if id, err = payoutOf(ctx, tx, n.Host); !errors.Is(err, ErrNoPayouts) {
			return err
		}
		c, err = callTx(ctx, tx, makesAccount, n.Host, n)
		return err
	})
	return id, c, err
}

// makePayout makes the account and notes its id: from an answer of Stripe and
// from nowhere else, because it is where money goes.
func (s *Service) makePayout(ctx context.Context, host uuid.UUID, c call) (string, error) {
	var n NewAccount
	if err := json.Unmarshal(c.Request, &n); err != nil {
		return "", fmt.Errorf("read call: %w", err)
	}
	id, err := s.payments.CreateAccount(ctx, c.Key, n)
	if errors.Is(err, ErrRefused) || errors.Is(err, ErrKeySpent) {
		// An account nobody uses does no harm: the next click makes another.
		return "", errors.Join(busy(err), s.spend(ctx, c.Key))
	}
	if err != nil {
		return "", busy(err)
	}
	return id, postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into payout_accounts (account_id, stripe_id) values ($1, $2) on conflict do nothing`, host, id)
		if err != nil {
			return fmt.Errorf("note payout account: %w", err)
		}
		return answeredTx(ctx, tx, makesAccount, host)
	})
}

func payoutOf(ctx context.Context, q querier, host uuid.UUID) (string, error) {
	rows, _ := q.Query(ctx, `select stripe_id from payout_accounts where account_id = $1`, host)
	id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrNoPayouts
	}
	return id, err
}

// Payouts says what Stripe lets the host's account do now, or answers
// ErrNoPayouts when there is none.
func (s *Service) Payouts(ctx context.Context, host uuid.UUID) (Account, error) {
	id, err := payoutOf(ctx, s.pool, host)
	if err != nil {
		return Account{}, err
	}
	return s.accountNow(ctx, id)
}

// accountNow asks Stripe. An account that took our access away can do nothing.
func (s *Service) accountNow(ctx context.Context, id string) (Account, error) {
	a, err := s.payments.Account(ctx, id)
	if errors.Is(err, ErrUnknown) || errors.Is(err, ErrRefused) {
		return Account{ID: id}, nil
	}
	if err != nil {
		return a, busy(err)
	}
	return a, nil
}

// sellableTo returns the account a host is paid to, if a payment could reach it
// now. The refusal has the member "due", what Stripe still wants to know.
func (s *Service) sellableTo(ctx context.Context, host uuid.UUID) (*string, error) {
	a, err := s.Payouts(ctx, host)
	if err != nil {
		return nil, err
	}
	if !a.CanSell() {
		return nil, &fault.Fault{Kind: ErrNoPayouts, Members: map[string]any{"due": a.Due}}
	}
	return &a.ID, nil
}
