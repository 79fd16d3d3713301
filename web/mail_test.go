package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/accounts"
	"salon/internal/mail"
)

// letters keeps mails where the transaction that sent them ends up.
type letters struct{}

func (letters) SendTx(ctx context.Context, tx pgx.Tx, m mail.Message) error {
	_, err := tx.Exec(ctx, `insert into outbox (id, recipient, subject, text) values ($1, $2, $3, $4)`,
		uuid.Must(uuid.NewV7()), m.To, m.Subject, m.Text)
	return err
}

// token is that of the last mail to an address, which leads to the page.
func (b *edge) token(to, page string) string {
	b.t.Helper()
	var text string
	if err := b.pool.QueryRow(b.ctx, `select text from outbox where recipient = $1 order by id desc limit 1`, to).Scan(&text); err != nil {
		b.t.Fatal(err)
	}
	_, rest, ok := strings.Cut(text, "http://salon.example/"+page+"#")
	token, _, _ := strings.Cut(rest, "\n")
	if !ok || token == "" {
		b.t.Fatalf("no link to %s in %s", page, text)
	}
	return token
}

// got fails unless the answer has the status.
func (a answer) got(t *testing.T, what string, status int) answer {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: %d %s", what, a.status, a.body)
	}
	return a
}

const adas = "ada@example.org"

func TestAnAddressIsProved(t *testing.T) {
	b := setup(t)
	up := b.nobody().do("POST", "/api/accounts", ada)
	if up.json(t)["verified"] != false {
		t.Fatalf("%s", up.body)
	}
	me := b.nobody().with("Cookie", cookieOf(up))
	me.do("POST", "/api/me/verification", "").got(t, "resend", 202)
	token := b.token(adas, "verify")
	b.nobody().do("POST", "/api/verification", `{"token":"`+token+`"}`).got(t, "verify", 204)
	b.nobody().do("POST", "/api/verification", `{"token":"`+token+`"}`).problem(t, "twice", 410, "link-ended")
	if got := me.do("GET", "/api/me", ""); got.json(t)["verified"] != true {
		t.Errorf("%s", got.body)
	}
	me.do("POST", "/api/me/verification", "").problem(t, "again", 409, "already-verified")
}

func TestAPasswordIsReset(t *testing.T) {
	b := setup(t)
	me := b.nobody().with("Cookie", cookieOf(b.nobody().do("POST", "/api/accounts", ada)))
	known := b.nobody().do("POST", "/api/password-resets", `{"login":"ada"}`).got(t, "ask", 202)
	unknown := b.nobody().do("POST", "/api/password-resets", `{"login":"nobody"}`).got(t, "ask", 202)
	if known.body != unknown.body || len(known.header) != len(unknown.header) {
		t.Errorf("told apart: %+v %+v", known, unknown)
	}
	body := `{"token":"` + b.token(adas, "reset") + `","password":"another one"}`
	b.nobody().do("POST", "/api/password-resets/complete", body).got(t, "reset", 204)
	b.nobody().do("POST", "/api/password-resets/complete", body).problem(t, "twice", 410, "link-ended")
	me.do("GET", "/api/me", "").problem(t, "an older session", 401, "signed-out")
	b.nobody().do("POST", "/api/sessions", `{"login":"ada","password":"another one"}`).got(t, "sign in", 201)
}

func TestALinkSignsIn(t *testing.T) {
	b := setup(t)
	b.nobody().do("POST", "/api/accounts", ada)
	b.nobody().do("POST", "/api/magic-links", `{"login":"ADA@example.org"}`).got(t, "ask", 202)
	body := `{"token":"` + b.token(adas, "enter") + `"}`
	in := b.nobody().do("POST", "/api/sessions/by-link", body).got(t, "enter", 201)
	if in.json(t)["handle"] != "ada" || in.json(t)["verified"] != true {
		t.Errorf("%s", in.body)
	}
	b.nobody().with("Cookie", cookieOf(in)).do("GET", "/api/me", "").got(t, "me", 200)
	b.nobody().do("POST", "/api/sessions/by-link", body).problem(t, "twice", 410, "link-ended")
	if _, err := b.pool.Exec(b.ctx, `update accounts set suspended_at = now()`); err != nil {
		t.Fatal(err)
	}
	b.nobody().do("POST", "/api/sessions/by-link", body).problem(t, "suspended and used", 410, "link-ended")
}

