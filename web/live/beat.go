package live

import (
	"context"
	"slices"
	"time"
)

const (
	tickEvery = 250 * time.Millisecond
	ticksASec = 4
	seenEvery = 5 * time.Second
	// lingerTicks is how long a room without connections is kept: people who
	// reload the page are back within it.
	lingerTicks = 15 * ticksASec
)

// slots is how many parts of the connections are pinged in turn, so that not
// all are pinged at once, and none needs a timer of its own.
const slots = 25

// Run pings, does what was put off, and notes who is connected, until the
// context ends.
func (h *Hub) Run(ctx context.Context) error {
	defer h.stop()
	tick, ping, seen := time.NewTicker(tickEvery), time.NewTicker(h.Limits.Ping/slots), time.NewTicker(seenEvery)
	defer tick.Stop()
	defer ping.Stop()
	defer seen.Stop()
	noted := make(chan struct{}, 1)
	noted <- struct{}{}
	for slot := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			h.tick()
		case <-ping.C:
			slot = (slot + 1) % slots
			h.ping(slot)
		case <-seen.C:
			select {
			case <-noted:
				go func() { h.noteSeen(); noted <- struct{}{} }()
			default: // the last time is not over
			}
		}
	}
}

// tick does what was put off, and closes rooms that stay empty.
func (h *Hub) tick() {
	h.asks.retry()
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, r := range h.rooms {
		if r.isEmpty() {
			delete(h.rooms, id)
			close(r.gone)
		} else if r.isDue() {
			r.rouse()
		}
	}
}

// isEmpty says whether the room was without connections for long enough.
func (r *room) isEmpty() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.empty++; len(r.list) > 0 {
		r.empty = 0
	}
	return r.empty > lingerTicks
}

func (h *Hub) ping(slot int) {
	for _, r := range h.openRooms() {
		for _, c := range r.everyone() {
			if c.slot == slot {
				c.ping()
			}
		}
	}
}

// noteSeen tells the source who is connected, room by room.
func (h *Hub) noteSeen() {
	for _, r := range h.openRooms() {
		visitors := r.visitors()
		r.soon(due{state: true}) // counts change with nobody telling
		if len(visitors) == 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(h.ctx, patience)
		err := h.Source.Seen(ctx, r.id, slices.Clip(visitors))
		cancel()
		if err != nil && h.ctx.Err() == nil {
			h.Log.Warn("note who is connected", "room", r.id, "error", err)
		}
	}
}
