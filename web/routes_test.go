package web

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"salon/accounts"
	"salon/rooms"
)

// Bad input on every route is a problem with 4xx and writes nothing.
func TestBadInputOnEveryRoute(t *testing.T) {
	b := setup(t)
	admin := b.person("admin", 0)
	if err := b.Accounts.SetAdmin(b.ctx, "admin", true); err != nil {
		t.Fatal(err)
	}
	huge := `{"title":"` + strings.Repeat("x", maxBody) + `"}`
	bodies := []string{"", "{", "null", "[]", `"text"`, `{"unknown":1}`, `{"title":1,"handle":[],"name":{},"paths":"x","login":7}`, "\x00\xff", huge}
	ids := []string{"not-a-uuid", "%00", "a%00b", "a%ffb", "..%2f..", uuid.Nil.String(), uuid.Must(uuid.NewV7()).String(), strings.Repeat("9", 300)}
	before, tried := b.rows(), 0
	for _, route := range apiRoutes(b.Server) {
		method, _ := split(route.Pattern, "")
		if takesNothing(b.Server, route) {
			continue // nothing that could be bad
		}
		for _, id := range ids {
			_, path := split(route.Pattern, id)
			for _, body := range append(bodies, spoilt(b.Server, route)...) {
				if method == http.MethodGet || method == http.MethodDelete {
					body = ""
				}
				tried++
				got := admin.do(method, path, body)
				if got.status < 400 || got.status >= 500 {
					t.Errorf("%s %.60s %.60q: %d %.200s", method, path, body, got.status, got.body)
					continue
				}
				got.problem(t, method+" "+path, got.status, "")
			}
		}
	}
	if after := b.rows(); after != before || tried < 500 {
		t.Errorf("%d rows before, %d after %d requests", before, after, tried)
	}
	if strings.Contains(b.logs.String(), "request failed") {
		t.Errorf("faults of ours: %.2000s", b.logs)
	}
}

// Every route × who calls it: refused as its rule says, never let through.
func TestAccessOfEveryRoute(t *testing.T) {
	b := setup(t)
	person := b.person("person", 0)
	_, secret, err := b.Accounts.CreateToken(b.ctx, person.id, accounts.NewToken{Name: "x", Scopes: []accounts.Scope{accounts.ScopeRead}, Life: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	reader := b.nobody().with("Authorization", "Bearer "+secret)
	for _, route := range b.Routes() {
		method, path := split(route.Pattern, uuid.Must(uuid.NewV7()).String())
		if route.Access.Level == Anyone || route.Access.Level == Blind {
			if got := b.nobody().do(method, path, ""); got.status == 401 || got.status == 403 {
				t.Errorf("%s is for anyone: %d", route.Pattern, got.status)
			}
			continue
		}
		refused := "sign-in-first"
		if route.Access.Level == Attending {
			refused = "come-in-first"
			b.nobody().with("Cookie", "salon-guest=slg_wrong").do(method, path, "").problem(t, route.Pattern+" by a guest of nowhere", 401, refused)
		}
		b.nobody().do(method, path, "").problem(t, route.Pattern+" by nobody", 401, refused)
		b.nobody().with("Cookie", "salon=sls_wrong").do(method, path, "").problem(t, route.Pattern+" with a wrong cookie", 401, "signed-out")
		b.nobody().with("Authorization", "Bearer slt_wrong").do(method, path, "").problem(t, route.Pattern+" with a wrong token", 401, "signed-out")
		switch {
		case (route.Access.Level == SignedIn || route.Access.Level == Attending) && route.Access.Scope == "":
			t.Errorf("%s has no scope", route.Pattern)
		case route.Access.Level == SignedIn && route.Access.Scope != accounts.ScopeRead:
			reader.do(method, path, "").problem(t, route.Pattern+" beyond the token's scope", 403, "token-scope")
		case route.Access.Level > SignedIn:
			reader.do(method, path, "").problem(t, route.Pattern+" with a token", 403, "session-only")
		}
		if route.Access.Level == Admin {
			person.do(method, path, "{}").problem(t, route.Pattern+" by no admin", 403, "admins-only")
		}
	}
}

// No request of another site does anything, and no GET writes.
func TestA2OtherSitesCannotActAndReadingDoesNotWrite(t *testing.T) {
	b := setup(t)
	person := b.person("person", 0)
	before := b.rows()
	for _, route := range b.Routes() {
		method, path := split(route.Pattern, uuid.Must(uuid.NewV7()).String())
		if method == http.MethodGet {
			person.do(method, path, "")
			continue
		}
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
			person.with(name, value).do(method, path, `{"title":"x","language":"en","handle":"x","display_name":"x","email":"x@example.org","password":"long enough"}`).
				problem(t, method+" "+path+" "+name, 403, "cross-site")
		}
	}
	if after := b.rows(); after != before {
		t.Errorf("%d rows before, %d after", before, after)
	}
}

func TestMissingPagesAndMethodsAreProblems(t *testing.T) {
	b := setup(t)
	for _, path := range []string{"/nothing", "/api/nothing", "/twirp/livekit.RoomService/ListRooms", "/whip/v1", "/agent", "/debug/pprof/", "/rtc/v2", "/assets/none.js", "/index.html", "/.keep"} {
		b.nobody().do("GET", path, "").problem(t, path, 404, "page-not-found")
	}
	got := b.nobody().do("PATCH", "/api/rooms", "{}")
	got.problem(t, "PATCH", 405, "method-not-allowed")
	if !strings.Contains(got.header.Get("Allow"), "POST") {
		t.Errorf("Allow: %q", got.header.Get("Allow"))
	}
	b.person("ada", 0)
	for _, path := range []string{"/", "/@ada"} {
		if got := b.nobody().do("GET", path, ""); got.status != 200 || !strings.Contains(got.body, "<title>") || got.header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := b.nobody().do("GET", "/assets/a.js", ""); got.status != 200 || !strings.Contains(got.header.Get("Cache-Control"), "immutable") {
		t.Errorf("asset: %d %v", got.status, got.header)
	}
}

// The description names every API route and its credential.
func TestOpenAPIDescribesEveryRoute(t *testing.T) {
	b := setup(t)
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			Security  []map[string][]string
			Responses map[string]any
		}
	}
	if err := json.Unmarshal([]byte(b.nobody().do("GET", "/openapi.json", "").body), &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("version %s", doc.OpenAPI)
	}
	for _, route := range apiRoutes(b.Server) {
		method, path, _ := strings.Cut(route.Pattern, " ")
		op, ok := doc.Paths[path][strings.ToLower(method)]
		if !ok || len(op.Responses) == 0 {
			t.Errorf("%s is not described", route.Pattern)
		}
		if (len(op.Security) > 0) != (route.Access.Level != Anyone && route.Access.Level != Blind) {
			t.Errorf("%s: security %v", route.Pattern, op.Security)
		}
	}
}

