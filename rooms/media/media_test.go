package media

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"

	"salon/internal/fault"
	"salon/internal/postgres"
	"salon/internal/postgres/postgrestest"
	"salon/internal/sfu"
	"salon/rooms"
)

const testKey, testSecret = "APItest", "a secret for tests that is long enough"

// server is the real media server, one for all tests of the package: LiveKit
// keeps its metrics in one place a process.
var server *sfu.Server

// listeners are the webhook receivers of the tests that run now.
var listeners sync.Map

func TestMain(m *testing.M) {
	hooks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		listeners.Range(func(_, h any) bool {
			again := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
			again.Header = r.Header
			h.(http.Handler).ServeHTTP(httptest.NewRecorder(), again)
			return true
		})
	}))
	http, udp, tcp, err := sfu.FreePorts()
	if err == nil {
		server, err = sfu.Start(context.Background(), sfu.Config{
			HTTPPort: http, UDPPort: udp, TCPPort: tcp, Loopback: true,
			Key: testKey, Secret: testSecret, WebhookURL: hooks.URL, LogLevel: "error",
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "start media server:", err)
		os.Exit(1)
	}
	postgrestest.Main(m)
}

// everyone passes the host gate in these tests.
type everyone struct{}

func (everyone) ReachTx(context.Context, pgx.Tx, uuid.UUID, int) (rooms.Reach, error) {
	return rooms.Reach{Counting: 600}, nil
}

type bundle struct {
	*Control
	t       *testing.T
	ctx     context.Context
	pool    *pgxpool.Pool
	service *rooms.Service
	gate    string // URL of the gate
	direct  string // URL of the media server behind it
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	pool := postgrestest.New(t)
	store := rooms.NewStore(pool)
	control, err := New(Config{URL: server.URL(), Key: testKey, Secret: testSecret}, store,
		postgres.NewLease(pool, "sweep", time.Minute), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	listeners.Store(control, control.Webhook(refuseForTest))
	t.Cleanup(func() { listeners.Delete(control) })
	gate := httptest.NewServer(control.NewGate(refuseForTest))
	t.Cleanup(func() { control.CloseSockets(); gate.Close() })
	return &bundle{control, t, t.Context(), pool,
		rooms.NewService(store, rooms.NewGate(pool, everyone{}), control), gate.URL, server.URL()}
}

// refuseForTest answers as package web does, without its words.
func refuseForTest(w http.ResponseWriter, _ *http.Request, err error) {
	f := fault.Of(err)
	if f == nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	status := map[fault.Class]int{fault.Unauthenticated: 401, fault.Forbidden: 403, fault.NotFound: 404, fault.Unavailable: 503}[f.Kind.Class]
	members, _ := json.Marshal(f.Members)
	http.Error(w, f.Kind.Slug+" "+string(members), status)
}

// seat is a person in a room, with the first token they were given.
type seat struct {
	account         uuid.UUID
	identity, token string
}

func (b *bundle) account() uuid.UUID {
	b.t.Helper()
	id := uuid.Must(uuid.NewV7())
	_, err := b.pool.Exec(b.ctx, `insert into accounts (id, handle, display_name, email, password_hash)
		values ($1, $2, 'Someone', $2 || '@example.org', '')`, id, "p"+id.String()[24:])
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *bundle) live() (rooms.Room, seat) {
	b.t.Helper()
	host := b.account()
	room, err := b.service.Create(b.ctx, host, rooms.NewRoom{Title: "Evening", Language: "en"})
	if err == nil {
		room, err = b.service.Start(b.ctx, host, room.ID)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return room, b.join(room, host)
}

func (b *bundle) join(room rooms.Room, account uuid.UUID) seat {
	b.t.Helper()
	entry, err := b.service.Join(b.ctx, account, room.ID, false)
	if err != nil {
		b.t.Fatal(err)
	}
	return seat{account, entry.Identity, entry.Token}
}

func (b *bundle) act(room rooms.Room, actor seat, action rooms.Action, target seat) {
	b.t.Helper()
	if err := b.service.Act(b.ctx, rooms.Deed{Room: room.ID, Actor: actor.account, Target: target.account, Action: action}); err != nil {
		b.t.Fatalf("%s: %v", action, err)
	}
}

func (b *bundle) speaker(room rooms.Room, host seat) seat {
	b.t.Helper()
	s := b.join(room, b.account())
	b.act(room, host, rooms.Invite, s)
	b.act(room, s, rooms.Accept, s)
	return b.join(room, s.account)
}

// permission is what the media server allows the identity now, nil when it is
// not connected.
func (b *bundle) permission(room rooms.Room, identity string) *livekit.ParticipantPermission {
	b.t.Helper()
	p, err := b.rpc.GetParticipant(b.ctx, &livekit.RoomParticipantIdentity{Room: *room.Run, Identity: identity})
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return p.Permission
}

// joined is the outcome of one attempt to connect.
type joined struct {
	ok       bool
	status   int // of the refusal
	text     string
	identity string
	sid      string // of the session
	publish  bool
	refresh  string // the token the server renewed
	conn     *websocket.Conn
}

// dial connects as livekit-client's signalling does and reads until the
// server has let us in and renewed the token.
func (b *bundle) dial(base, token, extra string) (j joined) {
	b.t.Helper()
	return b.dialPath(base, "/rtc?protocol=15&auto_subscribe=1", token, extra)
}

func (b *bundle) dialPath(base, path, token, extra string) (j joined) {
	b.t.Helper()
	conn, answer, err := websocket.DefaultDialer.DialContext(b.ctx,
		strings.Replace(base, "http", "ws", 1)+path+"&access_token="+url.QueryEscape(token)+extra, nil)
	if err != nil {
		if answer == nil {
			b.t.Fatalf("dial: %v", err)
		}
		body := make([]byte, 512)
		n, _ := answer.Body.Read(body)
		return joined{status: answer.StatusCode, text: string(body[:n])}
	}
	b.t.Cleanup(func() { conn.Close() })
	j.conn = conn
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	defer conn.SetReadDeadline(time.Time{})
	for {
		message, err := next(conn)
		switch {
		case err != nil || message.GetLeave() != nil:
			return joined{text: fmt.Sprint("closed: ", err)}
		case message.GetJoin() != nil:
			j.ok, j.identity = true, message.GetJoin().Participant.Identity
			j.sid = message.GetJoin().Participant.Sid
			j.publish = message.GetJoin().Participant.Permission.CanPublish
		case message.GetRefreshToken() != "":
			j.refresh = message.GetRefreshToken()
			return j
		}
	}
}

func next(conn *websocket.Conn) (*livekit.SignalResponse, error) {
	_, data, err := conn.ReadMessage()
	if err != nil {
		return nil, err
	}
	message := &livekit.SignalResponse{}
	return message, proto.Unmarshal(data, message)
}

// ended waits until the server or the gate has closed the connection.
func (j joined) ended(t *testing.T) {
	t.Helper()
	j.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		if _, err := next(j.conn); err != nil {
			if strings.Contains(err.Error(), "timeout") {
				t.Error("still connected")
			}
			return
		}
	}
}
