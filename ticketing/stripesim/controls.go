package stripesim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// controls are what tests and demonstrations do to the simulator that nobody
// can do to Stripe. Control is their client and their description.
func (s *Server) controls(mux *http.ServeMux) {
	handle(s, mux, "GET /_sim/clock", func(*http.Request, struct{}) (clockAnswer, error) { return s.advance(0), nil })
	handle(s, mux, "POST /_sim/clock", func(_ *http.Request, by clockMove) (clockAnswer, error) {
		d, err := time.ParseDuration(by.Advance)
		if err != nil || d < 0 {
			return clockAnswer{}, fmt.Errorf("advance by a duration such as 31m, not %q", by.Advance)
		}
		return s.advance(d), nil
	})
	s.faultControls(mux)
	s.webhookControls(mux)
	s.moneyControls(mux)
	s.accountControls(mux)
	handle(s, mux, "GET /_sim/requests", func(*http.Request, struct{}) ([]Request, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return append([]Request{}, s.requests...), nil
	})
	handle(s, mux, "DELETE /_sim/requests", func(*http.Request, struct{}) (struct{}, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests = nil
		return struct{}{}, nil
	})
}

// handle serves one control: JSON in, JSON out, with the API's key.
func handle[In, Out any](s *Server, mux *http.ServeMux, pattern string, do func(*http.Request, In) (Out, error)) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := s.authorise(r); err != nil {
			controlAnswer(w, http.StatusUnauthorized, controlError{err.Error()})
			return
		}
		var in In
		if r.Method == http.MethodPost {
			decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxForm))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&in); err != nil {
				controlAnswer(w, http.StatusBadRequest, controlError{err.Error()})
				return
			}
		}
		out, err := do(r, in)
		if err != nil {
			controlAnswer(w, http.StatusConflict, controlError{err.Error()})
			return
		}
		controlAnswer(w, http.StatusOK, out)
	})
}

type controlError struct {
	Error string `json:"error"`
}

func controlAnswer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(jsonOf(v))
}

type clockMove struct {
	Advance string `json:"advance"`
}

type clockAnswer struct {
	Now time.Time `json:"now"`
}

// advance moves the clock; on the way everything happens that is due.
func (s *Server) advance(d time.Duration) (a clockAnswer) {
	s.locked(func(st *state) {
		st.Offset += d
		st.runDue(s.clock())
		a.Now = st.now
	})
	return a
}