// Every action of the rule book has its route.
func TestEveryActionHasARoute(t *testing.T) {
	t.Parallel()
	routed := []rooms.Action{rooms.RaiseHand}
	for _, a := range ownActions {
		routed = append(routed, a.action)
		if a.action.On() != rooms.OnSelf {
			t.Errorf("%s is not done to oneself", a.action)
		}
	}
	for _, a := range personActions {
		routed = append(routed, a.action)
		if a.action.On() != rooms.OnPerson {
			t.Errorf("%s is not done to another", a.action)
		}
	}
	for _, a := range rooms.StageActions() {
		if !slices.Contains(routed, a) {
			t.Errorf("%s has no route", a)
		}
	}
}

// takesNothing says whether a route has neither a parameter in its path nor a
// body, and is asked for nothing but itself.
func takesNothing(s *Server, route Route) bool {
	return !strings.Contains(route.Pattern, "{") && operationOf(s, route).RequestBody == nil
}

func operationOf(s *Server, route Route) *huma.Operation {
	method, path, _ := strings.Cut(route.Pattern, " ")
	item := s.api.OpenAPI().Paths[path]
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[method]
}

// spoilt is, for each text a route takes, a body that is right but for that
// text, which PostgreSQL cannot hold.
func spoilt(s *Server, route Route) (bodies []string) {
	operation := operationOf(s, route)
	if operation.RequestBody == nil {
		return nil
	}
	if operation.DefaultStatus == http.StatusAccepted {
		return nil // who asks for a mail is told the same whatever they send
	}
	registry := s.api.OpenAPI().Components.Schemas
	schema := operation.RequestBody.Content["application/json"].Schema
	if schema.Ref != "" {
		schema = registry.SchemaFromRef(schema.Ref)
	}
	for name, property := range schema.Properties {
		// A password is hashed, not stored: it may hold anything.
		if name != "password" && property.Type == huma.TypeString && len(property.Enum) == 0 && property.Format != "date-time" {
			body := map[string]any{}
			for _, required := range schema.Required {
				body[required] = example(schema.Properties[required])
			}
			body[name] = "ab\x00cdefghij@example.org"
			text, _ := json.Marshal(body)
			bodies = append(bodies, string(text))
		}
	}
	return bodies
}

// example is a value that fits.
func example(of *huma.Schema) any {
	switch {
	case len(of.Enum) > 0:
		return of.Enum[0]
	case of.Type == huma.TypeInteger:
		return 1
	case of.Type == huma.TypeArray:
		return []any{example(of.Items)}
	case of.Format == "email":
		return "someone@example.org"
	case of.Type == huma.TypeString:
		return "enenenenen"[:max(2, *cmp.Or(of.MinLength, new(2)))]
	}
	return nil
}
