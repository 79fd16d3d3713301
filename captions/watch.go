package captions

import (
	"context"
	"maps"
	"time"

	"github.com/google/uuid"
)

// watch weighs the load and tells readers how their captions are, until the
// context ends.
func (w *Worker) watch(ctx context.Context) {
	tick := time.NewTicker(weighEvery)
	defer tick.Stop()
	known := map[uuid.UUID]toldStatus{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.load.weigh()
			w.tell(known)
		}
	}
}

// tell tells what is news in the rooms that are heard, and of those that are
// not any more that they are not.
func (w *Worker) tell(known map[uuid.UUID]toldStatus) {
	w.mu.Lock()
	heard := maps.Clone(w.heard)
	w.mu.Unlock()
	maps.DeleteFunc(heard, func(_ uuid.UUID, h *hearing) bool { return !h.on.Load() })
	now := w.now()
	for id, h := range heard {
		if s := w.Status(id, h.room.Language); known[id].news(s, now) {
			known[id] = toldStatus{h.room, s, now}
			w.rooms.Tell(h.room, s)
		}
	}
	for id, t := range known {
		if heard[id] == nil {
			delete(known, id)
			w.rooms.Tell(t.room, w.Status(id, t.room.Language))
		}
	}
}

// figuresEvery is how often figures are told of which nobody need do anything.
const figuresEvery = 10 * time.Second

// toldStatus is what the readers of a room know.
type toldStatus struct {
	room   Room
	status Status
	at     time.Time
}

// news says whether a status is worth telling.
func (t toldStatus) news(s Status, now time.Time) bool {
	if t.status.withoutFigures() != s.withoutFigures() {
		return true
	}
	return !t.status.same(s) && now.Sub(t.at) >= figuresEvery
}

func (s Status) withoutFigures() Status {
	s.DelayP50, s.DelayP95, s.CaptionedPercent, s.RTF, s.Backlog = 0, 0, nil, 0, 0
	return s
}

func (s Status) same(other Status) bool {
	a, b := s.CaptionedPercent, other.CaptionedPercent
	s.CaptionedPercent, other.CaptionedPercent = nil, nil
	return s == other && (a == nil) == (b == nil) && (a == nil || *a == *b)
}
