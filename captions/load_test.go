package captions

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"salon/captions/speech"
)

// pacedEngine recognises so much sound a second, whoever's it is.
type pacedEngine struct {
	fakeEngine
	mu    sync.Mutex
	speed float64 // seconds of sound in a second
	cores float64
	at    time.Time
	open  []*pacedStream
}

type pacedStream struct {
	engine  *pacedEngine
	events  chan speech.Event
	heard   time.Duration
	done    time.Duration
	guesses int // asked for
	told    int
	closed  bool
}

func (e *pacedEngine) NewStream(context.Context) (speech.Stream, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := &pacedStream{engine: e, events: make(chan speech.Event, 10_000)}
	e.open = append(e.open, s)
	return s, nil
}

func (e *pacedEngine) set(speed float64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.work()
	e.speed = speed
}

// work shares the time since the last call among those who wait. The lock is
// held.
func (e *pacedEngine) work() {
	budget := time.Duration(float64(time.Since(e.at)) * e.speed)
	e.at = time.Now()
	busy := slices.DeleteFunc(slices.Clone(e.open), func(s *pacedStream) bool { return s.done == s.heard })
	slices.SortFunc(busy, func(a, b *pacedStream) int { return int((a.heard - a.done) - (b.heard - b.done)) })
	for i, s := range busy {
		share := min(budget/time.Duration(len(busy)-i), s.heard-s.done)
		s.done, budget = s.done+share, budget-share
	}
}

func (e *pacedEngine) asked() (guesses int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.open {
		guesses += s.guesses
	}
	return guesses
}

func (s *pacedStream) Write(pcm []int16, guess bool) error {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.engine.work()
	s.heard += duration(pcm)
	if guess {
		s.guesses++
		s.told++
		s.events <- speech.Event{Text: strings.Repeat("word ", s.told/2), Until: s.done}
	}
	return nil
}

func (s *pacedStream) Flush() error {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.told = 0
	s.events <- speech.Event{Text: "a line", Final: true, Flushed: true, Until: s.done}
	return nil
}

func (s *pacedStream) Backlog() time.Duration {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.engine.work()
	return s.heard - s.done
}

func (s *pacedStream) Used() (sound, computing time.Duration) {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	return s.done, time.Duration(float64(s.done) * s.engine.cores / s.engine.speed)
}

func (s *pacedStream) Events() <-chan speech.Event { return s.events }

func (s *pacedStream) Close() error {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.engine.open = slices.DeleteFunc(s.engine.open, func(one *pacedStream) bool { return one == s })
	if !s.closed {
		s.closed = true
		close(s.events)
	}
	return nil
}

// hall is a room with several voices that all speak at once.
type hall struct {
	*Worker
	engine *pacedEngine
	rooms  *fakeRooms
	room   *hearing
	voices []*pipeline
}

func openHall(t *testing.T, voices int, speed float64, test func(h *hall)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		engine := &pacedEngine{speed: speed, cores: 2, at: time.Now()}
		rooms := &fakeRooms{}
		w := NewWorker(Engines{Running: []speech.Engine{engine}}, rooms, nil, nil, silentLog)
		w.load.cores = 2
		room := &hearing{worker: w, room: english(), engine: engine}
		room.on.Store(true)
		w.heard = map[uuid.UUID]*hearing{room.room.ID: room}
		ctx, stop := context.WithCancel(t.Context())
		go w.watch(ctx)
		h := &hall{Worker: w, engine: engine, rooms: rooms, room: room}
		for i := range voices {
			p := newPipeline(room, fmt.Sprint("voice ", i))
			go p.run(ctx)
			h.voices = append(h.voices, p)
		}
		test(h)
		for _, p := range h.voices {
			p.Close()
		}
		stop()
	})
}

func (h *hall) status() Status { return h.Status(h.room.room.ID, "en") }

// speak lets everyone talk, and tells each degree as it is reached.
func (h *hall) speak(d time.Duration) (degrees []string) {
	pcm := make([]int16, samples(20*time.Millisecond))
	for i := range pcm {
		pcm[i] = 3000 * int16(1-i%2*2)
	}
	before := degreeNames[h.Degree()]
	for range d / (20 * time.Millisecond) {
		after(20 * time.Millisecond)
		for _, p := range h.voices {
			p.PCM(pcm)
		}
		synctest.Wait()
		if now := degreeNames[h.Degree()]; now != before {
			degrees, before = append(degrees, now), now
		}
	}
	return degrees
}

func (h *hall) out() (who []int) {
	for i, p := range h.voices {
		if p.demand.out.Load() {
			who = append(who, i)
		}
	}
	return who
}

