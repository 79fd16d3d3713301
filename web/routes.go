package web

import (
	"context"
	"net/http"
	"regexp"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"salon/accounts"
)

// Level is who may call a route at all.
type Level int

// The levels.
const (
	Anyone    Level = iota // no credential needed; a bad one is as none
	Attending              // whoever came into the room: an account, or a guest with their secret
	SignedIn               // a session, or a token with the route's scope
	Session                // a session only: no token may reach it
	Admin                  // an admin's session
	Blind                  // anyone, and nobody looks who: no credential of ours is read
)

// Access is a route's rule. There is none without one.
type Access struct {
	Level Level
	Scope accounts.Scope // what a token needs; SignedIn only
	Guess bool           // takes a password or another secret: limited like guessing

	AsksStripe bool // may call Stripe, whose limit everybody shares: each person a little

	Unlimited  bool // counts against no limit: what is cheap, or carries a proof of its own; Blind only
	Unverified bool // also for who must prove their address first; SignedIn and Session only
}

// Route is one registered route, for tests and documentation.
type Route struct {
	Pattern string // as net/http.ServeMux reads it
	Access  Access
}

// Routes lists every route, in the order they were registered.
func (s *Server) Routes() []Route { return slices.Clone(s.routes) }

// handle is the only way a route comes to be, raw or described: its rule
// stands beside its pattern and is checked before its handler.
func (s *Server) handle(pattern string, access Access, h http.Handler) {
	s.routes = append(s.routes, Route{pattern, access})
	s.mux.Handle(pattern, s.guard(access, h))
}

// guardedMux is how huma registers its operations: through handle.
type guardedMux struct{ s *Server }

func (m guardedMux) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	m.s.handle(pattern, m.s.access, http.HandlerFunc(h))
}

func (m guardedMux) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.s.mux.ServeHTTP(w, r) }

// maxBody bounds every request body, in bytes: the API takes short texts.
const maxBody = 64 << 10

// op registers a described operation.
func op[I, O any](s *Server, access Access, o huma.Operation, h func(context.Context, *I) (*O, error)) {
	s.access = access
	o.MaxBodyBytes = maxBody
	o.Security = access.security()
	huma.Register(s.api, o, h)
}

// security says in the API description what a route asks for.
func (a Access) security() []map[string][]string {
	switch a.Level {
	case SignedIn, Attending:
		return []map[string][]string{{"session": {}}, {"token": {string(a.Scope)}}}
	case Session, Admin:
		return []map[string][]string{{"session": {}}}
	}
	return nil
}

// describe is the common part of an operation.
func describe(id, method, path, summary, tag string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{tag}}
}

// created is describe for what answers 201.
func created(id, path, summary, tag string) huma.Operation {
	o := describe(id, http.MethodPost, path, summary, tag)
	o.DefaultStatus = http.StatusCreated
	return o
}

// placeholder is a parameter in a path.
var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// describedFile registers a described route whose answer is no JSON.
func (s *Server) describedFile(access Access, o huma.Operation, kind string, h http.HandlerFunc) {
	o.Security = access.security()
	for _, name := range placeholder.FindAllStringSubmatch(o.Path, -1) {
		o.Parameters = append(o.Parameters, &huma.Param{Name: name[1], In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Format: "uuid"}})
	}
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{kind: {}}}}
	s.api.OpenAPI().AddOperation(&o)
	s.handle(o.Method+" "+o.Path, access, h)
}

// none is the answer of what has nothing to say: 204.
type none struct{}
