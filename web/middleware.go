package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"salon/internal/fault"
)

// middleware is what every request passes, outermost first: it gets its
// language and log, may not bring the server down, carries the headers of a
// careful site, must not be another site's doing, and ends at a route or a
// problem.
func (s *Server) middleware() http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { Refuse(w, r, errCrossSite) }))
	return s.withContext(recovered(safeHeaders(protection.Handler(http.HandlerFunc(s.route)))))
}

func (s *Server) withContext(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The path only: signalling URLs carry tokens in their query.
		log := s.Log.With("method", r.Method, "path", r.URL.Path)
		ctx := context.WithValue(r.Context(), logKey{}, log)
		ctx = context.WithValue(ctx, wordsKey{}, accepted(r))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch what := recover(); {
			case what == nil:
			case what == http.ErrAbortHandler:
				panic(what)
			default:
				Refuse(w, r, fmt.Errorf("panic: %v\n%s", what, debug.Stack()))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// contentPolicy lets pages load only what this server serves; the sockets of
// the room and the media server are on the same host.
const contentPolicy = "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; " +
	"connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"

func safeHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
		next.ServeHTTP(w, r)
	})
}

// route hands the request to its handler. What the mux would answer in plain
// text, a missing page or method, is a problem like every other.
func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	plain, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(w, r) // not plain: only the mux sets the path values
		return
	}
	answer := unsent{header: http.Header{}}
	plain.ServeHTTP(&answer, r)
	if allow := answer.header.Get("Allow"); answer.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", allow)
		write(w, problem(r.Context(), "method-not-allowed", answer.status, fault.Params{"allow": allow}))
		return
	}
	s.noPage(w, r)
}

// noPage answers what is not there: to a person who followed a link with the
// app in words, to a program with a problem.
func (s *Server) noPage(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		s.missingPage(w, r, errNoPage)
		return
	}
	Refuse(w, r, &fault.Fault{Kind: errNoPage, Cause: errors.New(r.URL.Path)})
}

// unsent takes an answer that is only looked at.
type unsent struct {
	header http.Header
	status int
}

func (u *unsent) Header() http.Header         { return u.header }
func (u *unsent) Write(b []byte) (int, error) { return len(b), nil }
func (u *unsent) WriteHeader(status int)      { u.status = status }
