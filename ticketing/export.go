package ticketing

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"salon/internal/postgres"
)

// Held is what this package holds about an account. A test fails when a table
// that refers to accounts is in no package's manifest.
var Held = postgres.Manifest{
	"payout_accounts": `select stripe_id, created_at from payout_accounts where account_id = $1`,
	"offers": `select id, room_id, price, currency, tax_bp, cap, taken, opens_at, closes_at, refund_hours, created_at, cancelled_at
		from offers where host_id = $1`,
	"orders": `select o.id, f.room_id, o.state, o.price, o.currency, o.complimentary, ` + networkInWords + ` as network, o.held_at, o.expires_at, o.closed_at, p.payment_id, p.tax, p.paid_at
		from orders o left join offers f on f.id = o.offer_id left join payments p on p.order_id = o.id where o.account_id = $1`,
	"tickets":     `select id, kind, order_id, room_id, refund_hours, issued_at, voided_at from tickets where account_id = $1`,
	"refunds":     `select order_id, amount, reason, state, created_at, closed_at from refunds where asked_by = $1`,
	"host_sales":  `select currency, gross from host_sales where host_id = $1`,
	"alarms":      `select kind, detail, created_at, closed_at from alarms where closed_by = $1`,
	"sales_audit": `select action, subject, detail, at from sales_audit where actor_id = $1`,
}

// Export returns everything Held about the account.
func (s *Store) Export(ctx context.Context, account uuid.UUID) (map[string][]json.RawMessage, error) {
	return postgres.Export(ctx, s.pool, Held, account)
}
