package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
)

// MaxInvitationLife bounds the life of an invitation.
const MaxInvitationLife = 90 * 24 * time.Hour

const invitationPrefix = "sli_"

// Invitation lets one person sign up. Code and Link are shown only once.
type Invitation struct {
	ID        uuid.UUID
	Code      string
	Link      string // to the page where the code is used
	ExpiresAt time.Time
}

// CreateInvitation makes an invitation that lives for life: by is who invites,
// uuid.Nil for whoever runs the server, and email the only address it may be
// used for, "" for any.
func (s *Service) CreateInvitation(ctx context.Context, by uuid.UUID, email string, life time.Duration) (Invitation, error) {
	email = strings.TrimSpace(email)
	switch {
	case email != "" && !goodEmail(email):
		return Invitation{}, fault.BadField("email")
	case life <= 0 || life > MaxInvitationLife:
		return Invitation{}, fault.BadField("expires_in_days")
	}
	code, hash := newSecret(invitationPrefix)
	made := Invitation{ID: uuid.Must(uuid.NewV7()), Code: code, Link: s.link("invite", code)}
	err := s.pool.QueryRow(ctx, `
		insert into invitations (id, code_hash, created_by, email, expires_at)
		values ($1, $2, $3, nullif($4, ''), now() + $5::interval) returning expires_at`,
		made.ID, hash, uuid.NullUUID{UUID: by, Valid: by != uuid.Nil}, email, life).Scan(&made.ExpiresAt)
	if err != nil {
		return Invitation{}, fmt.Errorf("insert invitation: %w", err)
	}
	return made, nil
}

// PastInvitation is an invitation as admins see it afterwards: without its code.
type PastInvitation struct {
	ID        uuid.UUID
	Email     string // "" for any address
	UsedBy    string // handle; "" while unused, or when the account is gone
	UsedAt    *time.Time
	ExpiresAt time.Time
	CreatedAt time.Time
}

// listedInvitations bounds the list an admin sees.
const listedInvitations = 100

// Invitations lists the newest invitations of this server.
func (s *Service) Invitations(ctx context.Context) ([]PastInvitation, error) {
	rows, _ := s.pool.Query(ctx, `
		select i.id, coalesce(i.email, '') as email, coalesce(a.handle, '') as used_by, i.used_at, i.expires_at, i.created_at
		from invitations i left join accounts a on a.id = i.used_by
		order by i.created_at desc, i.id desc limit $1`, listedInvitations)
	return pgx.CollectRows(rows, pgx.RowToStructByName[PastInvitation])
}

// WithdrawInvitation ends an invitation that nobody used. It answers
// ErrInvitationEnded when there is none such.
func (s *Service) WithdrawInvitation(ctx context.Context, id uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `delete from invitations where id = $1 and used_at is null`, id)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrInvitationEnded
	}
	return err
}

// takeInvitationTx uses the invitation up, or answers ErrInvitationEnded: used,
// ended, for another address, or none of ours.
func takeInvitationTx(ctx context.Context, tx pgx.Tx, code, email string) (id uuid.UUID, err error) {
	err = tx.QueryRow(ctx, `
		update invitations set used_at = now()
		where code_hash = $1 and used_at is null and expires_at > now() and (email is null or lower(email) = lower($2))
		returning id`, hashSecret(code), email).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return id, ErrInvitationEnded
	}
	if err != nil {
		return id, fmt.Errorf("take invitation: %w", err)
	}
	return id, nil
}

// invitedTx creates the account by its invitation, which is taken first: names
// and addresses that are taken are told to the invited only.
func invitedTx(ctx context.Context, tx pgx.Tx, n NewAccount, phc string) (Account, error) {
	id, err := takeInvitationTx(ctx, tx, n.Invitation, n.Email)
	if err != nil {
		return Account{}, err
	}
	a, err := insertTx(ctx, tx, n, phc)
	if err != nil {
		return Account{}, err
	}
	if _, err := tx.Exec(ctx, `update invitations set used_by = $2 where id = $1`, id, a.ID); err != nil {
		return Account{}, fmt.Errorf("note whom the invitation let in: %w", err)
	}
	return a, nil
}
