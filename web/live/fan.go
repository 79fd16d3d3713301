package live

import (
	"cmp"
	"runtime"
	"slices"
	"sync"

	"github.com/google/uuid"
)

// smallRoom is how many connections are written to by one goroutine.
const smallRoom = 256

// maxCues bounds how many keys a room keeps the latest frame of.
const maxCues = 64

// frame is what goes to everyone: entries of the log, or a cue, of which only
// the latest of its key matters.
type frame struct {
	bytes       []byte
	first, last int64  // of a log frame
	version     uint64 // of a cue; zero for the log
}

func (f *frame) hasReached(c *conn) bool {
	if f.version > 0 {
		return c.version >= f.version
	}
	return c.sent >= f.last
}

// skipsFor says whether entries before the frame are missing, or in part there.
func (f *frame) skipsFor(c *conn) bool { return f.version == 0 && c.sent != f.first-1 }

func (f *frame) reach(c *conn) {
	if f.version > 0 {
		c.version = f.version
	} else {
		c.sent = f.last
	}
}

// Broadcast sends a frame of JSON to everyone in the room, now or when they
// come. Like the state it replaces the one before with the same key: who is
// behind gets only the latest. Without a frame the key is forgotten. Beyond 64
// keys, the one that is longest unchanged is.
func (h *Hub) Broadcast(id uuid.UUID, key string, json []byte) {
	r := h.open(id)
	if r == nil {
		return
	}
	if json == nil {
		r.mu.Lock()
		delete(r.cue, "+"+key)
		r.mu.Unlock()
		return
	}
	r.setCue("+"+key, textOf(json)) // no key is that of the state
	r.soon(due{cues: true})
}

// dropOldCue keeps the number of keys in bounds. The lock is held.
func (r *room) dropOldCue() {
	if len(r.cue) <= maxCues+1 { // and the state
		return
	}
	oldest := ""
	for key, f := range r.cue {
		if key != "state" && (oldest == "" || f.version < r.cue[oldest].version) {
			oldest = key
		}
	}
	delete(r.cue, oldest)
}

// cuesAfter is every cue of a later version, in order. The lock is held.
func (r *room) cuesAfter(version uint64) (later []*frame) {
	if version == r.version {
		return nil
	}
	for _, f := range r.cue {
		if f.version > version {
			later = append(later, f)
		}
	}
	slices.SortFunc(later, func(a, b *frame) int { return cmp.Compare(a.version, b.version) })
	return later
}

// spreadCues sends the cues that changed to whoever is live.
func (r *room) spreadCues() {
	r.mu.Lock()
	later := r.cuesAfter(r.spread)
	r.to = append(r.to[:0], r.list...)
	r.mu.Unlock()
	for _, f := range later {
		fan(f, r.to)
		r.spread = f.version
	}
}

// send adds entries to the log's tail, and to whoever is live. The tail moves
// first: who catches up meanwhile finds them there.
func (r *room) send(f *frame, lines []line) {
	r.mu.Lock()
	r.ring.add(lines)
	r.tail = f.last
	r.to = append(r.to[:0], r.list...)
	r.mu.Unlock()
	fan(f, r.to)
}

// fan offers the frame to all, one part of them to each processor.
func fan(f *frame, to []*conn) {
	if len(to) <= smallRoom {
		offerAll(f, to)
		return
	}
	processors := runtime.GOMAXPROCS(0)
	var parts sync.WaitGroup
	for part := range slices.Chunk(to, (len(to)+processors-1)/processors) {
		parts.Go(func() { offerAll(f, part) })
	}
	parts.Wait()
}

func offerAll(f *frame, to []*conn) {
	w := newWriter()
	for _, c := range to {
		c.offer(w, f)
	}
}
