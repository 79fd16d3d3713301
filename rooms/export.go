package rooms

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"salon/internal/postgres"
)

// Held is what this package holds about an account. A test fails when a table
// that refers to accounts is in no package's manifest.
var Held = postgres.Manifest{
	"gate_rules":     `select id, gate, every, paths, created_at from gate_rules where set_by = $1`,
	"gate_decisions": `select id, purpose, snapshot, passed, decided_at from gate_decisions where account_id = $1`,
	"vouches": `select v.created_at, by.handle as voucher, who.handle as candidate
		from vouches v join accounts by on by.id = v.voucher_id join accounts who on who.id = v.candidate_id
		where $1 in (v.voucher_id, v.candidate_id)`,
	"gate_watches": `select created_at, passed_at from gate_watches where account_id = $1`,
	"host_permissions": `select created_at, account_id = $1 as yours, granted_by = $1 as given_by_you
		from host_permissions where $1 in (account_id, granted_by)`,
	"rooms": `select id, title, topics, language, created_at, starts_at, started_at, ended_at, cancelled_at from rooms where host_id = $1`,
	"log_entries": `select e.room_id, e.seq, e.kind, e.at, e.actor_id = $1 as by_you, e.subject_id = $1 as about_you, e.withdrawn_at, c.body
		from log_entries e left join log_contents c on c.room_id = e.room_id and c.seq = e.seq where $1 in (e.actor_id, e.subject_id)`,
	"exclusions": `select room_id, network, until from exclusions where account_id = $1`,
	"audit":      `select room_id, action, reason, at, actor_id = $1 as by_you from audit where $1 in (actor_id, subject_id)`,
	"reports":    `select room_id, cause, note, created_at, outcome, closed_at from reports where reporter_id = $1`,
	"participants": `select p.room_id, r.title, p.role, p.muted, p.hard_muted, p.bot, p.hand_raised_at, p.hand_question, p.invited_at, p.banned_at, p.removed_until, p.joined_at, p.staged
		from participants p join rooms r on r.id = p.room_id where p.account_id = $1`,
}

// Export returns everything Held about the account.
func (s *Store) Export(ctx context.Context, account uuid.UUID) (map[string][]json.RawMessage, error) {
	return postgres.Export(ctx, s.pool, Held, account)
}
