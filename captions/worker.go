package captions

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"salon/captions/speech"
)

// How often the worker looks for rooms, and how long a room's lease lasts: a
// worker that died is replaced within both together.
const (
	lookEvery = time.Second
	LeaseLife = 3 * time.Second
)

// Lease lets one worker hear a room at a time.
type Lease interface {
	Hold(ctx context.Context) (bool, error)
}

// Status is what readers are told of the captions of a room.
type Status struct {
	State    string `json:"state" enum:"on,starting,no-model,off" doc:"no-model: this server has no captions in the room's language"`
	Reason   string `json:"reason,omitempty" doc:"why the model of this language cannot be used"`
	Install  string `json:"install,omitempty" doc:"the command by which whoever runs the server adds the language"`
	Language string `json:"language,omitempty"`
	Engine   string `json:"engine,omitempty"`
	Model    string `json:"model,omitempty"`
	Local    bool   `json:"local,omitempty" doc:"the sound does not leave the server"`

	Load        string `json:"load,omitempty" enum:"fewer-updates,finals-only,some-voices" doc:"what captions do without because the server does not keep up"`
	LateSeconds int    `json:"late_seconds,omitempty" doc:"by which words come late now; absent below 2"`

	DelayP50         int64   `json:"delay_p50_ms,omitempty" doc:"from the end of a line's last word until the line was kept, of the latest 256"`
	DelayP95         int64   `json:"delay_p95_ms,omitempty"`
	CaptionedPercent *int    `json:"captioned_percent,omitempty" doc:"of the speech, what was recognised; absent before anyone spoke"`
	RTF              float64 `json:"rtf,omitempty" doc:"computing time for each second of sound of late"`
	Backlog          int64   `json:"backlog_ms,omitempty" doc:"of sound that waits to be recognised"`
	DroppedSeconds   float64 `json:"dropped_seconds,omitempty" doc:"of sound lost because nobody had time for it"`
}

// Worker captions every live room whose lease it holds.
type Worker struct {
	engines Engines
	rooms   Rooms
	ear     Ear
	lease   func(room uuid.UUID) Lease
	log     *slog.Logger
	now     func() time.Time
	wake    chan struct{}

	// Owned by Run.
	looked bool                 // at least once
	silent map[uuid.UUID]string // rooms without captions, and their language

	load  load
	meter meter // of all rooms

	mu    sync.Mutex
	heard map[uuid.UUID]*hearing // written by Run only
}

// NewWorker returns a worker; lease makes the claim on a room.
func NewWorker(engines Engines, rooms Rooms, ear Ear, lease func(room uuid.UUID) Lease, log *slog.Logger) *Worker {
	return &Worker{engines: engines, rooms: rooms, ear: ear, lease: lease, log: log, now: time.Now, wake: make(chan struct{}, 1), load: load{cores: runtime.NumCPU()}, heard: map[uuid.UUID]*hearing{}}
}

// Run captions rooms until the context ends.
func (w *Worker) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { w.watch(ctx) })
	for {
		if err := w.look(ctx, &all); err != nil && ctx.Err() == nil {
			w.log.Warn("look for rooms to caption", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-w.wake:
		}
	}
}

// Changed tells that a room may be another than it was: the worker looks at
// once.
func (w *Worker) Changed() {
	select {
	case w.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Status tells readers about the captions of a room in a language.
func (w *Worker) Status(room uuid.UUID, language string) Status {
	info, known := w.engines.Info(language)
	if !known {
		return w.engines.missing(language)
	}
	s := Status{State: "starting", Language: language, Engine: info.Engine, Model: info.Model, Local: info.Local}
	w.mu.Lock()
	h := w.heard[room]
	w.mu.Unlock()
	if h != nil && h.on.Load() {
		s.State = "on"
		w.describe(h, &s)
	}
	return s
}

// Running is what recognises speech here.
func (w *Worker) Running() (all []speech.Info) {
	for _, one := range w.engines.Running {
		all = append(all, one.Info())
	}
	return all
}

// look does what the rooms that are live now ask for. It holds no lock while
// it asks the database.
func (w *Worker) look(ctx context.Context, all *sync.WaitGroup) error {
	live, err := w.rooms.Live(ctx)
	if err != nil {
		for _, h := range w.heard {
			h.expire()
		}
		return err
	}
	live = w.captioned(live)
	for id, h := range w.heard {
		if !slices.ContainsFunc(live, h.hears) {
			h.end()
			w.set(id, nil)
		}
	}
	var failed []error
	for _, room := range live {
		h := w.heard[room.ID]
		if h == nil {
			engine, _ := w.engines.For(room.Language)
			h = &hearing{worker: w, room: room, engine: engine, lease: w.lease(room.ID), missed: !w.looked}
			w.set(room.ID, h)
		}
		h.human.Store(room.Human)
		failed = append(failed, h.claim(ctx, all))
	}
	w.looked = true
	return errors.Join(failed...)
}

// captioned are the rooms whose language an engine knows. Of the others the
// operator is told once.
func (w *Worker) captioned(live []Room) []Room {
	silent := map[uuid.UUID]string{}
	live = slices.DeleteFunc(live, func(r Room) bool {
		if _, known := w.engines.Info(r.Language); known {
			return false
		}
		silent[r.ID] = r.Language
		if w.silent[r.ID] != r.Language {
			s := w.engines.missing(r.Language)
			w.log.Warn("a room has no captions", "room", r.ID, "language", r.Language, "reason", s.Reason, "install", s.Install)
		}
		return true
	})
	w.silent = silent
	return live
}

func (w *Worker) set(room uuid.UUID, h *hearing) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if h == nil {
		delete(w.heard, room)
	} else {
		w.heard[room] = h
	}
}
