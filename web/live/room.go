package live

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// How far behind a reader may be to be given what it missed, and how many
// entries it begins with otherwise.
const (
	maxBehind = 1000
	latest    = 200
)

// Pauses between two readings of what concerns many.
const (
	stateEvery  = time.Second
	othersEvery = 250 * time.Millisecond // of moderators' views
)

// room is a room that has connections. One goroutine reads for it, and is the
// only one that moves its tail.
type room struct {
	hub  *Hub
	id   uuid.UUID
	wake chan struct{}
	gone chan struct{} // closed when it was empty for a while

	mu       sync.Mutex
	epoch    string // empty until the log was read
	tail     int64  // the last entry that was sent to live connections
	ring     ring
	cue      map[string]*frame
	version  uint64 // of the latest cue
	list     []*conn
	people   map[uuid.UUID]*conn
	due      due
	stateAt  time.Time
	othersAt time.Time
	leaving  []leaver
	waiting  []chan<- error // for the next reading
	empty    int            // ticks without a connection

	spread uint64  // the latest cue that was sent to live connections; the goroutine's own
	to     []*conn // the goroutine's own, kept to be used again
}

// due is what the room's goroutine has to do.
type due struct {
	head   bool // see whether the log is another
	log    bool // read what came
	state  bool // read the state
	others bool // show moderators their view
	cues   bool
	nudge  bool // wake connections that could not read
}

func (d *due) add(more due) {
	d.head = d.head || more.head
	d.log = d.log || more.log
	d.state = d.state || more.state
	d.others = d.others || more.others
	d.cues = d.cues || more.cues
	d.nudge = d.nudge || more.nudge
}

// leaver is a connection that ends once the log was delivered.
type leaver struct {
	conn *conn
	end  ending
}

func newRoom(h *Hub, id uuid.UUID) *room {
	return &room{
		hub: h, id: id, wake: make(chan struct{}, 1), gone: make(chan struct{}),
		cue: map[string]*frame{}, people: map[uuid.UUID]*conn{}, due: due{state: true},
	}
}

func (r *room) run() {
	for {
		select {
		case <-r.hub.ctx.Done():
			return
		case <-r.gone:
			return
		case <-r.wake:
			r.step()
		}
	}
}

// soon has the room's goroutine do something.
func (r *room) soon(what due) {
	r.mu.Lock()
	r.due.add(what)
	r.mu.Unlock()
	r.rouse()
}

func (r *room) rouse() {
	select {
	case r.wake <- struct{}{}:
	default: // it is about to look
	}
}

// isDue says whether there is something to do, perhaps not yet.
func (r *room) isDue() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.due != due{} || len(r.leaving) > 0
}

// know makes sure that the room has read its log, at least as far as a reader
// who comes back has: another process may have shown them more.
func (r *room) know(ctx context.Context, epoch string, seq int64) error {
	r.mu.Lock()
	if r.epoch != "" && (epoch == "" || epoch == r.epoch && seq <= r.tail) {
		r.mu.Unlock()
		return nil
	}
	done := make(chan error, 1)
	r.waiting = append(r.waiting, done)
	r.due.add(due{head: true, log: true})
	r.mu.Unlock()
	r.rouse()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-r.hub.ctx.Done():
		return errStopping
	}
}

func (r *room) add(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.index, c.next = len(r.list), r.people[c.who.person()]
	r.list = append(r.list, c)
	r.people[c.who.person()] = c
	r.empty = 0
}

func (r *room) remove(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := len(r.list) - 1
	r.list[c.index] = r.list[last]
	r.list[c.index].index = c.index
	r.list[last] = nil
	r.list = r.list[:last]
	r.unlink(c)
}

func (r *room) unlink(c *conn) {
	person := c.who.person()
	if first := r.people[person]; first != c {
		for first.next != c {
			first = first.next
		}
		first.next = c.next
	} else if c.next != nil {
		r.people[person] = c.next
	} else {
		delete(r.people, person)
	}
}

func (r *room) everyone() []*conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}

// of is a person's connections.
func (r *room) of(person uuid.UUID) (all []*conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := r.people[person]; c != nil; c = c.next {
		all = append(all, c)
	}
	return all
}

// visitors is everyone who has a connection, once.
func (r *room) visitors() []Visitor {
	seen := map[Visitor]struct{}{}
	for _, c := range r.everyone() {
		seen[c.who] = struct{}{}
	}
	return slices.Collect(maps.Keys(seen))
}
