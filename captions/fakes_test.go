package captions

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"salon/captions/speech"
)

// fakeEngine gives out streams that do what the test says.
type fakeEngine struct {
	mu      sync.Mutex
	failure error
	streams []*fakeStream
	others  []string // languages it knows instead of English
}

func (e *fakeEngine) Info() speech.Info {
	if e.others != nil {
		return speech.Info{Engine: "fake", Model: "other", Languages: e.others, Local: true}
	}
	return speech.Info{Engine: "fake", Model: "small", Languages: []string{"en"}, Local: true}
}

func (e *fakeEngine) NewStream(context.Context) (speech.Stream, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failure != nil {
		return nil, e.failure
	}
	s := &fakeStream{events: make(chan speech.Event, 100)}
	e.streams = append(e.streams, s)
	return s, nil
}

// set lets the engine be away.
func (e *fakeEngine) set(down bool) {
	if down {
		e.fail(errors.New("no engine"))
	} else {
		e.fail(nil)
	}
}

// fail lets the engine give no streams for a reason.
func (e *fakeEngine) fail(reason error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failure = reason
}

func fakeEngines() Engines { return Engines{Running: []speech.Engine{&fakeEngine{}}} }

// last is the latest stream, nil before the first.
func (e *fakeEngine) last() *fakeStream {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.streams) == 0 {
		return nil
	}
	return e.streams[len(e.streams)-1]
}

func (e *fakeEngine) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.streams)
}

type fakeStream struct {
	events chan speech.Event

	mu       sync.Mutex
	heard    time.Duration
	writes   int
	flushes  int
	backlog  time.Duration
	computed time.Duration
	refuse   error
	final    string // what a flush answers
	deaf     bool   // flushes are not answered
	closed   bool
}

func (s *fakeStream) Write(pcm []int16, guess bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil {
		return s.refuse
	}
	s.writes++
	s.heard += duration(pcm)
	return nil
}

func (s *fakeStream) Flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushes++
	if !s.deaf && !s.closed {
		s.events <- speech.Event{Text: s.final, Final: true, Flushed: true, Until: s.heard - s.backlog}
		s.final = ""
	}
	return s.refuse
}

func (s *fakeStream) Backlog() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.backlog
}

func (s *fakeStream) Used() (sound, computing time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard - s.backlog, s.computed
}

func (s *fakeStream) Events() <-chan speech.Event { return s.events }

func (s *fakeStream) Close() error {
	s.die()
	return nil
}

// die ends the stream, as the engine's end does.
func (s *fakeStream) die() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.events)
	}
}

// set changes what the stream does.
func (s *fakeStream) set(change func(*fakeStream)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// tell tells an event about the sound that was heard by now.
func (s *fakeStream) tell(e speech.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Until = s.heard - s.backlog
	s.events <- e
}

func (s *fakeStream) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *fakeStream) counts() (writes, flushes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes, s.flushes
}

type said struct {
	who  string
	line Line
}

// fakeRooms remembers what it is told.
type fakeRooms struct {
	mu       sync.Mutex
	live     []Room
	err      error
	lines    []said
	partials []Partial
	gaps     []uuid.UUID
	told     []Status
}

func (r *fakeRooms) Live(context.Context) ([]Room, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Room(nil), r.live...), r.err
}

func (r *fakeRooms) set(live ...Room) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live = live
}

func (r *fakeRooms) Keep(_ context.Context, _ Room, identity string, line Line) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, said{identity, line})
	return nil
}

func (r *fakeRooms) Show(_ Room, _ string, partial Partial) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.partials = append(r.partials, partial)
}

func (r *fakeRooms) Gap(_ context.Context, room Room) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gaps = append(r.gaps, room.ID)
	return nil
}

func (r *fakeRooms) Tell(_ Room, status Status) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told = append(r.told, status)
}

func (r *fakeRooms) texts() (texts []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.lines {
		texts = append(texts, one.line.Text)
	}
	return texts
}

func (r *fakeRooms) shown() []Partial {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Partial(nil), r.partials...)
}

func (r *fakeRooms) gapCount() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.gaps)
}

var silentLog = slog.New(slog.DiscardHandler)

func english() Room { return Room{ID: uuid.New(), Run: "run", Language: "en-GB"} }
