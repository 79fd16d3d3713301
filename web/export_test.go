package web

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"salon/accounts"
	"salon/rooms"
	"salon/ticketing"
)

// Every table that refers to an account is in a manifest: what is new is
// exported, or this fails.
func TestNoTableIsForgottenInTheExport(t *testing.T) {
	b := setup(t)
	rows, _ := b.pool.Query(b.ctx, `
		select distinct conrelid::regclass::text from pg_constraint
		where contype = 'f' and confrelid = 'accounts'::regclass`)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 5 {
		t.Fatalf("%v %v", tables, err)
	}
	for _, table := range append(tables, "accounts") {
		if accounts.Held[table] == "" && rooms.Held[table] == "" && ticketing.Held[table] == "" {
			t.Errorf("%s refers to accounts and is in no manifest", table)
		}
	}
}

func TestExportHoldsWhatIsKnownAndNoSecret(t *testing.T) {
	b := setup(t)
	host, other := b.hosting("host"), b.person("other", 0)
	room := host.do("POST", "/api/rooms", `{"title":"Evening","language":"en","start":true}`).json(t)["id"].(string)
	other.do("POST", "/api/rooms/"+room+"/join", "")
	other.do("PUT", "/api/accounts/host/follow", "")
	other.do("POST", "/api/me/tokens", `{"name":"robot","scopes":["read"],"expires_in_days":1}`)
	got := other.do("GET", "/api/me/export", "")
	if got.status != 200 || !strings.Contains(got.header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("%d %s", got.status, got.body)
	}
	tables := got.json(t)["tables"].(map[string]any)
	for table, want := range map[string]int{"accounts": 1, "sessions": 1, "api_tokens": 1, "follows": 1, "participants": 1, "rooms": 0} {
		if held := tables[table].([]any); len(held) != want {
			t.Errorf("%s: %v", table, held)
		}
	}
	for _, word := range []string{"hash", "host@example.org", "identity"} {
		if strings.Contains(got.body, word) {
			t.Errorf("the export holds %q", word)
		}
	}
	columns := []string{"other@example.org", "robot", "Evening"}
	if slices.ContainsFunc(columns, func(c string) bool { return !strings.Contains(got.body, c) }) {
		t.Errorf("something is missing: %s", got.body)
	}
}
