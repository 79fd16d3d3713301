package accounts

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"salon/internal/postgres"
)

// Held is what this package holds about an account. A test fails when a table
// that refers to accounts is in no package's manifest.
var Held = postgres.Manifest{
	"accounts": `select id, handle, display_name, email, language, time_zone, admin, owner, verified_at, suspended_at, created_at, caption_look
		from accounts where id = $1`,
	"sessions":    `select id, device, address, created_at, last_seen_at, expires_at from sessions where account_id = $1`,
	"api_tokens":  `select id, name, scopes, bot, created_at, last_used_at, expires_at from api_tokens where account_id = $1`,
	"mail_tokens": `select id, purpose, email, expires_at, used_at, created_at from mail_tokens where account_id = $1`,
	"invitations": `select id, created_by = $1 as yours, email, used_at, expires_at, created_at
		from invitations where $1 in (created_by, used_by)`,
	"blocks": `select b.created_at, who.handle as blocked from blocks b join accounts who on who.id = b.blocked_id where b.blocker_id = $1`,
	"follows": `select f.created_at, by.handle as follower, who.handle as followed
		from follows f join accounts by on by.id = f.follower_id join accounts who on who.id = f.followee_id
		where $1 in (f.follower_id, f.followee_id)`,
}

// Export returns everything Held about the account.
func (s *Service) Export(ctx context.Context, account uuid.UUID) (map[string][]json.RawMessage, error) {
	return postgres.Export(ctx, s.pool, Held, account)
}
