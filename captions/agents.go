package captions

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
)

// maxSegments is how many segments of agents are remembered, to tell what is
// late from what is new.
const maxSegments = 64

// segments turn what agents send into lines: each guess of a segment arrives on
// its own way, and an old one may come after the final.
type segments struct {
	mu    sync.Mutex
	known map[string]*segment
	order []string
}

type segment struct {
	id    string // ours: an agent's need not be unique
	start time.Time
	sent  time.Time // of the newest
	final bool
}

// next is the segment that the words belong to, or nil when they are late.
func (s *segments) next(w Words, now time.Time) *segment {
	one := s.known[w.Segment]
	if one == nil {
		if s.known == nil {
			s.known = map[string]*segment{}
		}
		one = &segment{id: uuid.NewString(), start: now}
		s.known[w.Segment] = one
		s.order = append(s.order, w.Segment)
		if len(s.order) > maxSegments {
			delete(s.known, s.order[0])
			s.order = s.order[1:]
		}
	}
	if one.final || w.Sent.Before(one.sent) && !w.Final {
		return nil
	}
	one.sent, one.final = w.Sent, w.Final
	return one
}

// Words shows what an agent understood, or keeps it as a line. While somebody
// writes the captions agents rest, too.
func (h *hearer) Words(w Words) {
	h.segments.mu.Lock()
	defer h.segments.mu.Unlock()
	now, room := h.hearing.worker.now(), h.hearing.room
	if h.hearing.human.Load() {
		return
	}
	one := h.segments.next(w, now)
	if one == nil {
		return
	}
	rooms := h.hearing.worker.rooms
	if !w.Final || w.Text == "" {
		rooms.Show(room, w.Identity, Partial{Segment: one.id, Text: oneLine(w.Text), Start: one.start, Language: room.Language, Source: Agent})
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.ctx), keepTimeout)
	defer cancel()
	err := rooms.Keep(ctx, room, w.Identity, Line{
		Segment: one.id, Text: oneLine(w.Text), Start: one.start, End: now, Language: room.Language, Source: Agent, Engine: w.Agent, Revision: 1,
	})
	if err != nil {
		h.hearing.worker.log.Warn("a line is lost", "error", err)
	}
	h.hearing.gapped.Store(false)
}
