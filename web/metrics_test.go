package web

import (
	"net/http"
	"testing"
)

// Figures are for this machine and for admins: a proxy makes strangers look
// local, and is not believed.
func TestWhoMayReadMetrics(t *testing.T) {
	b := setup(t)
	admin, other := b.person("admin", 0), b.person("other", 0)
	if err := b.Accounts.SetAdmin(b.ctx, "admin", true); err != nil {
		t.Fatal(err)
	}
	if got := b.nobody().do(http.MethodGet, "/metrics", ""); got.status != http.StatusOK || got.body != "salon_test 1\n" {
		t.Errorf("this machine: %d %s", got.status, got.body)
	}
	away := func(a as) answer { return a.with("X-Forwarded-For", "192.0.2.1").do(http.MethodGet, "/metrics", "") }
	away(b.nobody()).problem(t, "a stranger", http.StatusUnauthorized, "sign-in-first")
	away(other).problem(t, "somebody", http.StatusForbidden, "admins-only")
	if got := away(admin); got.status != http.StatusOK {
		t.Errorf("an admin: %d %s", got.status, got.body)
	}
}
