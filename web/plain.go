package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// plainRoutes are those the API description does not cover.
func (s *Server) plainRoutes() {
	open := Access{Level: Anyone}
	blind, free := Access{Level: Blind}, Access{Level: Blind, Unlimited: true}
	s.handle("GET /openapi.json", free, http.HandlerFunc(s.openAPI))
	s.handle("GET /healthz", free, http.HandlerFunc(s.healthy))
	s.handle("GET /readyz", free, http.HandlerFunc(s.ready))
	s.handle("POST /webhooks/livekit", free, s.MediaEvents)
	for path, events := range s.PaymentEvents {
		s.handle("POST "+path, free, events)
	}
	for _, path := range s.SignallingPaths {
		s.handle("GET "+path, blind, s.Signalling)
	}
	s.handle("GET /{$}", open, http.HandlerFunc(s.lobbyPage))
	s.handle("GET /r/{room}", open, http.HandlerFunc(s.roomPage))
	s.handle("GET /r/{room}/calendar.ics", open, http.HandlerFunc(s.calendar))
	s.handle("GET /{file}", open, http.HandlerFunc(s.profilePage))
	s.handle("GET /assets/{file...}", free, http.HandlerFunc(s.asset))
}

func (s *Server) openAPI(w http.ResponseWriter, r *http.Request) {
	description, err := json.Marshal(s.api.OpenAPI())
	if err != nil {
		Refuse(w, r, fmt.Errorf("encode OpenAPI: %w", err))
		return
	}
	w.Header().Set("Content-Type", "application/vnd.oai.openapi+json")
	w.Write(description)
}

// healthy says that the process answers; it asks nobody else.
func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "ok")
}

// readyTimeout bounds all checks together.
const readyTimeout = 2 * time.Second

// ready says whether everything a room needs answers.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	status, checks := http.StatusOK, map[string]string{}
	for _, check := range s.Ready {
		checks[check.Name] = "ok"
		if err := check.Probe(ctx); err != nil {
			logOf(ctx).Debug("not ready", "check", check.Name, "error", err)
			status, checks[check.Name] = http.StatusServiceUnavailable, "failing"
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"ready": status == http.StatusOK, "checks": checks})
}

// besides serves the few files that sit beside the page.
func (s *Server) besides(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	if file == "index.html" || !fs.ValidPath(file) || strings.HasPrefix(file, ".") {
		s.noPage(w, r)
		return
	}
	s.file(w, r, file)
}

// asset serves a built file. Its name carries a hash of its content, so it
// may be kept for good.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	s.file(w, r, "assets/"+r.PathValue("file"))
}

// file serves a file of the app, in its compressed form where there is one and
// the browser takes it.
func (s *Server) file(w http.ResponseWriter, r *http.Request, name string) {
	if info, err := fs.Stat(s.App, name); err != nil || info.IsDir() || strings.HasSuffix(name, ".gz") {
		w.Header().Del("Cache-Control")
		s.noPage(w, r)
		return
	}
	if _, err := fs.Stat(s.App, name+".gz"); err == nil {
		w.Header().Add("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
			w.Header().Set("Content-Encoding", "gzip")
			name += ".gz"
		}
	}
	http.ServeFileFS(w, r, s.App, name)
}
