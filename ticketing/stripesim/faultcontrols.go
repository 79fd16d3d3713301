package stripesim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

func (s *Server) faultControls(mux *http.ServeMux) {
	handle(s, mux, "POST /_sim/faults", func(_ *http.Request, f Fault) (struct{}, error) {
		switch f.Kind {
		case "error", "drop", "hold", "rate_limit", "lock_timeout":
		default:
			return struct{}{}, fmt.Errorf("there is no fault %q", f.Kind)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults = append(s.faults, &f)
		return struct{}{}, nil
	})
	handle(s, mux, "DELETE /_sim/faults", func(*http.Request, struct{}) (struct{}, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults = nil
		s.release()
		return struct{}{}, nil
	})
	handle(s, mux, "POST /_sim/faults/release", func(*http.Request, struct{}) (struct{}, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.release()
		return struct{}{}, nil
	})
	handle(s, mux, "POST /_sim/faults/held", func(r *http.Request, n heldCount) (heldCount, error) {
		return s.awaitHeld(r.Context(), n.Count)
	})
}

type heldCount struct {
	Count int `json:"count"`
}

// awaitHeld waits until so many requests are held.
func (s *Server) awaitHeld(ctx context.Context, n int) (heldCount, error) {
	defer s.wakeAfter(ctx)()
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.held < n {
		if err := errors.Join(ctx.Err(), s.ctx.Err()); err != nil {
			return heldCount{}, err
		}
		s.changed.Wait()
	}
	return heldCount{s.held}, nil
}

// wakeAfter wakes whoever waits for a change when the context ends.
func (s *Server) wakeAfter(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})
}