// Who only wants a ticket gives an address, is signed in at once, and gets in
// from another device by the mailed link.
func TestAnAddressIsEnoughToSignUp(t *testing.T) {
	b := setup(t)
	body := `{"email":"ada@example.org","display_name":"Ada","language":"fr","time_zone":"Europe/Paris"}`
	up := b.nobody().do("POST", "/api/accounts/light", body).got(t, "sign up", 201)
	made := up.json(t)
	if made["display_name"] != "Ada" || made["language"] != "fr" || made["time_zone"] != "Europe/Paris" || made["verified"] != false {
		t.Errorf("%s", up.body)
	}
	b.nobody().with("Cookie", cookieOf(up)).do("GET", "/api/me", "").got(t, "me", 200)
	in := b.nobody().do("POST", "/api/sessions/by-link", `{"token":"`+b.token(adas, "enter")+`"}`).got(t, "another device", 201).json(t)
	if in["id"] != made["id"] || in["verified"] != true {
		t.Errorf("%v", in)
	}
	b.nobody().do("POST", "/api/accounts/light", body).problem(t, "taken", 409, "email-taken")
	b.nobody().do("POST", "/api/accounts/light", `{"email":"x"}`).problem(t, "no address", 422, "bad-request")
	closed := with(b, accounts.Config{SignUp: accounts.SignUpPolicy{Mode: accounts.SignUpClosed}})
	closed.nobody().do("POST", "/api/accounts/light", `{"email":"x@example.org"}`).problem(t, "closed", 403, "sign-up-closed")
}

// with is the edge once more, with another accounts service on the same database.
func with(b *edge, c accounts.Config) *edge {
	c.Pool, c.PublicURL = b.pool, b.PublicURL
	config := b.Config
	config.Accounts = accounts.New(c)
	s := New(config)
	server := httptest.NewServer(s)
	b.t.Cleanup(server.Close)
	return &edge{s, b.t, b.ctx, b.pool, server.URL, b.logs}
}

func TestWithoutMail(t *testing.T) {
	b := with(setup(t), accounts.Config{})
	up := b.nobody().do("POST", "/api/accounts", ada).got(t, "sign-up", 201)
	b.nobody().with("Cookie", cookieOf(up)).do("POST", "/api/me/verification", "").problem(t, "resend", 503, "no-mail")
	for _, path := range []string{"/api/password-resets", "/api/magic-links"} {
		b.nobody().do("POST", path, `{"login":"ada"}`).problem(t, path, 503, "no-mail")
	}
	if got := b.nobody().do("GET", "/api/server", "").json(t); got["mail"] != false {
		t.Errorf("%v", got)
	}
}

