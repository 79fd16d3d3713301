package web

import (
	"context"
	"testing"

	"github.com/google/uuid"
)

// gated lets the host gate of an edge say who sells.
type gated struct{ *edge }

func (g gated) MaySell(ctx context.Context, account uuid.UUID) error {
	return g.HostGate.MaySell(ctx, account)
}

func TestWhoMaySellIsSaid(t *testing.T) {
	b := setup(t)
	b.Tickets.AskWhoSells(gated{b})
	admin, host := b.person("admin", 0), b.hosting("host")
	if err := b.Accounts.SetAdmin(b.ctx, "admin", true); err != nil {
		t.Fatal(err)
	}
	rules := func(want string) {
		t.Helper()
		if got := b.nobody().do("GET", "/api/selling-gate", "").got(t, "read", 200); got.body != want+"\n" {
			t.Errorf("%s, want %s", got.body, want)
		}
	}
	rules(`{"all":false,"paths":[{"kind":"everyone"}]}`)
	spaces := `{"all":true,"paths":[{"kind":"followers","min":1000},{"kind":"hosted","min":2}]}`
	admin.do("PUT", "/api/selling-gate", spaces).got(t, "set", 200)
	rules(spaces)
	admin.do("PUT", "/api/selling-gate", `{"all":true,"paths":[{"kind":"hosted"}]}`).problem(t, "without a number", 400, "gate-rules")
	admin.do("PUT", "/api/host-gate", `{"paths":[{"kind":"hosted","min":3}]}`).problem(t, "for hosting", 400, "gate-rules")

	room := host.do("POST", "/api/rooms", `{"title":"x","language":"en","start":true}`).json(t)["id"].(string)
	sell := func(language, price string) answer {
		return host.with("Accept-Language", language).do("PUT", "/api/rooms/"+room+"/offer", `{"price":`+price+`,"currency":"usd","cap":2}`)
	}
	refused := sell("en", "500")
	refused.problem(t, "refused", 403, "selling-gate")
	p := refused.json(t)
	if p["detail"] != "You cannot sell tickets yet. Still missing: followers: 0 of 1000; rooms hosted in the last 30 days: 1 of 2." ||
		p["next_step"] != "Until then, offer the seats for free." {
		t.Errorf("%v %v", p["detail"], p["next_step"])
	}
	gate := p["gate"].(map[string]any)
	hosted := gate["paths"].([]any)[1].(map[string]any)
	if gate["all"] != true || gate["passed"] != false || hosted["kind"] != "hosted" || hosted["have"] != 1.0 || hosted["need"] != 2.0 {
		t.Errorf("%v", gate)
	}
	sell("en", "0").got(t, "for nothing", 200)
	admin.do("PUT", "/api/selling-gate", `{"all":false,"paths":[{"kind":"vouchers","min":2},{"kind":"hosted","min":3}]}`).got(t, "set", 200)
	if p := sell("fr", "500").json(t); p["detail"] != "Vous ne pouvez pas encore vendre de billets. Une de ces conditions suffit: garants: 0 sur 2; salles animées ces 30 derniers jours: 1 sur 3." {
		t.Errorf("%v", p["detail"])
	}
	admin.do("PUT", "/api/selling-gate", `{"all":false,"paths":[{"kind":"hosted","min":1}]}`).got(t, "set", 200)
	sell("en", "500").problem(t, "who may, without an account at Stripe", 409, "payouts-not-ready")
}
