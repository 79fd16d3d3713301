package media

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/livekit/protocol/livekit"

	"salon/rooms"
)

// maxRounds bounds how often one Apply chases a row that keeps changing; the
// change that outran it calls Apply itself.
const maxRounds = 10

// Apply makes the media server allow the identity what its row says now, and
// removes it when the row says it may not be there. Commands, webhooks, the
// gate and the sweep all end here, so it is safe to repeat and to call for
// anyone. What does not get through is left to the sweep.
func (c *Control) Apply(ctx context.Context, run, identity string) {
	c.writes.do(seatKey{run, identity}, func() {
		ctx, cancel := afterCommit(ctx) // its time begins when it is its turn
		defer cancel()
		if err := c.apply(ctx, run, identity); err != nil {
			c.fell(run, "apply "+identity, err)
		}
	})
}

// apply reads the row, acts, and reads again until the row stood still: a
// change between reading and acting is never lost.
func (c *Control) apply(ctx context.Context, run, identity string) error {
	if ours, _, err := c.rows.Run(ctx, run); err != nil || !ours {
		return err // an external media server may serve others too
	}
	seat, err := c.seat(ctx, run, identity)
	for range maxRounds {
		if err != nil {
			return fmt.Errorf("read seat: %w", err)
		}
		if err = c.enforce(ctx, run, identity, seat); err != nil {
			return err
		}
		before := seat
		if seat, err = c.seat(ctx, run, identity); err == nil && seat == before {
			return nil
		}
	}
	return err
}

// seat is the identity's seat; a stranger has one that may not enter.
func (c *Control) seat(ctx context.Context, run, identity string) (rooms.Seat, error) {
	seat, err := c.rowSeat(ctx, run, identity)
	if errors.Is(err, rooms.ErrNotThere) {
		return rooms.Seat{Run: run, Identity: identity}, nil
	}
	return seat, err
}

func (c *Control) enforce(ctx context.Context, run, identity string, seat rooms.Seat) error {
	who := &livekit.RoomParticipantIdentity{Room: run, Identity: identity}
	if !seat.MayEnter() {
		if known := seat.Role != ""; !known && c.config.Agents {
			if p, err := c.rpc.GetParticipant(ctx, who); err == nil && c.operators(p) {
				return nil
			}
		}
		_, err := c.rpc.RemoveParticipant(ctx, who)
		c.conns.closeSeat(seatKey{run, identity})
		if err != nil && !isNotFound(err) {
			return fmt.Errorf("remove participant: %w", err)
		}
		return nil
	}
	now, err := c.rpc.GetParticipant(ctx, who)
	if isNotFound(err) {
		return nil // not connected: the token and the gate will see to it
	}
	if err != nil {
		return fmt.Errorf("get participant: %w", err)
	}
	if !differs(now, seat) {
		return nil
	}
	_, err = c.rpc.UpdateParticipant(ctx, &livekit.UpdateParticipantRequest{
		Room: run, Identity: identity, Permission: grantOf(seat), Attributes: attributes(seat),
	})
	if err != nil && !isNotFound(err) {
		return fmt.Errorf("update participant: %w", err)
	}
	return nil
}

// seatKey names one identity in one run.
type seatKey struct{ run, identity string }

// writers lets one caller at a time write one seat. Whoever waited while
// another round began after they asked need not write again.
type writers struct {
	mu    sync.Mutex
	seats map[seatKey]*writer
}

type writer struct {
	mu      sync.Mutex
	asked   uint64 // guarded by writers.mu
	callers int    // guarded by writers.mu
	written uint64 // guarded by mu: every ask up to here is done
}

func (w *writers) do(key seatKey, write func()) {
	seat, ask := w.enter(key)
	defer w.leave(key)
	seat.mu.Lock()
	defer seat.mu.Unlock()
	if seat.written >= ask {
		return
	}
	upTo := w.asked(seat)
	write()
	seat.written = upTo
}

func (w *writers) enter(key seatKey) (*writer, uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seats == nil {
		w.seats = map[seatKey]*writer{}
	}
	seat := w.seats[key]
	if seat == nil {
		seat = &writer{}
		w.seats[key] = seat
	}
	seat.asked++
	seat.callers++
	return seat, seat.asked
}

func (w *writers) asked(seat *writer) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return seat.asked
}

func (w *writers) leave(key seatKey) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if seat := w.seats[key]; seat.callers == 1 {
		delete(w.seats, key)
	} else {
		seat.callers--
	}
}
