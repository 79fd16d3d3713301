package demo

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/accounts"
	"salon/internal/postgres/postgrestest"
	"salon/rooms"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// deaf stands for the media server: these tests are about rows.
type deaf struct{}

func (deaf) Open(context.Context, string)                {}
func (deaf) Close(context.Context, string)               {}
func (deaf) Apply(context.Context, string, string)       {}
func (deaf) Pass(rooms.Seat, string) (rooms.Pass, error) { return rooms.Pass{}, nil }

type reach struct{ *accounts.Service }

func (r reach) ReachTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, need int) (rooms.Reach, error) {
	got, err := r.Service.ReachTx(ctx, tx, account, need)
	return rooms.Reach(got), err
}

func setup(t *testing.T) (Config, *rooms.Gate) {
	t.Helper()
	t.Parallel()
	pool := postgrestest.New(t)
	people := accounts.New(accounts.Config{Pool: pool})
	gate := rooms.NewGate(pool, reach{people})
	return Config{
		Pool: pool, Accounts: people, Rooms: rooms.NewService(rooms.NewStore(pool), gate, deaf{}),
		URL: "http://127.0.0.1:1", Voices: t.TempDir(), Log: slog.New(slog.DiscardHandler),
	}, gate
}

// Two starts make the people once, on both sides of the gate, and find the
// same room.
func TestTwoStartsMakeOneDemo(t *testing.T) {
	c, gate := setup(t)
	var room uuid.UUID
	for range 2 {
		d := New(c)
		if err := d.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.Stop()
		if !d.Silent() || d.Room() == uuid.Nil || room != uuid.Nil && d.Room() != room {
			t.Errorf("room %v, before %v, silent %v", d.Room(), room, d.Silent())
		}
		room = d.Room()
	}
	for i, want := range []struct {
		passes     bool
		have, next int
	}{{true, 650, 0}, {false, 590, 10}, {false, 0, 0}} {
		a, err := c.Accounts.ByHandle(t.Context(), People[i].Handle)
		if err != nil {
			t.Fatal(err)
		}
		d, err := gate.Standing(t.Context(), a.ID)
		if err != nil || d.Passed != want.passes || d.Paths[0].Have != want.have || d.Paths[0].Next != want.next {
			t.Errorf("%s: %+v %v", a.Handle, d, err)
		}
	}
	people, err := c.Rooms.People(t.Context(), room)
	if err != nil || len(people) != 2 || people[1].Role != rooms.Speaker || !people[1].Bot {
		t.Errorf("on stage: %+v %v", people, err)
	}
}

func TestRemovedForGoodAndRealPeopleStay(t *testing.T) {
	c, _ := setup(t)
	real, err := c.Accounts.SignUp(t.Context(), accounts.NewAccount{Handle: "real", DisplayName: "Real", Email: "real@example.org", Password: "long enough"})
	if err != nil {
		t.Fatal(err)
	}
	d := New(c)
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Account(t.Context(), "real"); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("signing in as a real person: %v", err)
	}
	if _, err := d.Account(t.Context(), People[0].Handle); err != nil {
		t.Errorf("signing in as a made-up person: %v", err)
	}
	for range 2 {
		if err := d.Remove(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := New(c).Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := c.Pool.QueryRow(t.Context(), `select count(*) from accounts`).Scan(&left); err != nil || left != 1 {
		t.Errorf("%d accounts left, %v", left, err)
	}
	if _, err := c.Accounts.ByID(t.Context(), real.ID); err != nil {
		t.Errorf("the real person: %v", err)
	}
}
