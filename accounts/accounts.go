// Package accounts keeps people: who may sign up, how they sign in, by password
// or by mailed link, their devices and API tokens, and who follows whom.
package accounts

import (
	"context"
	"errors"
	"net/url"
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
	ErrFollowBlocked = fault.Define("follow-blocked", fault.Forbidden)
	ErrBlockSelf     = fault.Define("block-self", fault.Conflict)
	ErrOwnerStays    = fault.Define("owner-stays", fault.Conflict)
	ErrNoSession     = fault.Define("session-not-found", fault.NotFound)
	ErrNoToken       = fault.Define("token-not-found", fault.NotFound)
	ErrTooManyTokens = fault.Define("too-many-tokens", fault.Conflict)
	ErrTooManyLogins = fault.Define("sign-in-busy", fault.Unavailable)

	ErrNoMail    = fault.Define("no-mail", fault.Unavailable)
	ErrLinkEnded = fault.Define("link-ended", fault.Gone)
	ErrVerified  = fault.Define("already-verified", fault.Conflict)
	ErrUnproved  = fault.Define("verify-first", fault.Forbidden)

	ErrSignUpClosed     = fault.Define("sign-up-closed", fault.Forbidden)
	ErrInvitationNeeded = fault.Define("invitation-needed", fault.Forbidden)
	ErrInvitationEnded  = fault.Define("invitation-ended", fault.Gone)
	ErrMailDomain       = fault.Define("mail-domain", fault.Forbidden) // Params: "domains"
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
	Owner       bool       // of this server
	VerifiedAt  *time.Time // when the address was proved; nil: it is only claimed
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

const accountColumns = `id, handle, display_name, email, language, time_zone, admin, owner, verified_at, suspended_at, created_at`

// Config is what the service is built from.
type Config struct {
	Pool      *pgxpool.Pool
	PublicURL *url.URL // where mailed links and invitations lead; nil is http://localhost
	Mail      Mail     // nil: no mail, and what needs it is refused with ErrNoMail
	SignUp    SignUpPolicy
}

// Service answers for accounts. Its methods are one transaction each.
type Service struct {
	pool      *pgxpool.Pool
	hasher    *hasher
	publicURL *url.URL
	mail      Mail
	policy    SignUpPolicy
}

// New returns the service.
func New(c Config) *Service {
	if c.PublicURL == nil {
		c.PublicURL = &url.URL{Scheme: "http", Host: "localhost"}
	}
	if c.SignUp.Mode == "" {
		c.SignUp.Mode = SignUpOpen
	}
	return &Service{pool: c.Pool, hasher: newHasher(), publicURL: c.PublicURL, mail: c.Mail, policy: c.SignUp}
}

// SignUpPolicy is who may sign up.
func (s *Service) SignUpPolicy() SignUpPolicy { return s.policy }

// HasMail says whether the service can send mail.
func (s *Service) HasMail() bool { return s.mail != nil }

// ByID returns the account, or ErrNotFound.
func (s *Service) ByID(ctx context.Context, id uuid.UUID) (Account, error) {
	return s.one(ctx, `select `+accountColumns+` from accounts where id = $1`, id)
}

// ByHandle returns the account with this handle, or ErrNotFound.
func (s *Service) ByHandle(ctx context.Context, handle string) (Account, error) {
	if !handlePattern.MatchString(normalHandle(handle)) {
		return Account{}, ErrNotFound // nor could there be
	}
	return s.one(ctx, `select `+accountColumns+` from accounts where handle = $1`, normalHandle(handle))
}

func (s *Service) one(ctx context.Context, query string, args ...any) (Account, error) {
	rows, _ := s.pool.Query(ctx, query, args...)
	return oneAccount(rows)
}

// oneAccount reads the only row, or answers ErrNotFound.
func oneAccount(rows pgx.Rows) (Account, error) {
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
