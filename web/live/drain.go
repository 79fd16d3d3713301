package live

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// waves is in how many parts connections are closed when the server stops.
const waves = 20

// Drain closes every connection, in waves, and waits until all have gone or the
// context ends; who is left then is cut off. New handshakes are refused from
// now on.
func (h *Hub) Drain(ctx context.Context) error {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
	all := h.all()
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	pause := time.NewTicker(h.Limits.Drain / waves)
	defer pause.Stop()
	for wave := range slices.Chunk(all, len(all)/waves+1) {
		for _, c := range wave {
			c.finish(h.stopping())
		}
		if !waited(ctx, pause.C) {
			break
		}
	}
	return h.emptied(ctx, pause.C)
}

// stopping tells within how many milliseconds to come back, at a time of one's own
// choice.
func (h *Hub) stopping() ending {
	return ending{code: codeStopping, reason: fmt.Sprintf("%s;within=%d", errStopping.Slug, h.Limits.Drain.Milliseconds())}
}

// emptied waits until the last connection has gone.
func (h *Hub) emptied(ctx context.Context, again <-chan time.Time) error {
	for h.Connections() > 0 {
		if !waited(ctx, again) {
			left := h.all()
			for _, c := range left {
				c.abandon()
			}
			return fmt.Errorf("%d sockets were cut off: %w", len(left), ctx.Err())
		}
	}
	return nil
}

func waited(ctx context.Context, until <-chan time.Time) bool {
	select {
	case <-ctx.Done():
		return false
	case <-until:
		return true
	}
}

func (h *Hub) all() (all []*conn) {
	for _, r := range h.openRooms() {
		all = append(all, r.everyone()...)
	}
	return all
}
