package rooms

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/postgres"
)

// appendTimeout bounds one commit of the log writer.
const appendTimeout = 10 * time.Second

// maxGroup is how many entries are committed at once.
const maxGroup = 256

// logWriter appends entries that belong to no other change. Whatever waits
// for one room is committed together, so that a busy room pays for one commit
// where it would pay for many; nobody waits when nothing else does.
type logWriter struct {
	pool  *pgxpool.Pool
	mu    sync.Mutex
	rooms map[uuid.UUID][]waiting // a room with a key has a goroutine at work
}

type waiting struct {
	entry NewEntry
	done  chan<- written
}

type written struct {
	seq int64
	err error
}

// append returns the entry's number once it is committed.
func (w *logWriter) append(ctx context.Context, room uuid.UUID, entry NewEntry) (int64, error) {
	done := make(chan written, 1)
	w.enqueue(room, waiting{entry, done})
	select {
	case result := <-done:
		return result.seq, result.err
	case <-ctx.Done():
		return 0, ctx.Err() // it may still be committed
	}
}

func (w *logWriter) enqueue(room uuid.UUID, one waiting) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.rooms == nil {
		w.rooms = map[uuid.UUID][]waiting{}
	}
	queue, working := w.rooms[room]
	w.rooms[room] = append(queue, one)
	if !working {
		go w.work(room)
	}
}

// work commits group after group until nobody waits.
func (w *logWriter) work(room uuid.UUID) {
	for {
		group := w.take(room)
		if len(group) == 0 {
			return
		}
		first, err := w.commit(room, group)
		for i, one := range group {
			one.done <- written{first + int64(i), err}
		}
	}
}

func (w *logWriter) take(room uuid.UUID) []waiting {
	w.mu.Lock()
	defer w.mu.Unlock()
	queue := w.rooms[room]
	if len(queue) == 0 {
		delete(w.rooms, room)
		return nil
	}
	n := min(len(queue), maxGroup)
	w.rooms[room] = queue[n:]
	return queue[:n:n]
}

func (w *logWriter) commit(room uuid.UUID, group []waiting) (first int64, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), appendTimeout)
	defer cancel()
	entries := make([]NewEntry, len(group))
	for i, one := range group {
		entries[i] = one.entry
	}
	err = postgres.InTx(ctx, w.pool, func(tx pgx.Tx) error {
		if _, err := actingTx(ctx, tx, room, "share"); err != nil {
			return err // nothing is written after the end
		}
		first, err = AppendTx(ctx, tx, room, entries...)
		return err
	})
	return first, err
}
