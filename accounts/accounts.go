// Package accounts keeps people: how they sign up and in, their devices and
// API tokens, and who follows whom.
package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/fault"
)

// Refusals of this package.
var (
	ErrNotFound      = fault.Define("account-not-found", fault.NotFound)
	ErrHandleTaken   = fault.Define("handle-taken", fault.Conflict)
	ErrEmailTaken    = fault.Define("email-taken", fault.Conflict)
	ErrWrongLogin    = fault.Define("wrong-login", fault.Unauthenticated)
	ErrSignedOut     = fault.Define("signed-out", fault.Unauthenticated)
	ErrSuspended     = fault.Define("account-suspended", fault.Forbidden)
	ErrFollowSelf    = fault.Define("follow-self", fault.Conflict)
	ErrNoSession     = fault.Define("session-not-found", fault.NotFound)
	ErrNoToken       = fault.Define("token-not-found", fault.NotFound)
	ErrTooManyLogins = fault.Define("sign-in-busy", fault.Unavailable)
)

// Account is one person, as the account itself and admins see it.
type Account struct {
	ID          uuid.UUID
	Handle      string
	DisplayName string
	Email       string
	Language    string
	TimeZone    string
	Admin       bool
	SuspendedAt *time.Time
	CreatedAt   time.Time
}

// Location is the account's time zone, UTC when it cannot be loaded.
func (a Account) Location() *time.Location {
	if zone, err := time.LoadLocation(a.TimeZone); err == nil {
		return zone
	}
	return time.UTC
}

const accountColumns = `id, handle, display_name, email, language, time_zone, admin, suspended_at, created_at`

// Service answers for accounts. Its methods are one transaction each.
type Service struct {
	pool   *pgxpool.Pool
	hasher *hasher
}

// New returns the service on pool.
func New(pool *pgxpool.Pool) *Service {
	return &Service{pool: pool, hasher: newHasher()}
}

// ByID returns the account, or ErrNotFound.
func (s *Service) ByID(ctx context.Context, id uuid.UUID) (Account, error) {
	return s.one(ctx, `select `+accountColumns+` from accounts where id = $1`, id)
}

// ByHandle returns the account with this handle, or ErrNotFound.
func (s *Service) ByHandle(ctx context.Context, handle string) (Account, error) {
	return s.one(ctx, `select `+accountColumns+` from accounts where handle = $1`, normalHandle(handle))
}

func (s *Service) one(ctx context.Context, query string, args ...any) (Account, error) {
	rows, _ := s.pool.Query(ctx, query, args...)
	account, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Account])
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, ErrNotFound
	}
	return account, err
}

// SetAdmin makes the account an admin of this server, or takes it back.
func (s *Service) SetAdmin(ctx context.Context, handle string, admin bool) error {
	tag, err := s.pool.Exec(ctx, `update accounts set admin = $2 where handle = $1`, normalHandle(handle), admin)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return err
}