func TestWhoMaySignUp(t *testing.T) {
	plain := setup(t)
	closed := with(plain, accounts.Config{SignUp: accounts.SignUpPolicy{Mode: accounts.SignUpClosed}})
	closed.nobody().do("POST", "/api/accounts", ada).problem(t, "closed", 403, "sign-up-closed")

	domains := with(plain, accounts.Config{SignUp: accounts.SignUpPolicy{Domains: []string{"salon.example"}}})
	domains.nobody().do("POST", "/api/accounts", ada).problem(t, "domain", 403, "mail-domain")

	b := with(plain, accounts.Config{SignUp: accounts.SignUpPolicy{Mode: accounts.SignUpInvitation}})
	b.nobody().do("POST", "/api/accounts", ada).problem(t, "no invitation", 403, "invitation-needed")
	admin := b.person("admin", 0)
	if err := b.Accounts.SetAdmin(b.ctx, "admin", true); err != nil {
		t.Fatal(err)
	}
	made := admin.do("POST", "/api/invitations", `{}`).got(t, "invite", 201).json(t)
	code := made["code"].(string)
	if made["link"] != "http://salon.example/invite#"+code {
		t.Errorf("%v", made)
	}
	if at, err := time.Parse(time.RFC3339, made["expires_at"].(string)); err != nil || time.Until(at) > 7*24*time.Hour || time.Until(at) < 6*24*time.Hour {
		t.Errorf("expires %v %v", at, err)
	}
	admin.do("POST", "/api/invitations", `{"expires_in_days":91}`).problem(t, "too long", 422, "bad-request")
	invited := strings.TrimSuffix(ada, "}") + `,"invitation":"` + code + `"}`
	b.nobody().do("POST", "/api/accounts", invited).got(t, "invited", 201)
	b.nobody().do("POST", "/api/accounts", strings.ReplaceAll(invited, "ada", "bob")).problem(t, "used", 410, "invitation-ended")

	admin.do("POST", "/api/invitations", `{"email":"bob@salon.example"}`).got(t, "a second", 201)
	listed := admin.do("GET", "/api/invitations", "").json(t)["invitations"].([]any)
	second, first := listed[0].(map[string]any), listed[1].(map[string]any)
	if len(listed) != 2 || first["used_by"] != "ada" || second["email"] != "bob@salon.example" || second["used_at"] != nil {
		t.Errorf("listed: %v", listed)
	}
	admin.do("DELETE", "/api/invitations/"+second["id"].(string), "").got(t, "withdraw", 204)
	admin.do("DELETE", "/api/invitations/"+first["id"].(string), "").problem(t, "withdraw what was used", 410, "invitation-ended")
}

// Where the domain decides, an address that is only claimed opens nothing but
// the way to prove it.
func TestADomainMustBeProved(t *testing.T) {
	b := with(setup(t), accounts.Config{Mail: letters{}, SignUp: accounts.SignUpPolicy{Domains: []string{"example.org"}}})
	me := b.nobody().with("Cookie", cookieOf(b.nobody().do("POST", "/api/accounts", ada)))
	for _, route := range b.Routes() {
		if route.Access.Level == Anyone || route.Access.Level == Blind || route.Access.Level == Admin {
			continue
		}
		method, path := split(route.Pattern, uuid.Must(uuid.NewV7()).String())
		if route.Access.Unverified {
			if method == http.MethodGet {
				me.do(method, path, "").got(t, route.Pattern, 200)
			}
			continue
		}
		me.do(method, path, "{}").problem(t, route.Pattern, 403, "verify-first")
	}
	me.do("POST", "/api/me/verification", "").got(t, "resend", 202)
	b.nobody().do("POST", "/api/verification", `{"token":"`+b.token(adas, "verify")+`"}`).got(t, "verify", 204)
	me.do("GET", "/api/me/sessions", "").got(t, "proved", 200)
}

func TestServerInfo(t *testing.T) {
	plain := setup(t)
	for _, c := range []struct {
		config accounts.Config
		want   string
	}{
		{accounts.Config{}, `{"sign_up":{"mode":"open","domains":[]},"mail":false,"outbox":false,"tickets":"test","version":"test"}`},
		{accounts.Config{Mail: letters{}, SignUp: accounts.SignUpPolicy{Domains: []string{"a.example"}}}, `{"sign_up":{"mode":"open","domains":["a.example"]},"mail":true,"outbox":false,"tickets":"test","version":"test"}`},
		{accounts.Config{SignUp: accounts.SignUpPolicy{Mode: accounts.SignUpInvitation}}, `{"sign_up":{"mode":"invitation","domains":[]},"mail":false,"outbox":false,"tickets":"test","version":"test"}`},
	} {
		if got := with(plain, c.config).nobody().do("GET", "/api/server", ""); strings.TrimSpace(got.body) != c.want {
			t.Errorf("%s, want %s", got.body, c.want)
		}
	}
}

