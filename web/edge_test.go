package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/language"
	"testing/fstest"

	"salon/internal/fault"
)

const ada = `{"handle":"ada","display_name":"Ada","email":"ada@example.org","password":"long enough","time_zone":"Europe/Paris"}`

func TestSignUpInAndOut(t *testing.T) {
	b := setup(t)
	up := b.nobody().do("POST", "/api/accounts", ada)
	if up.status != 201 || up.json(t)["handle"] != "ada" || strings.Contains(up.body, "password") {
		t.Fatalf("sign-up: %d %s", up.status, up.body)
	}
	b.nobody().do("POST", "/api/accounts", ada).problem(t, "again", 409, "handle-taken")
	b.nobody().do("POST", "/api/sessions", `{"login":"ada","password":"wrong one"}`).problem(t, "wrong", 401, "wrong-login")
	in := b.nobody().do("POST", "/api/sessions", `{"login":"ada@example.org","password":"long enough"}`)
	if in.status != 201 {
		t.Fatalf("sign-in: %d %s", in.status, in.body)
	}
	first, second := b.nobody().with("Cookie", cookieOf(up)), b.nobody().with("Cookie", cookieOf(in))
	if cookieOf(up) == cookieOf(in) {
		t.Error("two sign-ins share a session")
	}
	list := first.do("GET", "/api/me/sessions", "").json(t)["sessions"].([]any)
	if len(list) != 2 {
		t.Errorf("sessions: %v", list)
	}
	if got := second.do("DELETE", "/api/session", ""); got.status != 204 || !strings.Contains(got.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("sign-out: %d %v", got.status, got.header)
	}
	second.do("GET", "/api/me", "").problem(t, "signed out", 401, "signed-out")
	if got := second.do("GET", "/api/rooms", ""); got.status != 200 {
		t.Errorf("an ended cookie keeps what is public from its owner: %d", got.status)
	}
	for _, s := range list {
		first.do("DELETE", "/api/me/sessions/"+s.(map[string]any)["id"].(string), "")
	}
	first.do("GET", "/api/me", "").problem(t, "revoked", 401, "signed-out")
}

func cookieOf(a answer) string {
	name, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	return name
}

func TestCookieFollowsThePublicURL(t *testing.T) {
	plain := setup(t)
	for public, want := range map[string]string{"http://x": "salon=", "https://x": "__Host-salon="} {
		u, _ := url.Parse(public)
		s := &Server{Config: Config{PublicURL: u}}
		c := s.cookie("secret")
		text := c.String()
		if !strings.HasPrefix(text, want) || !strings.Contains(text, "HttpOnly") || !strings.Contains(text, "SameSite=Lax") ||
			strings.Contains(text, "Secure") != (u.Scheme == "https") || strings.Contains(text, "Domain") {
			t.Errorf("%s: %s", public, text)
		}
	}
	if got := plain.nobody().do("POST", "/api/accounts", ada); !strings.HasPrefix(cookieOf(got), "salon=sls_") {
		t.Errorf("cookie: %s", cookieOf(got))
	}
}

func TestTokensActWithinTheirScope(t *testing.T) {
	b := setup(t)
	person := b.person("person", 0)
	made := person.do("POST", "/api/me/tokens", `{"name":"robot","scopes":["read","rooms"],"expires_in_days":1,"bot":true}`)
	if made.status != 201 {
		t.Fatalf("%d %s", made.status, made.body)
	}
	robot := b.nobody().with("Authorization", "Bearer "+made.json(t)["secret"].(string))
	if got := robot.do("GET", "/api/me", ""); got.status != 200 || got.json(t)["handle"] != "person" {
		t.Errorf("me: %d %s", got.status, got.body)
	}
	if got := person.do("GET", "/api/me/tokens", ""); strings.Contains(got.body, "secret") || !strings.Contains(got.body, `"last_used_at"`) {
		t.Errorf("list: %s", got.body)
	}
	host := b.hosting("host")
	room := host.do("POST", "/api/rooms", `{"title":"x","language":"en","start":true}`).json(t)["id"].(string)
	robot.do("POST", "/api/rooms/"+room+"/join", "")
	if got := b.nobody().do("GET", "/api/rooms/"+room, ""); !strings.Contains(got.body, `"bot":true`) {
		t.Errorf("a machine is not marked: %s", got.body)
	}
	person.do("DELETE", "/api/me/tokens/"+made.json(t)["id"].(string), "")
	robot.do("GET", "/api/me", "").problem(t, "revoked", 401, "signed-out")
}

