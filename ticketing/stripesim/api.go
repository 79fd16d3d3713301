package stripesim

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"

	"github.com/stripe/stripe-go/v76"
)

// endpoint is one of the API's: what it understands, and what it does. run is
// called under the lock.
type endpoint struct {
	pattern string
	known   known
	connect bool // it may be asked for a connected account, by the Stripe-Account header
	run     func(*state, *call) (any, error)
}

// maxForm bounds a request's body; Stripe's requests are a few KiB.
const maxForm = 256 << 10

// handler answers requests to an endpoint.
func (s *Server) handler(e *endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := newID("req")
		a, replayed := s.answer(e, r, id)
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Request-Id", id)
		header.Set("Stripe-Version", stripe.APIVersion)
		if key := r.Header.Get("Idempotency-Key"); key != "" {
			header.Set("Idempotency-Key", key)
		}
		if replayed != "" {
			header.Set("Idempotent-Replayed", "true")
			header.Set("Original-Request", replayed)
		}
		w.WriteHeader(a.Status)
		w.Write(a.Body)
	})
}

// answer takes a request through everything that may happen to it. The second
// value is the id of the first request when the answer is that one's. A fault
// that drops the connection ends in http.ErrAbortHandler.
func (s *Server) answer(e *endpoint, r *http.Request, id string) (a *answer, replayed string) {
	entry := requestOf(e, r, id)
	defer func() { s.record(entry, a) }()
	c, err := s.admit(e, r)
	if c != nil {
		entry.Form = c.form
	}
	if err != nil {
		return refusal(err), ""
	}
	fault := s.nextFault(e.pattern)
	key := ""
	if r.Method == http.MethodPost {
		key = r.Header.Get("Idempotency-Key")
	}
	kept, err := s.beginKey(c, fault, key, id)
	switch {
	case err != nil:
		return refusal(err), ""
	case kept != nil:
		return kept.Answer, kept.Request
	}
	s.before(r, fault, key)
	a = s.run(e, c, fault, cause{optional(id), optional(key)})
	s.after(r, fault)
	return a, ""
}

// admit refuses whoever has no key, and whatever cannot be understood.
func (s *Server) admit(e *endpoint, r *http.Request) (*call, error) {
	if err := s.authorise(r); err != nil {
		return nil, err
	}
	if v := r.Header.Get("Stripe-Version"); v != "" && v != stripe.APIVersion {
		return nil, malformed("", "", "Invalid Stripe API version: %s. The simulator has %s.", v, stripe.APIVersion)
	}
	form, err := formOf(r)
	if err != nil {
		return nil, malformed("", "", "Unreadable parameters: %v", err)
	}
	c := &call{params: params{form: form}, r: r, account: r.Header.Get("Stripe-Account")}
	if c.account != "" && !e.connect {
		return c, malformed("", "", "The simulator knows this endpoint for the platform only: it has destination charges, no direct ones.")
	}
	if err := e.known.check(form); err != nil {
		return c, err
	}
	if err := checkMetadata(form); err != nil {
		return c, err
	}
	return c, checkExpand(c.texts("expand"))
}

// authorise wants our key, as a bearer token or as the name of Basic.
func (s *Server) authorise(r *http.Request) error {
	given, _, basic := r.BasicAuth()
	if !basic {
		given, _ = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	switch {
	case given == "":
		return unauthorised("You did not provide an API key.")
	case !simulated(given):
		return unauthorised("Invalid API Key provided. This is a simulator: give it no live key.")
	case subtle.ConstantTimeCompare([]byte(given), []byte(s.config.Key)) != 1:
		return unauthorised("Invalid API Key provided: %s****", given[:len("sk_test_")])
	}
	return nil
}

// simulated says whether a key may be given to a simulator.
func simulated(key string) bool {
	return strings.HasPrefix(key, "sk_sim_") || strings.HasPrefix(key, "sk_test_")
}

func formOf(r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
	err := r.ParseForm()
	return r.Form, err
}

// beginKey looks up the request's idempotency key, unless the request is turned
// away before that layer.
func (s *Server) beginKey(c *call, fault *Fault, key, id string) (kept *keptAnswer, err error) {
	s.locked(func(st *state) {
		if c.account != "" {
			if _, err = st.account(c.account); err != nil {
				return
			}
		}
		if err = s.throttle(st, c.r, fault); err == nil {
			kept, err = st.begin(key, id, printOf(c))
		}
	})
	return kept, err
}

// run does what the request asks for and keeps the answer, in one step.
func (s *Server) run(e *endpoint, c *call, fault *Fault, why cause) (a *answer) {
	s.locked(func(st *state) {
		st.cause = why
		defer func() { st.cause = cause{} }()
		if fault.is("error") && !fault.After {
			a = refusal(injected())
		} else {
			a = st.do(e, c)
			if fault.is("error") {
				a = refusal(injected())
			}
		}
		st.keep(string(why.Key), a)
	})
	return a
}

func (st *state) do(e *endpoint, c *call) *answer {
	v, err := e.run(st, c)
	if err != nil {
		return refusal(err)
	}
	return &answer{Status: http.StatusOK, Body: st.render(v, c.texts("expand"))}
}
