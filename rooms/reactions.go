package rooms

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"salon/internal/fault"
)

// Reactions are the ways to react without a word.
var Reactions = []string{"heart", "clap", "laugh", "wow", "agree"}

// countFor is how long reactions are counted before they are told as one entry.
const countFor = time.Second

// reactions counts what people send, room by room, and tells the counts: who
// reacted is kept nowhere.
type reactions struct {
	log *logWriter
	mu  sync.Mutex
	of  map[uuid.UUID]map[string]int
}

func (r *reactions) add(room uuid.UUID, kind string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil {
		r.of = map[uuid.UUID]map[string]int{}
	}
	if r.of[room] == nil {
		r.of[room] = map[string]int{}
		time.AfterFunc(countFor, func() { r.tell(room) })
	}
	r.of[room][kind]++
}

func (r *reactions) tell(room uuid.UUID) {
	r.mu.Lock()
	counts := r.of[room]
	delete(r.of, room)
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), appendTimeout)
	defer cancel()
	// What cannot be told is lost: reactions are of the moment.
	_, _ = r.log.append(ctx, room, NewEntry{Kind: KindReactions, Body: map[string]any{"counts": counts}})
}

// React counts one reaction.
func (s *Service) React(ctx context.Context, account, id uuid.UUID, kind string) error {
	if !slices.Contains(Reactions, kind) {
		return fault.BadField("kind")
	}
	if err := s.MayStay(ctx, id, account); err != nil {
		return err
	}
	room, err := s.Room(ctx, id)
	if err != nil {
		return err
	}
	if !room.Reactions {
		return ErrNoReactions
	}
	s.reactions.add(id, kind)
	return nil
}
