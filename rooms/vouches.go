package rooms

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// VouchFor is one vouch, named by the person at its other end.
type VouchFor struct {
	AccountID   uuid.UUID
	Handle      string
	DisplayName string
	CreatedAt   time.Time
}

// Vouches lists the newest vouches an account gave and received.
func (g *Gate) Vouches(ctx context.Context, account uuid.UUID) (given, received []VouchFor, err error) {
	err = postgres.InTx(ctx, g.pool, func(tx pgx.Tx) error {
		if given, err = vouchesTx(ctx, tx, account, `
			from vouches v join accounts a on a.id = v.candidate_id where v.voucher_id = $1`); err != nil {
			return err
		}
		received, err = vouchesTx(ctx, tx, account, `
			from vouches v join accounts a on a.id = v.voucher_id where v.candidate_id = $1`)
		return err
	})
	return given, received, err
}

func vouchesTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, from string) ([]VouchFor, error) {
	rows, _ := tx.Query(ctx, `
		select a.id as account_id, a.handle, a.display_name, v.created_at`+from+`
		order by v.created_at desc, a.id limit $2`, account, listed)
	return pgx.CollectRows(rows, pgx.RowToStructByName[VouchFor])
}
