package stripesim

import (
	"net/http"
	"net/url"
)

// Request is one request to the API, as the log has it. The log keeps the
// latest 50,000.
type Request struct {
	ID             string     `json:"id"`
	Endpoint       string     `json:"endpoint"` // its pattern, as in Fault.On
	Method         string     `json:"method"`
	Path           string     `json:"path"`
	Form           url.Values `json:"form"` // of the query and the body
	Version        string     `json:"version"`
	Account        string     `json:"account,omitempty"`
	IdempotencyKey string     `json:"idempotency_key,omitempty"`
	// Status is the HTTP status of the answer, also of one that was dropped
	// after the request had its effect; 0 when it had none.
	Status int `json:"status"`
	// Refused says that the request itself was wrong, or came too fast: no
	// endpoint began to work on it.
	Refused bool `json:"refused,omitempty"`
}

const maxRequests = 50_000

func requestOf(e *endpoint, r *http.Request, id string) *Request {
	return &Request{ID: id, Endpoint: e.pattern, Method: r.Method, Path: r.URL.Path,
		Version: r.Header.Get("Stripe-Version"), Account: r.Header.Get("Stripe-Account"), IdempotencyKey: r.Header.Get("Idempotency-Key")}
}

func (s *Server) record(entry *Request, a *answer) {
	if a != nil {
		entry.Status, entry.Refused = a.Status, a.early
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) >= maxRequests {
		s.requests = s.requests[1:]
	}
	s.requests = append(s.requests, *entry)
}
