package rooms

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

func TestScheduling(t *testing.T) {
	b := setup(t)
	host, other := b.account("host"), b.account("other")
	in := func(d time.Duration) *time.Time { at := time.Now().Add(d).Truncate(time.Second); return &at }
	for what, at := range map[string]*time.Time{"the past": in(-time.Minute), "too far": in((maxAheadDays + 1) * 24 * time.Hour)} {
		if _, err := b.Create(b.ctx, host, NewRoom{Title: "x", Language: "en", StartsAt: at}); !errors.Is(err, ErrStartsAt) {
			t.Errorf("%s: %v", what, err)
		}
	}
	late, err := b.Create(b.ctx, host, NewRoom{Title: "late", Language: "en", StartsAt: in(48 * time.Hour)})
	if err != nil || late.Status() != Scheduled || late.Revision != 0 {
		t.Fatalf("%+v %v", late, err)
	}
	b.reach.n = 0 // whoever announced a room may move it and hold it
	soon := in(24 * time.Hour)
	moved, err := b.Reschedule(b.ctx, host, late.ID, soon)
	if err != nil || !moved.StartsAt.Equal(*soon) || moved.Revision != 1 {
		t.Errorf("moved: %+v %v", moved, err)
	}
	if _, err := b.Reschedule(b.ctx, host, late.ID, in(-time.Hour)); !errors.Is(err, ErrStartsAt) {
		t.Errorf("into the past: %v", err)
	}
	for what, err := range map[string]error{
		"move":   second(b.Reschedule(b.ctx, other, late.ID, soon)),
		"cancel": second(b.Cancel(b.ctx, other, late.ID)),
	} {
		if !errors.Is(err, ErrNotAllowed) {
			t.Errorf("another's %s: %v", what, err)
		}
	}
	if _, err := b.Start(b.ctx, host, late.ID); err != nil {
		t.Fatalf("start before its time: %v", err)
	}
	for what, err := range map[string]error{
		"move":   second(b.Reschedule(b.ctx, host, late.ID, soon)),
		"cancel": second(b.Cancel(b.ctx, host, late.ID)),
	} {
		if !errors.Is(err, ErrStarted) {
			t.Errorf("%s of a live room: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestCancelling(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	at := time.Now().Add(time.Hour)
	room, err := b.Create(b.ctx, host, NewRoom{Title: "x", Language: "en", StartsAt: &at})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := b.Cancel(b.ctx, host, room.ID); err != nil || got.Status() != Cancelled || got.Revision != 1 {
			t.Fatalf("%+v %v", got, err)
		}
	}
	if _, err := b.Cancel(b.ctx, b.account("other"), room.ID); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("another's: %v", err)
	}
	for what, err := range map[string]error{
		"start": second(b.Start(b.ctx, host, room.ID)),
		"end":   second(b.End(b.ctx, host, room.ID)),
		"join":  second(b.Join(b.ctx, host, room.ID, false)),
		"move":  second(b.Reschedule(b.ctx, host, room.ID, &at)),
	} {
		if !errors.Is(err, ErrCancelled) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if open, err := b.Open(b.ctx); err != nil || len(open) != 0 {
		t.Errorf("still listed: %v %v", open, err)
	}
	for range maxOpenRooms { // a cancelled room takes no place
		if _, err := b.Create(b.ctx, host, NewRoom{Title: "x", Language: "en"}); err != nil {
			t.Fatal(err)
		}
	}
}

// A room is called off for nobody's asking only while its announced start is long
// over and it neither started nor was moved.
func TestALateRoomIsCalledOff(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	started, late, open := b.live(host), b.announced(host), b.announced(host)
	b.exec(`update rooms set starts_at = now() - interval '25 hours' where id = any($1)`, []uuid.UUID{started.ID, late.ID})
	b.exec(`update rooms set starts_at = null where id = $1`, open.ID)
	cancel := func(room Room, after time.Duration) (done bool) {
		err := pgx.BeginFunc(b.ctx, b.pool, func(tx pgx.Tx) (err error) {
			done, err = b.CancelLateTx(b.ctx, tx, room.ID, after)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	for what, done := range map[string]bool{
		"one that started":    cancel(started, 24*time.Hour),
		"one without a start": cancel(open, 24*time.Hour),
		"not so late":         cancel(late, 26*time.Hour),
	} {
		if done {
			t.Errorf("%s was called off", what)
		}
	}
	if !cancel(late, 24*time.Hour) || cancel(late, 24*time.Hour) {
		t.Error("not called off once")
	}
	if room, err := b.Room(b.ctx, late.ID); err != nil || room.Status() != Cancelled || room.Revision != 1 {
		t.Errorf("%+v %v", room, err)
	}
}

// announced is a room that is to start in an hour.
func (b *bundle) announced(host uuid.UUID) Room {
	b.t.Helper()
	at := time.Now().Add(time.Hour)
	room, err := b.Create(b.ctx, host, NewRoom{Title: "x", Language: "en", StartsAt: &at})
	if err != nil {
		b.t.Fatal(err)
	}
	return room
}

func TestLiveRoomsComeFirstThenTheSoonest(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	for title, ahead := range map[string]time.Duration{"second": time.Hour, "third": 2 * time.Hour, "fourth": 0} {
		n := NewRoom{Title: title, Language: "en"}
		if at := time.Now().Add(ahead); ahead > 0 {
			n.StartsAt = &at
		}
		if _, err := b.Create(b.ctx, host, n); err != nil {
			t.Fatal(err)
		}
	}
	b.live(host)
	open, err := b.Open(b.ctx)
	if err != nil || len(open) != 4 {
		t.Fatalf("%v %v", open, err)
	}
	for i, title := range []string{"Evening", "second", "third", "fourth"} {
		if open[i].Title != title {
			t.Errorf("%d is %s, want %s", i, open[i].Title, title)
		}
	}
}
