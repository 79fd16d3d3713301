package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
)

const tokenPrefix = "slt_"

// MaxTokenLife bounds the life of an API token: what never expires is
// forgotten where it lies.
const MaxTokenLife = 366 * 24 * time.Hour

// maxTokens is how many API tokens an account may keep.
const maxTokens = 50

// Token is an API token without its secret, which is shown only once.
type Token struct {
	ID         uuid.UUID
	Name       string
	Scopes     []Scope
	Bot        bool
	CreatedAt  time.Time
	LastUsedAt *time.Time
	ExpiresAt  time.Time
}

const tokenColumns = `id, name, scopes, bot, created_at, last_used_at, expires_at`

// NewToken is what its owner decides about a token.
type NewToken struct {
	Name   string
	Scopes []Scope
	Life   time.Duration
	Bot    bool
}

func (n NewToken) check() error {
	name := utf8.RuneCountInString(strings.TrimSpace(n.Name))
	unknown := slices.ContainsFunc(n.Scopes, func(s Scope) bool { return !slices.Contains(Scopes, s) })
	for _, rule := range []struct {
		field string
		ok    bool
	}{
		{"name", name >= 1 && name <= 60 && !hasControl(n.Name)},
		{"scopes", len(n.Scopes) > 0 && len(n.Scopes) <= len(Scopes) && !unknown},
		{"expires_in_days", n.Life > 0 && n.Life <= MaxTokenLife},
	} {
		if !rule.ok {
			return fault.BadField(rule.field)
		}
	}
	return nil
}

// CreateToken makes an API token and returns it with its secret.
func (s *Service) CreateToken(ctx context.Context, account uuid.UUID, n NewToken) (Token, string, error) {
	if err := n.check(); err != nil {
		return Token{}, "", err
	}
	var held int
	if err := s.pool.QueryRow(ctx, `select count(*) from api_tokens where account_id = $1`, account).Scan(&held); err != nil {
		return Token{}, "", fmt.Errorf("count tokens: %w", err)
	}
	if held >= maxTokens {
		return Token{}, "", ErrTooManyTokens.With(fault.Params{"limit": maxTokens})
	}
	secret, hash := newSecret(tokenPrefix)
	rows, _ := s.pool.Query(ctx, `
		insert into api_tokens (id, account_id, name, secret_hash, scopes, bot, expires_at)
		values ($1, $2, $3, $4, $5, $6, now() + $7::interval) returning `+tokenColumns,
		uuid.Must(uuid.NewV7()), account, strings.TrimSpace(n.Name), hash, n.Scopes, n.Bot, n.Life)
	token, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Token])
	if err != nil {
		return Token{}, "", fmt.Errorf("insert token: %w", err)
	}
	return token, secret, nil
}

// Tokens lists the account's API tokens, newest first, expired ones included.
func (s *Service) Tokens(ctx context.Context, account uuid.UUID) ([]Token, error) {
	rows, _ := s.pool.Query(ctx,
		`select `+tokenColumns+` from api_tokens where account_id = $1 order by id desc`, account)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Token])
}

// RevokeToken ends a token at once, or answers ErrNoToken.
func (s *Service) RevokeToken(ctx context.Context, account, token uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `delete from api_tokens where account_id = $1 and id = $2`, account, token)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNoToken
	}
	return err
}

// ByToken returns who the API token acts for, or ErrSignedOut, or ErrSuspended.
func (s *Service) ByToken(ctx context.Context, secret string) (Caller, error) {
	rows, _ := s.pool.Query(ctx, `
		with used as (
			update api_tokens set last_used_at = now()
			where secret_hash = $1 and expires_at > now()
			  and (last_used_at is null or last_used_at < now() - $2::interval))
		select a.id, t.id as token_id, a.handle, a.admin, a.verified_at is not null as verified, a.suspended_at, t.scopes, t.bot
		from api_tokens t join accounts a on a.id = t.account_id
		where t.secret_hash = $1 and t.expires_at > now()`, hashSecret(secret), touchEvery)
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct {
		ID          uuid.UUID
		TokenID     uuid.UUID
		Handle      string
		Admin       bool
		Verified    bool
		SuspendedAt *time.Time
		Scopes      []Scope
		Bot         bool
	}])
	if errors.Is(err, pgx.ErrNoRows) {
		return Caller{}, ErrSignedOut
	}
	if err != nil {
		return Caller{}, fmt.Errorf("read token: %w", err)
	}
	if row.SuspendedAt != nil {
		return Caller{}, ErrSuspended
	}
	return Caller{
		AccountID: row.ID, Handle: row.Handle, Admin: row.Admin, Scopes: row.Scopes, Bot: row.Bot, CredentialID: row.TokenID,
		MustVerify: s.policy.mustVerify(row.Verified),
	}, nil
}

// Gone returns which of these credentials, ids of sessions or API tokens, are
// of no use any more.
func (s *Service) Gone(ctx context.Context, credentials []uuid.UUID) ([]uuid.UUID, error) {
	rows, _ := s.pool.Query(ctx, `
		select id from unnest($1::uuid[]) as held (id)
		where not exists (select from sessions s where s.id = held.id and s.expires_at > now())
		  and not exists (select from api_tokens t where t.id = held.id and t.expires_at > now())`, credentials)
	return pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
}
