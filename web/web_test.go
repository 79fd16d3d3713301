package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/accounts"
	"salon/internal/postgres/postgrestest"
	"salon/rooms"
	"salon/ticketing"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// deaf stands for the media server where a test is not about it.
type deaf struct{}

func (deaf) Open(context.Context, string)                {}
func (deaf) Close(context.Context, string)               {}
func (deaf) Apply(context.Context, string, string)       {}
func (deaf) Pass(rooms.Seat, string) (rooms.Pass, error) { return rooms.Pass{Token: "t"}, nil }

type reach struct{ *accounts.Service }

func (r reach) ReachTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, need int) (rooms.Reach, error) {
	got, err := r.Service.ReachTx(ctx, tx, account, need)
	return rooms.Reach(got), err
}

type edge struct {
	*Server
	t    *testing.T
	ctx  context.Context
	pool *pgxpool.Pool
	url  string
	logs *bytes.Buffer
}

func setup(t *testing.T, change ...func(*Config)) *edge {
	t.Helper()
	t.Parallel()
	pool := postgrestest.New(t)
	public, _ := url.Parse("http://salon.example")
	people := accounts.New(accounts.Config{Pool: pool, PublicURL: public, Mail: letters{}})
	gate := rooms.NewGate(pool, reach{people})
	logs := &bytes.Buffer{}
	config := Config{
		PublicURL: public, Version: "test", Limits: Limits{PerSecond: 1000, GuessesPerMinute: 1000},
		Log: slog.New(slog.NewTextHandler(logs, nil)), Accounts: people, HostGate: gate,
		Rooms:   rooms.NewService(rooms.NewStore(pool), gate, deaf{}),
		Tickets: newSales(t, pool), TicketMode: "test", Sold: ticketing.NewStore(pool),
		Signalling: http.NotFoundHandler(), MediaEvents: http.NotFoundHandler(), SignallingPaths: []string{"/rtc", "/rtc/validate"},
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "salon_test 1\n") }),
		App:     fstest.MapFS{"index.html": {Data: []byte("<title>Salon</title>")}, "assets/a.js": {Data: []byte("1")}},
		Ready:   []Check{{"database", pool.Ping}},
	}
	for _, c := range change {
		c(&config)
	}
	s := New(config)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &edge{s, t, t.Context(), pool, server.URL, logs}
}

// as is someone who sends requests.
type as struct {
	b      *edge
	header http.Header
	id     uuid.UUID
}

func (b *edge) nobody() as { return as{b: b, header: http.Header{}} }

// person signs up by hand, which is quicker than hashing a password.
func (b *edge) person(handle string, age time.Duration) as {
	b.t.Helper()
	id := uuid.Must(uuid.NewV7())
	_, err := b.pool.Exec(b.ctx, `insert into accounts (id, handle, display_name, email, password_hash, created_at, verified_at)
		values ($1, $2, $2, $2 || '@example.org', '', now() - $3::interval, now())`, id, handle, age)
	if err != nil {
		b.t.Fatal(err)
	}
	secret, err := b.Accounts.OpenSession(b.ctx, id, "test", "")
	if err != nil {
		b.t.Fatal(err)
	}
	return as{b, http.Header{"Cookie": {cookieName(b.secure()) + "=" + secret}}, id}
}

func (a as) with(name, value string) as {
	a.header = a.header.Clone()
	a.header.Set(name, value)
	return a
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T) (m map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		t.Fatalf("%v in %q", err, a.body)
	}
	return m
}

func (a as) do(method, path, body string) answer {
	a.b.t.Helper()
	r, err := http.NewRequestWithContext(a.b.ctx, method, a.b.url+path, strings.NewReader(body))
	if err != nil {
		a.b.t.Fatal(err)
	}
	r.Header = a.header.Clone()
	if body != "" && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Do(r)
	if err != nil {
		a.b.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer got.Body.Close()
	text, _ := io.ReadAll(got.Body)
	return answer{got.StatusCode, got.Header, string(text)}
}

// problem fails unless the answer is a whole problem of this status and kind.
func (a answer) problem(t *testing.T, what string, status int, kind string) {
	t.Helper()
	if a.status != status || a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: %d %s %s", what, a.status, a.header.Get("Content-Type"), a.body)
		return
	}
	p := a.json(t)
	if kind != "" && p["kind"] != kind {
		t.Errorf("%s: kind %v, want %s", what, p["kind"], kind)
	}
	for _, member := range []string{"type", "title", "detail", "next_step"} {
		if text, _ := p[member].(string); text == "" || strings.Contains(text, "<no value>") || text == p["kind"] {
			t.Errorf("%s: %s is %q in %s", what, member, text, a.body)
		}
	}
}

// rows counts every row of every table, to see whether anything was written.
func (b *edge) rows() (total int) {
	b.t.Helper()
	tables, _ := b.pool.Query(b.ctx, `select tablename from pg_tables where schemaname = 'public' and tablename not like 'river%'`)
	names, err := pgx.CollectRows(tables, pgx.RowTo[string])
	if err != nil {
		b.t.Fatal(err)
	}
	for _, name := range names {
		var n int
		if err := b.pool.QueryRow(b.ctx, `select count(*) from `+pgx.Identifier{name}.Sanitize()).Scan(&n); err != nil {
			b.t.Fatal(err)
		}
		total += n
	}
	return total
}

// split is a pattern's method and a path that fits it.
func split(pattern string, id string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	path = strings.NewReplacer("{$}", "", "{file...}", "none.js", "{file}", "none").Replace(path)
	handle := id
	if _, err := uuid.Parse(id); err == nil {
		handle = "nobody_here"
	}
	path = strings.ReplaceAll(path, "{handle}", handle)
	path = strings.ReplaceAll(path, "{seq}", "1")
	for _, name := range []string{"room", "person", "session", "token", "id", "report", "guest", "order", "ticket", "alarm"} {
		path = strings.ReplaceAll(path, "{"+name+"}", id)
	}
	return method, path
}

func apiRoutes(s *Server) []Route {
	return slices.DeleteFunc(s.Routes(), func(r Route) bool { return !strings.Contains(r.Pattern, " /api/") })
}
