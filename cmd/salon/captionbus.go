package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/captions"
)

// frames is where words go that are shown and forgotten: the sockets of this
// process, or those of others.
type frames interface {
	// Broadcast replaces what the room's readers have under a key; nil removes it.
	Broadcast(room uuid.UUID, key string, frame []byte)
}

// frameNotice begins the notice that carries a frame to another process:
// "frame ROOM KEY JSON", where the key's spaces are slashes.
const frameNotice = "frame "

// maxNotice is what PostgreSQL carries in one notice, in bytes: under 8,000.
const maxNotice = 7900

// notifier sends frames to the processes that hold the sockets, through the
// database they all listen to. It never waits: what is late is worthless.
type notifier struct {
	pool *pgxpool.Pool
	log  *slog.Logger
	send chan string
}

func newNotifier(pool *pgxpool.Pool, log *slog.Logger) *notifier {
	return &notifier{pool, log, make(chan string, 256)}
}

// Broadcast implements frames.
func (n *notifier) Broadcast(room uuid.UUID, key string, frame []byte) {
	notice := fmt.Sprintf("%s%s %s %s", frameNotice, room, strings.ReplaceAll(key, " ", "/"), frame)
	if len(notice) > maxNotice {
		return // nobody says so much before a line is over
	}
	select {
	case n.send <- notice:
	default:
	}
}

// Run sends in order, until the context ends.
func (n *notifier) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case notice := <-n.send:
			if _, err := n.pool.Exec(ctx, `select pg_notify('salon', $1)`, notice); err != nil && ctx.Err() == nil {
				n.log.Debug("frame not sent", "error", err)
			}
		}
	}
}

// frameOf reads a notice of notifier; ok is false for any other.
func frameOf(notice string) (room uuid.UUID, key string, frame []byte, ok bool) {
	rest, is := strings.CutPrefix(notice, frameNotice)
	parts := strings.SplitN(rest, " ", 3)
	if !is || len(parts) != 3 {
		return room, "", nil, false
	}
	room, err := uuid.Parse(parts[0])
	if err != nil || parts[2] != "" && !json.Valid([]byte(parts[2])) {
		return room, "", nil, false
	}
	if parts[2] != "" {
		frame = []byte(parts[2])
	}
	return room, strings.ReplaceAll(parts[1], "/", " "), frame, true
}

// statusKey is where the newest status of a room's captions is kept.
const statusKey = "captions"

// statusFrame is a status as the room socket carries it.
type statusFrame struct {
	Type string `json:"type"`
	captions.Status
}

// statusEvery is how often a worker in a process of its own says how it is, and
// statusLife how long that holds: when it dies, readers learn it.
const (
	statusEvery = 2 * time.Second
	statusLife  = 3 * statusEvery
)
