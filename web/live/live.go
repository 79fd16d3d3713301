// Package live is the room socket: everyone who attends a room holds one, and
// hears through it what happens there. The database is the truth. A hub reads
// it when it is told that something changed, sends each entry of a room's log
// once and in order, and asks anew who may stay.
//
// Locks are taken in one order: the hub's, then a room's, then a connection's.
// None is held while the database is asked, and none while a write may block.
package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"salon/rooms"
)

// Visitor is who attends: an account, or a guest of one room. Exactly one of
// the two is set.
type Visitor struct {
	Account, Guest uuid.UUID
	Credential     uuid.UUID // the session or the API token; zero for guests
	Cookie         bool      // the credential is a cookie: browsers send it for whoever asks, so the origin must be ours
}

// person is the account or the guest.
func (v Visitor) person() uuid.UUID {
	if v.Guest != uuid.Nil {
		return v.Guest
	}
	return v.Account
}

// Source is what the hub needs of the rooms. It is called from many goroutines.
type Source interface {
	// Head is where the room's log ends.
	Head(ctx context.Context, room uuid.UUID) (rooms.Head, error)
	// Log is up to limit entries after a number, in order and without gaps.
	Log(ctx context.Context, room uuid.UUID, after int64, limit int) ([]rooms.LogEntry, error)
	// State is the room as everyone in it sees it, as JSON.
	State(ctx context.Context, room uuid.UUID) (json.RawMessage, error)
	// You is what only this visitor sees, as JSON, and whether they moderate:
	// moderators are shown it again whenever anybody's seat changed.
	You(ctx context.Context, room uuid.UUID, v Visitor) (you json.RawMessage, moderates bool, err error)
	// MayStay is nil while the visitor may read the room. A fault says that they
	// may not: of class Unauthenticated when the credential is gone, of class
	// Gone when the room is over. Any other error leaves it open.
	MayStay(ctx context.Context, room uuid.UUID, v Visitor) error
	// Seen notes that these visitors are connected now.
	Seen(ctx context.Context, room uuid.UUID, visitors []Visitor) error
}

// Config is what a hub is built from.
type Config struct {
	Source Source
	// Origin is the one origin, such as "https://salon.example", whose pages may
	// open this socket; see OriginOf.
	Origin func(*http.Request) string
	// Refuse answers a handshake with the problem that the error is.
	Refuse func(http.ResponseWriter, *http.Request, error)
	Log    *slog.Logger
	Limits Limits
}

// Limits bound what one connection may cost. Zero means the usual.
type Limits struct {
	Ping    time.Duration // between pings: 25 s
	Silence time.Duration // in which a peer must answer a ping: 20 s
	Write   time.Duration // in which a reader that fell behind must take the next 64 KiB: 10 s
	Drain   time.Duration // over which Drain spreads the closes: 10 s
	Send    int           // of the kernel's send buffer, in bytes: 64 KiB
}

func (l Limits) orUsual() Limits {
	usual(&l.Ping, 25*time.Second)
	usual(&l.Silence, 20*time.Second)
	usual(&l.Write, 10*time.Second)
	usual(&l.Drain, 10*time.Second)
	usual(&l.Send, 64<<10)
	return l
}

func usual[T comparable](value *T, instead T) {
	var zero T
	if *value == zero {
		*value = instead
	}
}

// Hub holds every socket of this process.
type Hub struct {
	Config
	ctx  context.Context // ends the rooms' goroutines
	stop context.CancelFunc
	asks asks

	fetches chan struct{} // bounds how many read old entries at once
	entered atomic.Int64  // how many ever came

	mu       sync.Mutex
	rooms    map[uuid.UUID]*room
	draining bool
}

// maxFetches is how many read old entries from the database at once.
const maxFetches = 4

// New returns a hub without connections. Run must run beside it.
func New(config Config) *Hub {
	config.Limits = config.Limits.orUsual()
	h := &Hub{Config: config, rooms: map[uuid.UUID]*room{}, fetches: make(chan struct{}, maxFetches)}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.asks.hub = h
	return h
}

// Count is how many connections the room has.
func (h *Hub) Count(id uuid.UUID) int {
	if r := h.open(id); r != nil {
		return len(r.everyone())
	}
	return 0
}

// Connections is how many connections there are.
func (h *Hub) Connections() (n int) {
	for _, r := range h.openRooms() {
		n += len(r.everyone())
	}
	return n
}

// open is the room, if it has connections or had some a moment ago.
func (h *Hub) open(id uuid.UUID) *room {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[id]
}

func (h *Hub) openRooms() []*room {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*room, 0, len(h.rooms))
	for _, r := range h.rooms {
		all = append(all, r)
	}
	return all
}
