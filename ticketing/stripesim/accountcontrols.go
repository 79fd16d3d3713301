package stripesim

import (
	"fmt"
	"net/http"
)

func (s *Server) accountControls(mux *http.ServeMux) {
	handle(s, mux, "POST /_sim/accounts/{id}/onboarding", func(r *http.Request, o onboardingOrder) (out struct{}, err error) {
		stage, known := outcomes[o.Outcome]
		if !known {
			return out, fmt.Errorf("there is no outcome %q", o.Outcome)
		}
		return out, s.withAccount(r, func(st *state, a *account) { st.advance(a, stage) })
	})
	handle(s, mux, "POST /_sim/accounts/{id}/capability", func(r *http.Request, o capabilityOrder) (out struct{}, err error) {
		switch o.Status {
		case "active", "inactive", "pending":
		default:
			return out, fmt.Errorf("there is no status %q", o.Status)
		}
		return out, s.withAccount(r, func(st *state, a *account) {
			st.change(a, func() { a.Capabilities[o.Name] = o.Status })
		})
	})
	handle(s, mux, "POST /_sim/accounts/{id}/deauthorize", func(r *http.Request, _ struct{}) (out struct{}, err error) {
		return out, s.withAccount(r, func(st *state, a *account) {
			st.emitFor(a.ID, "account.application.deauthorized", map[string]any{"id": theApplication, "object": "application", "name": "Simulated platform"}, nil)
			a.Gone = true
		})
	})
}

type (
	onboardingOrder struct {
		Outcome string `json:"outcome"`
	}
	capabilityOrder struct {
		Name   string `json:"name"`
		Status string `json:"status"`
	}
)

func (s *Server) withAccount(r *http.Request, do func(*state, *account)) (err error) {
	s.locked(func(st *state) {
		var a *account
		if a, err = st.account(r.PathValue("id")); err == nil {
			do(st, a)
		}
	})
	return err
}