// hosting is a person whom an admin lets host.
func (b *edge) hosting(handle string) as {
	b.t.Helper()
	p := b.person(handle, 0)
	if err := b.HostGate.Allow(b.ctx, p.id, p.id); err != nil {
		b.t.Fatal(err)
	}
	return p
}

func TestGateSpeaksToThePerson(t *testing.T) {
	b := setup(t)
	person, voucher := b.person("person", 0), b.hosting("voucher")
	if _, err := b.pool.Exec(b.ctx, `update accounts set time_zone = 'Europe/Paris' where id = $1`, person.id); err != nil {
		t.Fatal(err)
	}
	b.fans(person, 590, 48*time.Hour)
	b.fans(person, 8, 12*time.Hour)
	voucher.do("PUT", "/api/accounts/person/vouch", "")
	paris, _ := time.LoadLocation("Europe/Paris")
	when := time.Now().Add(12 * time.Hour).In(paris)
	day := map[bool]string{true: "today", false: "tomorrow"}[when.Day() == time.Now().In(paris).Day()]
	got := person.do("POST", "/api/rooms", `{"title":"x","language":"en","start":true}`)
	got.problem(t, "598", 403, "host-gate")
	p := got.json(t)
	want := fmt.Sprintf("You cannot host yet: 590 of 600 followers count; 8 more count from %s %s", day, when.Format("15:"))
	if detail := p["detail"].(string); !strings.HasPrefix(detail, want) || !strings.HasSuffix(detail, "; or one more voucher; or an admin's permission.") {
		t.Errorf("detail %q, want %q…", detail, want)
	}
	if p["next_step"] != "Share your page: 2 more people must follow you. Or ask an eligible host to vouch for you." {
		t.Errorf("next step %q", p["next_step"])
	}
	french := person.with("Accept-Language", "fr-CH, en;q=0.5").do("GET", "/api/me/host-gate", "").json(t)
	if !strings.HasPrefix(french["sentence"].(string), "Vous ne pouvez pas encore animer: 590 abonnés sur 600 comptent; 8 de plus comptent à partir de") {
		t.Errorf("French: %v", french["sentence"])
	}
	b.fans(person, 2, 6*time.Hour)
	if next := person.do("GET", "/api/me/host-gate", "").json(t)["next_step"].(string); !strings.HasPrefix(next, "Wait until t") {
		t.Errorf("when waiting is enough: %q", next)
	}
	b.fans(person, 10, 48*time.Hour)
	if got := person.do("POST", "/api/rooms", `{"title":"x","language":"en","start":true}`); got.status != 201 {
		t.Errorf("600: %d %s", got.status, got.body)
	}
}

