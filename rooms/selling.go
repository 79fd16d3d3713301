package rooms

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// SellingRules returns the rules in force of who may sell seats for money.
func (g *Gate) SellingRules(ctx context.Context) (GateRules, error) { return g.rules(ctx, sellGate) }

// SetSellingRules puts new ones in force for whoever begins to sell from now on.
func (g *Gate) SetSellingRules(ctx context.Context, setBy uuid.UUID, r GateRules) error {
	if err := CheckSelling(r); err != nil {
		return err
	}
	return g.setRules(ctx, setBy, sellGate, r)
}

// MaySell decides whether the account may sell seats for money, and stores the
// decision. The refusal is ErrSellingGate with the member "gate", a Decision.
func (g *Gate) MaySell(ctx context.Context, account uuid.UUID) error {
	var d Decision
	err := postgres.InTx(ctx, g.pool, func(tx pgx.Tx) (err error) {
		_, d, err = g.decideTx(ctx, tx, account, sellGate, "sell")
		return err
	})
	if err == nil && !d.Passed {
		return &fault.Fault{Kind: ErrSellingGate, Members: map[string]any{"gate": d}}
	}
	return err
}
