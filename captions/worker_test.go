package captions

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
)

// fakeEar is in the rooms it listens to until it is thrown out.
type fakeEar struct {
	mu    sync.Mutex
	here  map[uuid.UUID]func(error)
	refus error
	most  map[uuid.UUID]int // ever at once
	now   map[uuid.UUID]int
	slow  time.Duration // it takes to leave
	tries int
}

func newEar() *fakeEar {
	return &fakeEar{here: map[uuid.UUID]func(error){}, most: map[uuid.UUID]int{}, now: map[uuid.UUID]int{}}
}

func (e *fakeEar) Listen(ctx context.Context, room Room, h Hearer) error {
	e.mu.Lock()
	e.tries++
	if e.refus != nil {
		defer e.mu.Unlock()
		return e.refus
	}
	ctx, out := context.WithCancelCause(ctx)
	defer out(nil)
	e.here[room.ID] = out
	e.now[room.ID]++
	e.most[room.ID] = max(e.most[room.ID], e.now[room.ID])
	slow := e.slow
	e.mu.Unlock()
	h.Ready()
	sound := h.Voice("ana")
	<-ctx.Done()
	sound.Close()
	time.Sleep(slow)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.now[room.ID]--; e.now[room.ID] == 0 {
		delete(e.here, room.ID)
	}
	return context.Cause(ctx)
}

func (e *fakeEar) in(room Room) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.now[room.ID] > 0
}

func (e *fakeEar) throwOut(room Room) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.here[room.ID](errors.New("thrown out"))
}

func (e *fakeEar) set(change func(*fakeEar)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(e)
}

// fakeLease is held by one at a time, and by nobody while the database is down.
type fakeLease struct {
	mu     sync.Mutex
	holder any
	down   bool
	ended  time.Time
}

type claimant struct{ lease *fakeLease }

func (c *claimant) Hold(context.Context) (bool, error) {
	c.lease.mu.Lock()
	defer c.lease.mu.Unlock()
	if c.lease.down {
		return false, errors.New("no database")
	}
	if c.lease.holder != any(c) && time.Now().Before(c.lease.ended) {
		return false, nil
	}
	c.lease.holder, c.lease.ended = c, time.Now().Add(LeaseLife)
	return true, nil
}

func (l *fakeLease) set(change func(*fakeLease)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

// bench is a worker on fakes.
type bench struct {
	*Worker
	ear   *fakeEar
	rooms *fakeRooms
	lease *fakeLease
	stop  func() // and wait until it has
}

func begin(t *testing.T, rooms *fakeRooms, lease *fakeLease) *bench {
	ear := newEar()
	w := NewWorker(fakeEngines(), rooms, ear, func(uuid.UUID) Lease { return &claimant{lease} }, silentLog)
	return &bench{w, ear, rooms, lease, w.start(t)}
}

// start runs the worker until the returned stop is called.
func (w *Worker) start(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := w.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	synctest.Wait()
	return func() { cancel(); <-ended }
}

func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestAWorkerHearsWhatIsLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, &fakeRooms{}, &fakeLease{})
		defer b.stop()
		room := english()
		french := english()
		french.Language = "fr"
		if s := b.Status(room.ID, "en"); s.State != "starting" {
			t.Errorf("%+v", s)
		}
		b.rooms.set(room, french)
		after(lookEvery)
		if !b.ear.in(room) || b.ear.in(french) {
			t.Error("not in the English room, or in the French one")
		}
		if s := b.Status(room.ID, "en-GB"); s != (Status{State: "on", Language: "en-GB", Engine: "fake", Model: "small", Local: true}) {
			t.Errorf("%+v", s)
		}
		if s := b.Status(french.ID, "fr"); s != (Status{State: "no-model", Language: "fr", Install: "salon captions install fr"}) {
			t.Errorf("%+v", s)
		}
		after(time.Minute)
		if b.ear.tries != 1 || b.rooms.gapCount() != 0 {
			t.Errorf("%d times in the room, %d gaps", b.ear.tries, b.rooms.gapCount())
		}
		b.rooms.set()
		after(lookEvery)
		if b.ear.in(room) || b.Status(room.ID, "en").State != "starting" {
			t.Error("still in a room that ended")
		}
	})
}

// A host may change the language while the room is live.
func TestARoomThatChangesItsLanguage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, &fakeRooms{}, &fakeLease{})
		defer b.stop()
		room := english()
		b.rooms.set(room)
		after(lookEvery)
		other := room
		other.Language = "fr"
		b.rooms.set(other)
		after(lookEvery)
		if b.ear.in(room) {
			t.Error("captions French with an English model")
		}
	})
}

func TestComingBackIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, &fakeRooms{}, &fakeLease{})
		defer b.stop()
		room := english()
		b.rooms.set(room)
		after(lookEvery)
		b.ear.set(func(e *fakeEar) { e.refus = errors.New("no media server") })
		b.ear.throwOut(room)
		after(time.Minute)
		if s := b.Status(room.ID, "en"); s.State != "starting" || b.rooms.gapCount() != 0 {
			t.Errorf("%+v and %d gaps while away", s, b.rooms.gapCount())
		}
		b.ear.set(func(e *fakeEar) { e.refus = nil })
		after(againAfter)
		if s := b.Status(room.ID, "en"); s.State != "on" || b.rooms.gapCount() != 1 {
			t.Errorf("%+v and %d gaps after coming back", s, b.rooms.gapCount())
		}
	})
}

func TestADeadWorkerIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms, lease, room := &fakeRooms{}, &fakeLease{}, english()
		one := begin(t, rooms, lease)
		two := begin(t, rooms, lease)
		defer two.stop()
		after(lookEvery / 2)
		rooms.set(room)
		after(2 * lookEvery)
		if one.ear.in(room) == two.ear.in(room) {
			t.Fatal("two are in the room, or none")
		}
		if two.ear.in(room) {
			one, two = two, one
		}
		one.stop()
		after(LeaseLife + 2*lookEvery)
		if !two.ear.in(room) || rooms.gapCount() != 1 {
			t.Errorf("in the room: %v, %d gaps", two.ear.in(room), rooms.gapCount())
		}
	})
}

// A server that starts anew finds rooms that went on without captions.
func TestARoomOlderThanItsWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms := &fakeRooms{live: []Room{english()}}
		b := begin(t, rooms, &fakeLease{})
		defer b.stop()
		if rooms.gapCount() != 1 {
			t.Errorf("%d gaps", rooms.gapCount())
		}
	})
}

func TestALostLeaseEndsTheHearing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, &fakeRooms{}, &fakeLease{})
		defer b.stop()
		room := english()
		b.rooms.set(room)
		after(lookEvery)
		b.ear.set(func(e *fakeEar) { e.slow = 3 * time.Second })
		b.lease.set(func(l *fakeLease) { l.holder, l.ended = "another", time.Now().Add(2*lookEvery) })
		after(lookEvery)
		if b.Status(room.ID, "en").State == "on" && b.ear.here[room.ID] == nil {
			t.Error("on without a lease")
		}
		after(10 * time.Second)
		if !b.ear.in(room) || b.ear.most[room.ID] != 1 || b.Status(room.ID, "en").State != "on" || b.rooms.gapCount() != 1 {
			t.Errorf("in the room %v, %d of us at once, %+v, %d gaps", b.ear.in(room), b.ear.most[room.ID], b.Status(room.ID, "en"), b.rooms.gapCount())
		}
	})
}

// Without the database nobody can renew a lease. We go on for as long as ours
// lasts, and no longer: another worker may have the room then.
func TestAnUnrenewedLeaseEndsTheHearing(t *testing.T) {
	for name, fail := range map[string]func(*bench, bool){
		"leases": func(b *bench, down bool) { b.lease.set(func(l *fakeLease) { l.down = down }) },
		"rooms": func(b *bench, down bool) {
			b.rooms.mu.Lock()
			defer b.rooms.mu.Unlock()
			b.rooms.err = nil
			if down {
				b.rooms.err = errors.New("no database")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := begin(t, &fakeRooms{}, &fakeLease{})
				defer b.stop()
				room := english()
				b.rooms.set(room)
				after(lookEvery)
				fail(b, true)
				after(LeaseLife / 2)
				if !b.ear.in(room) {
					t.Error("left at the first failure")
				}
				after(LeaseLife)
				if b.ear.in(room) {
					t.Error("still there without a lease")
				}
				fail(b, false)
				after(2 * lookEvery)
				if !b.ear.in(room) || b.rooms.gapCount() != 1 {
					t.Errorf("in the room: %v, %d gaps", b.ear.in(room), b.rooms.gapCount())
				}
			})
		})
	}
}

// Whoever asks for the status never waits for the database.
func TestStatusWaitsForNobody(t *testing.T) {
	t.Parallel()
	asked, release := make(chan struct{}), make(chan struct{})
	room := english()
	w := NewWorker(fakeEngines(), &fakeRooms{live: []Room{room}}, newEar(), func(uuid.UUID) Lease { return slowLease{asked, release} }, silentLog)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = w.Run(ctx) }()
	<-asked
	w.Status(room.ID, "en") // while the lease is asked for
	cancel()
	close(release)
	<-ended
}

type slowLease struct{ asked, release chan struct{} }

func (l slowLease) Hold(context.Context) (bool, error) {
	close(l.asked)
	<-l.release
	return false, nil
}

func TestClock(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	c := clock{now: func() time.Time { return now }}
	pass := func(real, sound time.Duration) { now = now.Add(real); c.heard(sound) }
	for range 10 { // with the unevenness of packets
		pass(160*time.Millisecond, 100*time.Millisecond)
		pass(40*time.Millisecond, 100*time.Millisecond)
	}
	if len(c.marks) != 1 {
		t.Errorf("%d marks on even sound", len(c.marks))
	}
	pass(time.Minute, 100*time.Millisecond)
	if got := c.at(2 * time.Second); !got.Equal(now.Add(-100 * time.Millisecond)) {
		t.Errorf("after a pause: %v at %v", got, now)
	}
	if got := c.at(time.Second).Sub(time.Unix(1001, 0)); got.Abs() > drift {
		t.Errorf("before the pause: %v off", got)
	}
	for range 1000 {
		pass(time.Minute, 100*time.Millisecond)
	}
	if len(c.marks) > maxMarks {
		t.Errorf("%d marks", len(c.marks))
	}
}
