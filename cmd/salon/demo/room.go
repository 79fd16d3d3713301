package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"salon/rooms"
)

// open starts the demo room, or finds the one that was live when the server
// stopped, and brings the two voices into it.
func (d *Demo) open(ctx context.Context) error {
	ids := [2]uuid.UUID{}
	for i := range ids {
		a, err := d.Accounts.ByHandle(ctx, People[i].Handle)
		if err != nil {
			return err
		}
		ids[i] = a.ID
	}
	room, err := d.liveRoom(ctx, ids[host])
	if err != nil {
		return fmt.Errorf("open demo room: %w", err)
	}
	if err := d.toStage(ctx, room, ids); err != nil {
		return fmt.Errorf("demo stage: %w", err)
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room, d.stop, d.done = room.ID, stop, make(chan struct{})
	go d.run(running, room, ids)
	return nil
}

func (d *Demo) liveRoom(ctx context.Context, ana uuid.UUID) (rooms.Room, error) {
	open, err := d.Rooms.Open(ctx)
	if err != nil {
		return rooms.Room{}, err
	}
	if i := slices.IndexFunc(open, func(r rooms.Room) bool { return r.HostID == ana && r.Status() == rooms.Live }); i >= 0 {
		return open[i], nil
	}
	room, err := d.Rooms.Create(ctx, ana, rooms.NewRoom{Title: "How does this work? (demo)", Topics: []string{"demo"}, Language: "en"})
	if err != nil {
		return rooms.Room{}, err
	}
	return d.Rooms.Start(ctx, ana, room.ID)
}

// toStage brings the guest up beside the host.
func (d *Demo) toStage(ctx context.Context, room rooms.Room, ids [2]uuid.UUID) error {
	entry, err := d.Rooms.Join(ctx, ids[guest], room.ID, true)
	if err != nil || entry.Role == rooms.Speaker {
		return err
	}
	return errors.Join(
		d.Rooms.Act(ctx, rooms.Deed{Room: room.ID, Actor: ids[host], Target: ids[guest], Action: rooms.Invite}),
		d.Rooms.Act(ctx, rooms.Deed{Room: room.ID, Actor: ids[guest], Target: ids[guest], Action: rooms.Accept}))
}

// Pauses of the demo: between two turns, before trying to connect again, and
// between two looks at the raised hands.
const (
	breath    = 700 * time.Millisecond
	again     = 2 * time.Second
	lookEvery = time.Second
)

// run keeps the voices in the room until it ends or the server stops.
func (d *Demo) run(ctx context.Context, room rooms.Room, ids [2]uuid.UUID) {
	defer close(d.done)
	hands := make(chan struct{})
	go func() { defer close(hands); d.takeUpHands(ctx, room.ID, ids[host]) }()
	defer func() { <-hands }()
	for ctx.Err() == nil {
		if err := d.talk(ctx, room, ids); err != nil && ctx.Err() == nil {
			d.Log.Debug("demo voices", "error", err)
		}
		if now, err := d.Rooms.Room(ctx, room.ID); err == nil && now.Status() == rooms.Ended {
			return
		}
		wait(ctx, again)
	}
}

// takeUpHands brings whoever raises a hand up, as a host would.
func (d *Demo) takeUpHands(ctx context.Context, room, ana uuid.UUID) {
	for wait(ctx, lookEvery) {
		people, err := d.Rooms.People(ctx, room)
		if err != nil {
			continue
		}
		for _, p := range people {
			if p.HandRaisedAt == nil {
				continue
			}
			up := rooms.Deed{Room: room, Actor: ana, Target: p.AccountID, Action: rooms.Approve}
			if err := d.Rooms.Act(ctx, up); err != nil && ctx.Err() == nil {
				d.Log.Debug("demo host", "error", err)
			}
		}
	}
}

// wait pauses, and says whether to go on.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// talk connects both and lets them take turns until a connection ends.
func (d *Demo) talk(ctx context.Context, room rooms.Room, ids [2]uuid.UUID) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var voices [2]*lksdk.LocalTrack
	for i, id := range ids {
		entry, err := d.Rooms.Join(ctx, id, room.ID, true)
		if err != nil {
			return err
		}
		events := lksdk.NewRoomCallback()
		events.OnDisconnected = cancel
		connected, err := lksdk.ConnectToRoomWithToken(d.URL, entry.Token, events)
		if err != nil {
			return err
		}
		defer connected.Disconnect()
		if voices[i], err = publish(connected); err != nil {
			return err
		}
	}
	if d.Silent() {
		<-ctx.Done()
		return nil
	}
	for i := 0; ctx.Err() == nil; i = (i + 1) % len(d.turns) {
		d.turns[i].speak(ctx, voices[d.turns[i].who])
		wait(ctx, breath)
	}
	return nil
}
