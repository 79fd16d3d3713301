package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// SessionLife is how long a session lasts after it was last used, and
// maxSessionLife how long at most, used or not.
const (
	SessionLife    = 30 * 24 * time.Hour
	maxSessionLife = 180 * 24 * time.Hour
)

// maxSessions is how many devices may be signed in at once; the one that was
// not used for longest makes room.
const maxSessions = 50

const sessionPrefix = "sls_"

// Session is one signed-in device.
type Session struct {
	ID         uuid.UUID
	Device     string
	Address    string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
}

// OpenSession signs a device in and returns the secret its cookie keeps.
// Every sign-in opens a new one; whoever had one before closes that.
func (s *Service) OpenSession(ctx context.Context, account uuid.UUID, device, address string) (secret string, err error) {
	secret, hash := newSecret(sessionPrefix)
	_, err = s.pool.Exec(ctx, `
		with forgotten as (
			delete from sessions where id in (
				select id from sessions where account_id = $2 order by last_seen_at desc, id desc offset $7))
		insert into sessions (id, account_id, token_hash, device, address, expires_at)
		values ($1, $2, $3, $4, $5, now() + $6::interval)`,
		uuid.Must(uuid.NewV7()), account, hash, device, address, SessionLife, maxSessions-1)
	if err != nil {
		return "", fmt.Errorf("open session: %w", err)
	}
	return secret, nil
}

// Sessions lists the devices the account is signed in on, last used first.
func (s *Service) Sessions(ctx context.Context, account uuid.UUID) ([]Session, error) {
	rows, _ := s.pool.Query(ctx, `
		select id, device, address, created_at, last_seen_at, expires_at from sessions
		where account_id = $1 and expires_at > now() order by last_seen_at desc, id`, account)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Session])
}

// CloseSession signs one device of the account out, or answers ErrNoSession.
func (s *Service) CloseSession(ctx context.Context, account, session uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `delete from sessions where account_id = $1 and id = $2`, account, session)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNoSession
	}
	return err
}

// touchEvery spares a write per request: last_seen_at moves at most this often.
const touchEvery = time.Minute

// BySession returns who the session's secret signs in, or ErrSignedOut, or
// ErrSuspended.
func (s *Service) BySession(ctx context.Context, secret string) (Caller, error) {
	rows, _ := s.pool.Query(ctx, `
		with seen as (
			update sessions set last_seen_at = now(), expires_at = now() + $2::interval
			where token_hash = $1 and expires_at > now() and created_at > now() - $4::interval and last_seen_at < now() - $3::interval)
		select a.id, a.handle, a.admin, a.verified_at is not null as verified, a.suspended_at, s.id as session_id,
		       s.last_seen_at < now() - $3::interval as renewed
		from sessions s join accounts a on a.id = s.account_id
		where s.token_hash = $1 and s.expires_at > now() and s.created_at > now() - $4::interval`,
		hashSecret(secret), SessionLife, touchEvery, maxSessionLife)
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct {
		ID          uuid.UUID
		Handle      string
		Admin       bool
		Verified    bool
		SuspendedAt *time.Time
		SessionID   uuid.UUID
		Renewed     bool
	}])
	if errors.Is(err, pgx.ErrNoRows) {
		return Caller{}, ErrSignedOut
	}
	if err != nil {
		return Caller{}, fmt.Errorf("read session: %w", err)
	}
	if row.SuspendedAt != nil {
		return Caller{}, ErrSuspended
	}
	return Caller{
		AccountID: row.ID, Handle: row.Handle, Admin: row.Admin, SessionID: row.SessionID, CredentialID: row.SessionID, Renewed: row.Renewed,
		MustVerify: s.policy.mustVerify(row.Verified),
	}, nil
}
