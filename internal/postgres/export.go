package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Manifest says what is held about an account: for each table a query of the
// account's rows, whose only parameter is the account's id. It leaves out what
// proves who someone is, such as hashes of secrets.
type Manifest map[string]string

// Export runs a manifest for one account, in one snapshot: rows as JSON
// objects, table by table.
func Export(ctx context.Context, pool *pgxpool.Pool, m Manifest, account uuid.UUID) (map[string][]json.RawMessage, error) {
	all := make(map[string][]json.RawMessage, len(m))
	err := pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		for table, query := range m {
			rows, _ := tx.Query(ctx, `select to_jsonb(t) from (`+query+`) t`, account)
			held, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
			if err != nil {
				return fmt.Errorf("export %s: %w", table, err)
			}
			all[table] = held
		}
		return nil
	})
	return all, err
}
