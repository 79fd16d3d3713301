package live

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"salon/internal/fault"
	"salon/internal/postgres/postgrestest"
	"salon/rooms"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// memory is a source that keeps everything in memory and tells its hubs.
type memory struct {
	mu      sync.Mutex
	hubs    []*Hub
	epoch   string
	entries []rooms.LogEntry
	state   string
	refused map[uuid.UUID]error
	mods    map[uuid.UUID]bool
	seen    chan []Visitor
	asked   int // how often MayStay was
}

func newMemory() *memory {
	return &memory{epoch: "one", state: `{"n":0}`, refused: map[uuid.UUID]error{}, mods: map[uuid.UUID]bool{}, seen: make(chan []Visitor, 16)}
}

func (m *memory) Head(context.Context, uuid.UUID) (rooms.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return rooms.Head{Epoch: m.epoch, Seq: int64(len(m.entries))}, nil
}

func (m *memory) Log(_ context.Context, _ uuid.UUID, after int64, limit int) ([]rooms.LogEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	after = min(after, int64(len(m.entries)))
	return m.entries[after:min(len(m.entries), int(after)+limit)], nil
}

func (m *memory) State(context.Context, uuid.UUID) (json.RawMessage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return json.RawMessage(m.state), nil
}

func (m *memory) You(_ context.Context, _ uuid.UUID, v Visitor) (json.RawMessage, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return json.RawMessage(fmt.Sprintf(`{"who":%q,"state":%s}`, v.person(), m.state)), m.mods[v.person()], nil
}

func (m *memory) MayStay(_ context.Context, _ uuid.UUID, v Visitor) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	return m.refused[v.person()]
}

func (m *memory) Seen(_ context.Context, _ uuid.UUID, visitors []Visitor) error {
	select {
	case m.seen <- visitors:
	default:
	}
	return nil
}

// write appends entries with bodies of some size, and tells.
func (m *memory) write(room uuid.UUID, n, size int) {
	m.mu.Lock()
	for range n {
		body, _ := json.Marshal(map[string]string{"text": strings.Repeat("x", size)})
		m.entries = append(m.entries, rooms.LogEntry{Seq: int64(len(m.entries)) + 1, Kind: rooms.KindNotice, Body: body})
	}
	m.mu.Unlock()
	m.tell("log " + room.String())
}

func (m *memory) tell(notice string) {
	m.mu.Lock()
	hubs := m.hubs
	m.mu.Unlock()
	for _, h := range hubs {
		h.Heard(notice)
	}
}

func (m *memory) refuse(person uuid.UUID, why error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refused[person] = why
}

// stand is a hub that listens.
type stand struct {
	t      testing.TB
	hub    *Hub
	source *memory
	server *httptest.Server
	room   uuid.UUID
	closed chan int // the code of each connection that has gone
}

const page = "https://salon.example"

func newStand(t testing.TB, source *memory, limits Limits) *stand {
	t.Helper()
	s := &stand{t: t, source: source, room: uuid.New(), closed: make(chan int, 4096)}
	s.hub = New(Config{
		Source: source, Limits: limits, Log: slog.New(closings{s.closed}),
		Origin: func(*http.Request) string { return page },
		Refuse: func(w http.ResponseWriter, _ *http.Request, err error) {
			f := fault.Of(err)
			if f == nil {
				f = &fault.Fault{Kind: &fault.Kind{Slug: err.Error()}}
			}
			w.Header().Set("Retry-After", fmt.Sprint(f.RetryAfter.Seconds()))
			status := map[fault.Class]int{fault.Forbidden: http.StatusForbidden, fault.Unavailable: http.StatusServiceUnavailable, fault.Gone: http.StatusGone}[f.Kind.Class]
			http.Error(w, f.Kind.Slug, max(status, http.StatusBadRequest))
		},
	})
	source.mu.Lock()
	source.hubs = append(source.hubs, s.hub)
	source.mu.Unlock()
	ctx, stop := context.WithCancel(context.Background())
	var run sync.WaitGroup
	run.Go(func() { s.hub.Run(ctx) })
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.server.Config.ReadHeaderTimeout = 200 * time.Millisecond
	s.server.Start()
	t.Cleanup(func() {
		for _, c := range s.hub.all() {
			c.abandon()
		}
		s.server.Close()
		stop()
		run.Wait()
	})
	return s
}

func (s *stand) serve(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	v := Visitor{Cookie: q.Has("cookie")}
	v.Account, _ = uuid.Parse(q.Get("who"))
	v.Guest, _ = uuid.Parse(q.Get("guest"))
	v.Credential, _ = uuid.Parse(q.Get("credential"))
	s.hub.Serve(w, r, s.room, v)
}