// What takes a secret is limited like guessing it.
func TestSecretsCannotBeGuessed(t *testing.T) {
	b := setup(t, func(c *Config) { c.Limits.GuessesPerMinute = 1 })
	guesses := 0
	for _, route := range b.Routes() {
		if route.Access.Guess {
			guesses++
		}
	}
	if guesses < 7 {
		t.Errorf("only %d routes are limited", guesses)
	}
	b.nobody().do("POST", "/api/verification", `{"token":"x"}`).problem(t, "first", 410, "link-ended")
	b.nobody().do("POST", "/api/sessions/by-link", `{"token":"x"}`).problem(t, "second", 429, "too-many-requests")
}

// The pages that mailed links lead to are the app's.
func TestMailedLinksLeadToPages(t *testing.T) {
	b := setup(t)
	for _, page := range []string{"/verify", "/reset", "/enter", "/invite"} {
		if got := b.nobody().do("GET", page, ""); got.status != 200 || !strings.Contains(got.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", page, got.status, got.body)
		}
	}
}

func TestTheOutboxIsShown(t *testing.T) {
	mails := []OutboxMail{{To: "<b>@example.org", Subject: "<script>alert(1)</script>", At: time.Unix(0, 0),
		Text: "Hello,\n\nhttp://salon.example/verify#slv_\"a&b\n\n<img src=x> javascript:alert(1)"}}
	b := setup(t, func(c *Config) {
		c.Outbox = func(context.Context) ([]OutboxMail, error) { return mails, nil }
	})
	got := b.nobody().do("GET", "/dev/outbox", "")
	for _, want := range []string{"were not sent", "&lt;b&gt;@example.org", "&lt;script&gt;", "&lt;img src=x&gt;",
		`<a href="http://salon.example/verify#slv_%22a&amp;b">http://salon.example/verify#slv_&#34;a&amp;b</a>`} {
		if !strings.Contains(got.body, want) {
			t.Errorf("no %q in %s", want, got.body)
		}
	}
	if got.status != 200 || got.header.Get("Cache-Control") != "no-store" || strings.Contains(got.body, "<script") || strings.Contains(got.body, `href="javascript`) {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
	mails = nil
	if got := b.nobody().do("GET", "/dev/outbox", ""); !strings.Contains(got.body, "Nothing yet") {
		t.Errorf("%s", got.body)
	}
	for name, value := range map[string]string{"X-Forwarded-For": "203.0.113.1", "Forwarded": "for=203.0.113.1", "Via": "1.1 proxy"} {
		b.nobody().with(name, value).do("GET", "/dev/outbox", "").problem(t, name, 404, "page-not-found")
	}
}

func TestTheOutboxIsForThisMachineOnly(t *testing.T) {
	b := setup(t, func(c *Config) {
		c.Outbox = func(context.Context) ([]OutboxMail, error) { return nil, errors.New("broken") }
	})
	for _, c := range []struct {
		remote, host string
		status       int
	}{
		{"127.0.0.1:1234", "localhost:8080", 500}, // let through to what is broken
		{"[::1]:1234", "[::1]:8080", 500},
		{"127.0.0.1:1234", "127.0.0.1", 500},
		{"192.0.2.1:1234", "localhost:8080", 404},
		{"127.0.0.1:1234", "evil.example:8080", 404},
		{"127.0.0.1:1234", "127.0.0.1.evil.example", 404},
		{"", "localhost", 404},
	} {
		r := httptest.NewRequest("GET", "/dev/outbox", nil)
		r.RemoteAddr, r.Host = c.remote, c.host
		w := httptest.NewRecorder()
		b.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s asks %s: %d", c.remote, c.host, w.Code)
		}
	}
	b.Outbox = nil
	with(b, accounts.Config{}).nobody().do("GET", "/dev/outbox", "").problem(t, "without an outbox", 404, "page-not-found")
}
