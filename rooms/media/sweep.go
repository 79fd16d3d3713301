package media

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/livekit/protocol/livekit"

	"salon/rooms"
)

// How often differences are looked for: rooms whose last command failed, and
// all of them.
const (
	dirtyEvery = 2 * time.Second
	allEvery   = 30 * time.Second
)

// Run sweeps until the context ends.
func (c *Control) Run(ctx context.Context) error {
	dirty, all := time.NewTicker(dirtyEvery), time.NewTicker(allEvery)
	defer dirty.Stop()
	defer all.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-dirty.C:
			err = c.sweepDirty(ctx)
		case <-c.wake:
			err = c.Sweep(ctx)
		case <-all.C:
			err = c.sweepLeased(ctx)
		}
		if err != nil && ctx.Err() == nil {
			c.log.Warn("sweep", "error", err)
		}
	}
}

// Restarted tells that the media server came up and knows nothing: every live
// run is created again, without waiting for the next sweep.
func (c *Control) Restarted() {
	select {
	case c.wake <- struct{}{}:
	default: // a sweep is due already
	}
}

func (c *Control) sweepLeased(ctx context.Context) error {
	mine, err := c.lease.Hold(ctx)
	if err != nil || !mine {
		return err
	}
	return c.Sweep(ctx)
}

// Sweep compares every run with the media server and repairs what differs:
// rooms that should be there or should not, and the people in them.
func (c *Control) Sweep(ctx context.Context) error {
	runs, err := c.rows.Runs(ctx)
	if err != nil {
		return err
	}
	answer, err := c.rpc.ListRooms(ctx, &livekit.ListRoomsRequest{})
	if err != nil {
		return fmt.Errorf("list rooms: %w", err)
	}
	there := make([]string, 0, len(answer.Rooms))
	for _, room := range answer.Rooms {
		there = append(there, room.Name)
	}
	var failed []error
	// Only runs we know to have ended are deleted: an external media server
	// may serve others too.
	ended, err := c.rows.EndedRuns(ctx, there)
	failed = append(failed, err)
	for _, run := range ended {
		failed = append(failed, c.delete(ctx, run))
	}
	for _, run := range runs {
		if !slices.Contains(there, run) {
			failed = append(failed, c.create(ctx, run))
			continue
		}
		failed = append(failed, c.sweepRun(ctx, run))
	}
	return errors.Join(failed...)
}

func (c *Control) sweepDirty(ctx context.Context) error {
	c.mu.Lock()
	runs := make([]string, 0, len(c.dirty))
	for run := range c.dirty {
		runs = append(runs, run)
	}
	clear(c.dirty)
	c.mu.Unlock()
	for _, run := range runs {
		if err := c.mend(ctx, run); err != nil {
			c.fell(run, "mend", err)
		}
	}
	return nil
}

// mend repairs one run whose last command failed, whatever it was.
func (c *Control) mend(ctx context.Context, run string) error {
	ours, live, err := c.rows.Run(ctx, run)
	if err != nil || !ours {
		return err
	}
	if !live {
		return c.delete(ctx, run)
	}
	if err := c.create(ctx, run); err != nil {
		return err
	}
	return c.sweepRun(ctx, run)
}

func (c *Control) sweepRun(ctx context.Context, run string) error {
	answer, err := c.rpc.ListParticipants(ctx, &livekit.ListParticipantsRequest{Room: run})
	if err != nil {
		return fmt.Errorf("list participants: %w", err)
	}
	seats, err := c.rows.Seats(ctx, run)
	if err != nil {
		return fmt.Errorf("list seats: %w", err)
	}
	byIdentity := make(map[string]rooms.Seat, len(seats))
	for _, seat := range seats {
		byIdentity[seat.Identity] = seat
	}
	for _, seat := range c.rowlessSeats(run, true) {
		byIdentity[seat.Identity] = seat
	}
	there := make([]string, 0, len(answer.Participants))
	for _, p := range answer.Participants {
		there = append(there, p.Identity)
		if seat, known := byIdentity[p.Identity]; !known || !seat.MayEnter() || differs(p, seat) {
			c.Apply(ctx, run, p.Identity)
		}
	}
	return c.rows.Heard(ctx, run, there)
}