// Engines that keep up lose nothing, however much is said.
func TestNothingIsLeftOutWhileEnginesKeepUp(t *testing.T) {
	openHall(t, 4, 8, func(h *hall) {
		if degrees := h.speak(time.Minute); degrees != nil {
			t.Errorf("went through %q", degrees)
		}
		s := h.status()
		if s.Load != "" || s.LateSeconds != 0 || s.CaptionedPercent == nil || *s.CaptionedPercent != 100 || s.RTF != 0.25 {
			t.Errorf("%+v", s)
		}
	})
}

// Captions get worse in the order that is promised, and better in the opposite
// one, each time only after a while.
func TestDegreesGoDownAndUpInOrder(t *testing.T) {
	openHall(t, 4, 8, func(h *hall) {
		h.speak(5 * time.Second)
		h.engine.set(2.5)
		down := h.speak(time.Minute)
		if !slices.Equal(down, []string{"fewer-updates", "finals-only", "some-voices"}) {
			t.Errorf("went through %q", down)
		}
		if out := h.out(); !slices.Equal(out, []int{2, 3}) { // the engine has time for two and a half
			t.Errorf("left out are %v", out)
		}
		if s := h.status(); s.Load != "some-voices" || s.CaptionedPercent == nil || *s.CaptionedPercent > 75 || *s.CaptionedPercent < 40 {
			t.Errorf("%+v", s)
		}
		if h.rooms.gapCount() == 0 {
			t.Error("the log does not say that words are missing")
		}
		h.engine.set(8)
		up := h.speak(2 * time.Minute)
		if !slices.Equal(up, []string{"finals-only", "fewer-updates", ""}) {
			t.Errorf("came back through %q", up)
		}
		if s := h.status(); h.out() != nil || s.Load != "" || s.LateSeconds != 0 {
			t.Errorf("left out are %v, %+v", h.out(), s)
		}
		h.toldInOrder(t)
		if n := len(h.rooms.told); n > 185 { // the seconds that passed
			t.Errorf("readers were told %d times", n)
		}
	})
}

// toldInOrder says that readers were told of each degree.
func (h *hall) toldInOrder(t *testing.T) {
	t.Helper()
	var told []string
	for _, s := range h.rooms.told {
		if len(told) == 0 || told[len(told)-1] != s.Load {
			told = append(told, s.Load)
		}
	}
	if want := []string{"", "fewer-updates", "finals-only", "some-voices", "finals-only", "fewer-updates", ""}; !slices.Equal(told, want) {
		t.Errorf("readers were told %q", told)
	}
}

// What each degree does without.
func TestWhatDegreesDoWithout(t *testing.T) {
	openHall(t, 1, 8, func(h *hall) {
		in := func(d degree) (shown, asked int) {
			h.load.mu.Lock()
			h.load.degree, h.load.calm = d, -1000
			h.load.mu.Unlock()
			h.speak(2 * time.Second) // what was on its way has come
			partials, guesses := len(h.rooms.shown()), h.engine.asked()
			h.speak(4 * time.Second)
			return len(h.rooms.shown()) - partials, h.engine.asked() - guesses
		}
		if shown, asked := in(whole); shown < 10 || asked < 60 {
			t.Errorf("whole: %d shown, %d asked for", shown, asked)
		}
		if shown, asked := in(fewerUpdates); shown < 3 || shown > 5 || asked < 60 {
			t.Errorf("fewer updates: %d shown, %d asked for", shown, asked)
		}
		lines := len(h.rooms.texts())
		if shown, asked := in(finalsOnly); shown != 0 || asked != 0 {
			t.Errorf("finals only: %d shown, %d asked for", shown, asked)
		}
		h.speak(longestLine)
		if n := len(h.rooms.texts()); n == lines {
			t.Error("a monologue of which there are no guesses is never cut")
		}
	})
}

// A short delay is none: an engine that catches up within its time costs
// nobody anything.
func TestABreathIsNoLoad(t *testing.T) {
	openHall(t, 2, 20, func(h *hall) {
		for range 10 {
			h.engine.set(0.5)
			h.speak(1500 * time.Millisecond)
			h.engine.set(20)
			if degrees := h.speak(4 * time.Second); degrees != nil {
				t.Fatalf("went through %q", degrees)
			}
		}
	})
}

// The last voice is always heard, and how late it is, is told.
func TestAHopelessEngineHearsOneVoiceLate(t *testing.T) {
	openHall(t, 3, 0.25, func(h *hall) {
		h.speak(30 * time.Second)
		if out := h.out(); !slices.Equal(out, []int{1, 2}) {
			t.Errorf("left out are %v", out)
		}
		if s := h.status(); s.LateSeconds < 2 || s.Backlog < 2000 {
			t.Errorf("%+v", s)
		}
	})
}