// closings hears from the log with which code each connection closed.
type closings struct{ codes chan int }

func (closings) Enabled(context.Context, slog.Level) bool { return true }
func (c closings) WithAttrs([]slog.Attr) slog.Handler     { return c }
func (c closings) WithGroup(string) slog.Handler          { return c }

func (c closings) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "socket closed" {
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "code" {
				c.codes <- int(a.Value.Int64())
			}
			return true
		})
	}
	return nil
}

func (s *stand) url(query url.Values) string {
	return "ws" + strings.TrimPrefix(s.server.URL, "http") + "/?" + query.Encode()
}

// reader is a client, and what it has understood.
type reader struct {
	t    testing.TB
	ws   *websocket.Conn
	who  uuid.UUID
	last hello
	log  tally
}

type hello struct {
	Type    string
	Epoch   string
	Seq     int64
	From    int64
	Resumed bool
	Ping    int
}

type message struct {
	hello
	State json.RawMessage
	You   json.RawMessage
}

// tally counts what must never be.
type tally struct {
	last                    int64
	gaps, repeats, disorder int
}

func (l *tally) take(seq int64) {
	switch {
	case seq == l.last+1:
	case seq == l.last:
		l.repeats++
	case seq < l.last:
		l.disorder++
	default:
		l.gaps++
	}
	l.last = max(l.last, seq)
}

func (l *tally) faults() int { return l.gaps + l.repeats + l.disorder }

func (s *stand) visit(query url.Values) *reader {
	s.t.Helper()
	who := uuid.New()
	if query == nil {
		query = url.Values{}
	}
	if id, err := uuid.Parse(query.Get("who")); err == nil {
		who = id
	}
	query.Set("who", who.String())
	ws, _, err := websocket.DefaultDialer.Dial(s.url(query), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { ws.Close() })
	return &reader{t: s.t, ws: ws, who: who}
}

// next is the next message, or the code and reason with which it closed.
func (r *reader) next() (m message, closed *websocket.CloseError) {
	_, text, err := r.ws.ReadMessage()
	if err != nil {
		if c, ok := err.(*websocket.CloseError); ok {
			return m, c
		}
		return m, &websocket.CloseError{Code: websocket.CloseAbnormalClosure, Text: err.Error()}
	}
	if bytes.HasPrefix(text, []byte(`{"type":"log"`)) {
		m.Type = "log"
		r.takeAll(text)
		return m, nil
	}
	if err := json.Unmarshal(text, &m); err != nil {
		r.t.Errorf("%s: %v", text, err)
	}
	if m.Type == "hello" {
		r.last = m.hello
		if !m.Resumed {
			r.log.last = m.From - 1
		} else if m.From != r.log.last+1 {
			r.t.Errorf("resumed at %d after %d", m.From, r.log.last)
		}
	}
	return m, nil
}

// takeAll finds the numbers without decoding what is between: under the race
// detector that is what would take the time.
func (r *reader) takeAll(text []byte) {
	for {
		_, rest, more := bytes.Cut(text, []byte(`{"seq":`))
		if !more {
			return
		}
		digits, after, _ := bytes.Cut(rest, []byte(","))
		seq, err := strconv.ParseInt(string(digits), 10, 64)
		if err != nil {
			r.t.Errorf("%s: %v", digits, err)
		}
		r.log.take(seq)
		text = after
	}
}

// until reads on to a kind of message.
func (r *reader) until(kind string) message {
	r.t.Helper()
	for {
		m, closed := r.next()
		if closed != nil {
			r.t.Fatalf("closed before %s: %v", kind, closed)
		}
		if m.Type == kind {
			return m
		}
	}
}

// reach reads on to an entry.
func (r *reader) reach(seq int64) {
	r.t.Helper()
	for r.log.last < seq {
		r.until("log")
	}
}

// end reads on to the close.
func (r *reader) end() *websocket.CloseError {
	for {
		if _, closed := r.next(); closed != nil {
			return closed
		}
	}
}

// raw is a client that speaks TCP: it has shaken hands and read nothing since.
func (s *stand) raw(receive int) net.Conn {
	s.t.Helper()
	dialer := net.Dialer{}
	c, err := dialer.Dial("tcp", s.server.Listener.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	if receive > 0 {
		c.(*net.TCPConn).SetReadBuffer(receive)
	}
	fmt.Fprintf(c, "GET /?who=%s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", uuid.New())
	var head []byte
	for one := make([]byte, 1); !strings.HasSuffix(string(head), "\r\n\r\n"); {
		if _, err := c.Read(one); err != nil {
			s.t.Fatal(err)
		}
		head = append(head, one[0])
	}
	return c
}
