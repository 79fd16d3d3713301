package captions

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"salon/captions/speech"
)

// How often the worker looks for rooms, and how long a room's lease lasts: a
// worker that died is replaced within both together.
const (
	lookEvery = time.Second
	LeaseLife = 4 * time.Second
)

// Lease lets one worker hear a room at a time.
type Lease interface {
	Hold(ctx context.Context) (bool, error)
}

// Status is what readers are told of the captions of a room.
type Status struct {
	State    string `json:"state" enum:"on,starting,no-model,off" doc:"no-model: this server has no captions in the room's language"`
	Language string `json:"language,omitempty"`
	Engine   string `json:"engine,omitempty"`
	Model    string `json:"model,omitempty"`
	Local    bool   `json:"local,omitempty" doc:"the sound does not leave the server"`
}

// Worker captions every live room whose lease it holds.
type Worker struct {
	engine speech.Engine
	rooms  Rooms
	ear    Ear
	lease  func(room uuid.UUID) Lease
	log    *slog.Logger
	now    func() time.Time
	looked bool // at least once; owned by Run

	dropped atomic.Int64 // samples nobody had time for

	mu    sync.Mutex
	heard map[uuid.UUID]*hearing // written by Run only
}

// NewWorker returns a worker; lease makes the claim on a room.
func NewWorker(engine speech.Engine, rooms Rooms, ear Ear, lease func(room uuid.UUID) Lease, log *slog.Logger) *Worker {
	return &Worker{engine: engine, rooms: rooms, ear: ear, lease: lease, log: log, now: time.Now, heard: map[uuid.UUID]*hearing{}}
}

// Run captions rooms until the context ends.
func (w *Worker) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	for {
		if err := w.look(ctx, &all); err != nil && ctx.Err() == nil {
			w.log.Warn("look for rooms to caption", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Knows says whether the engine has a model for a language.
func (w *Worker) Knows(language string) bool {
	base, _, _ := strings.Cut(language, "-")
	return slices.Contains(w.engine.Info().Languages, base)
}

// Status tells readers about the captions of a room in a language.
func (w *Worker) Status(room uuid.UUID, language string) Status {
	info := w.engine.Info()
	s := Status{State: "starting", Language: language, Engine: info.Engine, Model: info.Model, Local: info.Local}
	if !w.Knows(language) {
		return Status{State: "no-model", Language: language}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if h := w.heard[room]; h != nil && h.on.Load() {
		s.State = "on"
	}
	return s
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
	live = slices.DeleteFunc(live, func(r Room) bool { return !w.Knows(r.Language) })
	for id, h := range w.heard {
		if !slices.ContainsFunc(live, func(r Room) bool { return r == h.room }) {
			h.end()
			w.set(id, nil)
		}
	}
	var failed []error
	for _, room := range live {
		h := w.heard[room.ID]
		if h == nil {
			h = &hearing{worker: w, room: room, lease: w.lease(room.ID), missed: !w.looked}
			w.set(room.ID, h)
		}
		failed = append(failed, h.claim(ctx, all))
	}
	w.looked = true
	return errors.Join(failed...)
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
