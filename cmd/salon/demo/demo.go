// Package demo fills a server that someone is trying out: made-up people on
// both sides of the host gate, and a room in which two recorded voices really
// speak and whose host takes up whoever raises a hand. All of it is marked,
// and goes with one tap.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"salon/accounts"
	"salon/rooms"
)

// Person is one made-up account that visitors may sign in as.
type Person struct {
	Handle, Name string
	Followers    int // whose accounts are old enough to count
	Young        int // followers whose accounts are not
}

// People are the made-up accounts: over the usual threshold, just short of it
// for a day, and new.
var People = []Person{
	{Handle: "ana_demo", Name: "Ana Demo", Followers: 650},
	{Handle: "ben_demo", Name: "Ben Demo", Followers: 590, Young: 60},
	{Handle: "noor_demo", Name: "Noor Demo"},
}

// host and guest are on the demo room's stage.
const host, guest = 0, 1

// Config is what the demo runs on.
type Config struct {
	Pool     *pgxpool.Pool
	Accounts *accounts.Service
	Rooms    *rooms.Service
	URL      string // where the gate in front of the media server is
	Voices   string // folder of the recordings; see deploy/voices
	Log      *slog.Logger
}

// Demo is the made-up part of a server.
type Demo struct {
	Config
	turns []turn

	mu   sync.Mutex
	stop context.CancelFunc // of the room that runs; nil without
	done chan struct{}      // closed when it has ended
	room uuid.UUID
}

// removed is the flag that keeps the demo from coming back.
const removed = "demo-removed"

// New returns a demo that has not started. Nothing else in a server connects
// as a client does, so the client library's log is silenced for all of it.
func New(c Config) *Demo {
	lksdk.SetLogger(logger.GetDiscardLogger())
	return &Demo{Config: c}
}

// Start makes the people and opens the room, unless the demo was removed.
func (d *Demo) Start(ctx context.Context) error {
	var gone bool
	if err := d.Pool.QueryRow(ctx, `select exists (select from flags where name = $1)`, removed).Scan(&gone); err != nil || gone {
		return err
	}
	if err := d.seed(ctx); err != nil {
		return fmt.Errorf("make demo people: %w", err)
	}
	turns, err := loadTurns(d.Voices)
	if err != nil {
		return fmt.Errorf("load demo voices: %w", err)
	}
	d.turns = turns
	return d.open(ctx)
}

// Room is the demo room, uuid.Nil when there is none.
func (d *Demo) Room() uuid.UUID {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.room
}

// Silent says that no recordings were found: the room is there, and nobody speaks.
func (d *Demo) Silent() bool { return len(d.turns) == 0 }

// Account returns the made-up account a visitor signs in as, or
// accounts.ErrNotFound: real people are nobody's to sign in as.
func (d *Demo) Account(ctx context.Context, handle string) (accounts.Account, error) {
	var made bool
	err := d.Pool.QueryRow(ctx, `select exists (select from accounts where handle = $1 and demo)`, handle).Scan(&made)
	if err == nil && !made {
		err = accounts.ErrNotFound
	}
	if err != nil {
		return accounts.Account{}, err
	}
	return d.Accounts.ByHandle(ctx, handle)
}

// Remove ends the room and deletes the made-up people, for good.
func (d *Demo) Remove(ctx context.Context) error {
	d.Stop()
	if room := d.Room(); room != uuid.Nil {
		ana, err := d.Accounts.ByHandle(ctx, People[host].Handle)
		if err == nil {
			_, err = d.Rooms.End(ctx, ana.ID, room)
		}
		if err != nil && !errors.Is(err, accounts.ErrNotFound) {
			return fmt.Errorf("end demo room: %w", err)
		}
	}
	_, err := d.Pool.Exec(ctx, `
		with flag as (insert into flags (name) values ($1) on conflict do nothing)
		delete from accounts where demo`, removed)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = uuid.Nil
	return err
}

// Stop silences the room and leaves it. It is safe to repeat.
func (d *Demo) Stop() {
	d.mu.Lock()
	stop, done := d.stop, d.done
	d.mu.Unlock()
	if stop != nil {
		stop()
		<-done
	}
}

// Handles of the people a visitor may sign in as.
func (d *Demo) Handles() []string {
	var all []string
	for _, p := range People {
		all = append(all, p.Handle)
	}
	return all
}