func TestBeingToldAndVouchesAreOnesOwn(t *testing.T) {
	b := setup(t)
	person, voucher := b.person("person", 0), b.hosting("voucher")
	person.do("PUT", "/api/me/host-gate/watch", "").got(t, "watch", 204)
	if gate := person.do("GET", "/api/me/host-gate", "").json(t); gate["watching"] != true || gate["passed_at"] != nil || gate["passed"] != false {
		t.Errorf("watching: %v", gate)
	}
	person.do("DELETE", "/api/me/host-gate/watch", "").got(t, "unwatch", 204)
	if gate := person.do("GET", "/api/me/host-gate", "").json(t); gate["watching"] != false {
		t.Errorf("no longer: %v", gate)
	}
	voucher.do("PUT", "/api/accounts/person/vouch", "").got(t, "vouch", 204)
	received := person.do("GET", "/api/me/vouches", "").json(t)["received"].([]any)
	given := voucher.do("GET", "/api/me/vouches", "").json(t)["given"].([]any)
	if len(received) != 1 || len(given) != 1 || received[0].(map[string]any)["handle"] != "voucher" || given[0].(map[string]any)["handle"] != "person" {
		t.Errorf("received %v, given %v", received, given)
	}
}

func (b *edge) fans(of as, n int, age time.Duration) {
	b.t.Helper()
	_, err := b.pool.Exec(b.ctx, `
		with fan as (
			insert into accounts (id, handle, display_name, email, password_hash, created_at)
			select gen_random_uuid(), 'f' || substr(md5(random()::text || i), 1, 20), 'x', gen_random_uuid() || '@example.org', '', now() - $3::interval
			from generate_series(1, $2::int) i returning id, created_at)
		insert into follows (follower_id, followee_id, follower_created_at) select id, $1, created_at from fan`, of.id, n, age)
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestHandsAreTheHostsToSee(t *testing.T) {
	b := setup(t)
	host, guest := b.hosting("host"), b.person("guest", 0)
	room := "/api/rooms/" + host.do("POST", "/api/rooms", `{"title":"x","topics":["a"],"language":"en","start":true}`).json(t)["id"].(string)
	if got := guest.do("POST", room+"/join", ""); got.status != 200 || got.json(t)["role"] != "listener" {
		t.Fatalf("join: %d %s", got.status, got.body)
	}
	if got := guest.do("PUT", room+"/hand", ""); got.status != 204 {
		t.Fatalf("hand: %d %s", got.status, got.body)
	}
	for _, c := range []struct {
		who  as
		sees bool
	}{{host, true}, {guest, true}, {b.person("other", 0), false}, {b.nobody(), false}} {
		got := c.who.do("GET", room, "")
		if strings.Contains(got.body, "hand_raised_at") != c.sees || got.json(t)["hands"] != 1.0 {
			t.Errorf("sees the hand: %v, want %v: %s", !c.sees, c.sees, got.body)
		}
	}
	guest.do("PUT", room+"/people/"+host.id.String()+"/mute", "").problem(t, "a listener mutes", 403, "not-allowed")
	guest.do("POST", room+"/invitation/accept", "").problem(t, "not invited", 409, "not-invited")
	host.do("PUT", room+"/people/"+guest.id.String()+"/ban", "")
	guest.do("POST", room+"/join", "").problem(t, "banned", 403, "banned")
}

func TestLimitsSayWhenToComeBack(t *testing.T) {
	b := setup(t, func(c *Config) { c.Limits = Limits{PerSecond: 1, GuessesPerMinute: 2} })
	wrong := func() answer { return b.nobody().do("POST", "/api/sessions", `{"login":"x","password":"wrong one"}`) }
	for range 2 {
		wrong().problem(t, "a guess", 401, "wrong-login")
	}
	got := wrong()
	got.problem(t, "the third guess", 429, "too-many-requests")
	if s := got.header.Get("Retry-After"); s == "" || s == "0" {
		t.Errorf("Retry-After: %q", s)
	}
	var last answer
	for range burstSeconds + 5 {
		last = b.nobody().do("GET", "/api/rooms", "")
	}
	last.problem(t, "a burst", 429, "too-many-requests")
	if got := b.person("someone", 0).do("GET", "/api/rooms", ""); got.status != 200 {
		t.Errorf("the signed-in are counted apart: %d", got.status)
	}
}

// Behind a proxy people are counted apart, by what the proxy says; whoever is
// no proxy of ours is not believed.
func TestPeopleBehindAProxyAreCountedApart(t *testing.T) {
	limits := func(c *Config) { c.Limits = Limits{PerSecond: 1000, GuessesPerMinute: 1} }
	trusting := setup(t, limits, func(c *Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	guess := func(b *edge, forwarded string) int {
		return b.nobody().with("X-Forwarded-For", forwarded).do("POST", "/api/sessions", `{"login":"x","password":"wrong one"}`).status
	}
	for _, c := range []struct {
		forwarded string
		want      int
	}{
		{"203.0.113.1", 401}, {"203.0.113.2", 401}, {"203.0.113.1", 429},
		{"198.51.100.9, 203.0.113.1", 429}, // what a client wrote in front is not believed
		{"203.0.113.3, 127.0.0.2", 401},    // a second proxy of ours
		{"2001:db8::1", 401}, {"2001:db8::2", 429}, {"2001:db8:0:1::1", 401},
	} {
		if got := guess(trusting, c.forwarded); got != c.want {
			t.Errorf("%s: %d, want %d", c.forwarded, got, c.want)
		}
	}
}

func TestTheUnknownProxyIsNotBelieved(t *testing.T) {
	b := setup(t, func(c *Config) { c.Limits = Limits{PerSecond: 1000, GuessesPerMinute: 1} })
	for i, want := range []int{401, 429} {
		got := b.nobody().with("X-Forwarded-For", fmt.Sprint("203.0.113.", i)).do("POST", "/api/sessions", `{"login":"x","password":"wrong one"}`)
		if got.status != want {
			t.Errorf("%d: %d, want %d", i, got.status, want)
		}
	}
}

// Guessing credentials is counted, and what carries a proof of its own, or
// asks nothing, is not.
func TestBadCredentialsAreCounted(t *testing.T) {
	b := setup(t, func(c *Config) { c.Limits = Limits{PerSecond: 1, GuessesPerMinute: 1} })
	guesser := b.nobody().with("Authorization", "Bearer slt_guess")
	for range burstSeconds {
		guesser.do("GET", "/api/me", "").problem(t, "a guess", 401, "signed-out")
	}
	guesser.do("GET", "/api/me", "").problem(t, "one too many", 429, "too-many-requests")
	for _, path := range []string{"/healthz", "/readyz", "/assets/a.js"} {
		if got := b.nobody().do("GET", path, ""); got.status != 200 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

func TestSessionsAreRenewedAndRetired(t *testing.T) {
	b := setup(t)
	person := b.person("person", 0)
	if got := person.do("GET", "/api/me", ""); got.header.Get("Set-Cookie") != "" {
		t.Errorf("a fresh session is renewed: %v", got.header)
	}
	if _, err := b.pool.Exec(b.ctx, `update sessions set last_seen_at = now() - interval '1 hour'`); err != nil {
		t.Fatal(err)
	}
	if got := person.do("GET", "/api/me", ""); cookieOf(got) != person.header.Get("Cookie") {
		t.Errorf("a used session is not renewed: %v", got.header)
	}
	b.nobody().do("POST", "/api/accounts", ada)
	again := person.do("POST", "/api/sessions", `{"login":"ada","password":"long enough"}`)
	if again.status != 201 {
		t.Fatalf("%d %s", again.status, again.body)
	}
	person.do("GET", "/api/me", "").problem(t, "the session before", 401, "signed-out")
	if _, err := b.pool.Exec(b.ctx, `update sessions set created_at = now() - interval '200 days'`); err != nil {
		t.Fatal(err)
	}
	b.nobody().with("Cookie", cookieOf(again)).do("GET", "/api/me", "").problem(t, "too old", 401, "signed-out")
}

func TestTheLimiterForgetsTheQuiet(t *testing.T) {
	t.Parallel()
	l := newLimiter(Limits{PerSecond: 1000, GuessesPerMinute: 1})
	for i := range maxTracked + 10 {
		l.of(fmt.Sprint(i), 1, 1, time.Now())
	}
	if len(l.who) > maxTracked {
		t.Errorf("%d tracked", len(l.who))
	}
}

// Every kind of refusal has its words in every language, and no language has
// words the others lack.
func TestEveryRefusalHasItsWords(t *testing.T) {
	t.Parallel()
	params := fault.Params{"domains": "x", "handle": "x", "field": "x", "limit": 1, "days": 1, "scope": "x", "allow": "GET",
		"minutes": 1, "seconds": 1, "capacity": 1}
	kinds := []string{"bad-request", "internal", "method-not-allowed"}
	for _, k := range fault.Kinds() {
		kinds = append(kinds, k.Slug)
		if statuses[k.Class] == 0 {
			t.Errorf("%s has no status", k.Slug)
		}
	}
	for _, tag := range Languages {
		say := wordsIn(tag)
		for _, kind := range kinds {
			for _, id := range []string{kind, kind + ".next"} {
				if text := say.say(id, params); text == id || strings.Contains(text, "<no value>") {
					t.Errorf("%s: %s: %q", tag, id, text)
				}
			}
		}
	}
}

// Every language says the same things: what one lacks would be said in another.
func TestCataloguesHoldTheSameKeys(t *testing.T) {
	t.Parallel()
	keys := map[string][]string{}
	for _, tag := range Languages {
		text, err := wordFiles.ReadFile("words/" + tag.String() + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]any
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
		keys[tag.String()] = slices.Sorted(maps.Keys(all))
	}
	if diff := cmp.Diff(keys["en"], keys["fr"]); diff != "" {
		t.Errorf("en and fr differ: %s", diff)
	}
}

func TestReadyAndHealthy(t *testing.T) {
	broken := errors.New("down")
	b := setup(t, func(c *Config) {
		c.Ready = append(c.Ready, Check{"media", func(context.Context) error { return broken }})
	})
	if got := b.nobody().do("GET", "/healthz", ""); got.status != 200 {
		t.Errorf("healthz: %d", got.status)
	}
	if got := b.nobody().do("GET", "/readyz", ""); got.status != 503 || !strings.Contains(got.body, `"media":"failing"`) || strings.Contains(got.body, "down") {
		t.Errorf("readyz: %d %s", got.status, got.body)
	}
	broken = nil
	if got := b.nobody().do("GET", "/readyz", ""); got.status != 200 {
		t.Errorf("readyz: %d %s", got.status, got.body)
	}
}

// What fails on our side is logged once and never shown.
func TestFaultsOfOursStayInTheHouse(t *testing.T) {
	b := setup(t)
	person := b.person("person", 0)
	if _, err := b.pool.Exec(b.ctx, `alter table rooms rename to elsewhere`); err != nil {
		t.Fatal(err)
	}
	got := person.do("GET", "/api/rooms", "")
	got.problem(t, "broken", 500, "internal")
	if strings.Contains(got.body, "rooms") || strings.Count(b.logs.String(), "request failed") != 1 || !strings.Contains(b.logs.String(), "42P01") {
		t.Errorf("body %s, log %s", got.body, b.logs)
	}
}

func TestLanguageIsNegotiated(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]language.Tag{
		"": language.English, "fr": language.French, "fr-CA, en;q=0.8": language.French, "de, fr;q=0.3": language.French,
		"de": language.English, "not a header;;;": language.English, "en-GB, fr": language.English,
	} {
		r, _ := http.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", header)
		if got := accepted(r); got.tag != want {
			t.Errorf("%q: %s", header, got.tag)
		}
	}
}

func TestUnbuiltPagesSaySo(t *testing.T) {
	b := setup(t, func(c *Config) { c.App = fstest.MapFS{} })
	if got := b.nobody().do("GET", "/", ""); got.status != 200 || !strings.Contains(got.body, "make app") {
		t.Errorf("%d %s", got.status, got.body)
	}
}
