package accounts

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// ErrOwnerLink refuses a link that is not the latest, or was used.
var ErrOwnerLink = fault.Define("owner-link", fault.Forbidden)

const ownerPrefix = "slo_"

// NewOwnerLink returns the secret with which someone becomes the owner of
// this server, and ends earlier ones. It is empty once there is an owner.
func (s *Service) NewOwnerLink(ctx context.Context) (secret string, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var owned bool
		if err := tx.QueryRow(ctx, `select exists (select from accounts where owner)`).Scan(&owned); err != nil || owned {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from owner_links`); err != nil {
			return err
		}
		var hash []byte
		secret, hash = newSecret(ownerPrefix)
		_, err := tx.Exec(ctx, `insert into owner_links (secret_hash) values ($1)`, hash)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("owner link: %w", err)
	}
	return secret, nil
}

// ClaimOwner makes the account the owner of this server, and an admin, or
// answers ErrOwnerLink. A link works once.
func (s *Service) ClaimOwner(ctx context.Context, account uuid.UUID, secret string) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete from owner_links where secret_hash = $1`, hashSecret(secret))
		if err != nil {
			return fmt.Errorf("use owner link: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return ErrOwnerLink
		}
		_, err = tx.Exec(ctx, `update accounts set owner = true, admin = true where id = $1`, account)
		if postgres.Constraint(err) == "accounts_one_owner" {
			return ErrOwnerLink
		}
		return err
	})
}
