package stripesim

import (
	"context"
	"net/http"
	"strings"
)

// Fault is something that goes wrong with requests of one kind.
type Fault struct {
	// On is the endpoint, as "POST /v1/refunds" or, with the names of the
	// simulator, "POST /v1/checkout/sessions/{id}/expire". A * at the end stands
	// for anything: "POST *" are all writes, "*" are all requests.
	On string `json:"on"`
	// Kind is "error" (500, which the idempotency key keeps, as Stripe's does),
	// "drop" (the connection ends without an answer), "hold" (the answer waits
	// until ReleaseHeld, or the client gives up), "rate_limit" or
	// "lock_timeout" (both 429, before anything is done).
	Kind string `json:"kind"`
	// After lets the request have its effect first. Otherwise a request that is
	// dropped, or given up on while held, has none.
	After bool `json:"after,omitempty"`
	Skip  int  `json:"skip,omitempty"`  // how many requests pass first
	Times int  `json:"times,omitempty"` // how many it hits; 0 is 1
}

func (f *Fault) is(kind string) bool { return f != nil && f.Kind == kind }

func (f *Fault) hits(pattern string) bool {
	if prefix, open := strings.CutSuffix(f.On, "*"); open {
		return strings.HasPrefix(pattern, prefix)
	}
	return f.On == pattern
}

// nextFault is what goes wrong with the next request of a pattern, if anything.
func (s *Server) nextFault(pattern string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if !f.hits(pattern) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times--; f.Times <= 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return f
	}
	return nil
}

func injected() *apiError {
	return &apiError{Type: "api_error", Message: "An error that was asked for.", status: http.StatusInternalServerError}
}

// throttle refuses writes above the rate, and what a fault refuses so.
func (s *Server) throttle(st *state, r *http.Request, fault *Fault) error {
	var e *apiError
	switch {
	case fault.is("lock_timeout"):
		e = malformed("lock_timeout", "", "This object cannot be accessed right now because another API request or Stripe process is currently accessing it.")
	case fault.is("rate_limit") || r.Method != http.MethodGet && s.limiter != nil && !s.limiter.AllowN(st.now, 1):
		e = malformed("rate_limit", "", "Request rate limit exceeded.")
	default:
		return nil
	}
	e.status = http.StatusTooManyRequests
	return e
}

// before lets a fault act on a request that has done nothing yet.
func (s *Server) before(r *http.Request, fault *Fault, key string) {
	if fault == nil || fault.After {
		return
	}
	if fault.is("hold") && s.hold(r.Context()) || fault.is("error") {
		return
	}
	if fault.is("hold") || fault.is("drop") {
		s.locked(func(st *state) { st.keep(key, nil) })
		panic(http.ErrAbortHandler)
	}
}

// after lets a fault act on the answer of a request that is done.
func (s *Server) after(r *http.Request, fault *Fault) {
	if fault == nil || !fault.After {
		return
	}
	if fault.is("drop") || fault.is("hold") && !s.hold(r.Context()) {
		panic(http.ErrAbortHandler)
	}
}

// hold waits until the held are released, and says whether they were.
func (s *Server) hold(ctx context.Context) bool {
	s.mu.Lock()
	gate := s.gate
	s.held++
	s.changed.Broadcast()
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.held--
	}()
	select {
	case <-gate:
		return true
	case <-ctx.Done():
		return false
	case <-s.ctx.Done():
		return false
	}
}

// release lets all held requests go on.
func (s *Server) release() {
	close(s.gate)
	s.gate = make(chan struct{})
}
