package web

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"salon/accounts"
	"salon/internal/fault"
)

// errNotHere refuses what only someone at this machine may do.
var errNotHere = fault.Define("this-machine-only", fault.Forbidden)

// Demo is the made-up part of a server that someone is trying out.
type Demo interface {
	// Handles of the people a visitor may sign in as.
	Handles() []string
	// Account is one of them, or accounts.ErrNotFound.
	Account(ctx context.Context, handle string) (accounts.Account, error)
	// Room is the demo room, uuid.Nil without one.
	Room() uuid.UUID
	// Silent says that the room's voices are missing.
	Silent() bool
	// Remove takes all of it away, for good.
	Remove(ctx context.Context) error
}

// demoInfo is what pages must say of what is not real.
type demoInfo struct {
	People []string   `json:"people" doc:"handles one may sign in as"`
	Room   *uuid.UUID `json:"room,omitempty"`
	Silent bool       `json:"silent" doc:"the recorded voices are missing"`
}

type demoSignInInput struct {
	Body struct {
		Handle string `json:"handle" minLength:"2" maxLength:"31"`
	}
}

// demoRoutes exist only where a demo was asked for, and answer only this machine.
func (s *Server) demoRoutes() {
	if s.Demo == nil {
		return
	}
	op(s, Access{Level: Anyone}, created("demo-sign-in", "/api/demo/sessions", "Sign in as a made-up person", "Demo"), s.demoSignIn)
	op(s, Access{Level: Anyone}, describe("remove-demo", http.MethodDelete, "/api/demo", "Remove the made-up people and their room", "Demo"), s.removeDemo)
}

func (s *Server) demoInfo() *demoInfo {
	if s.Demo == nil || s.Demo.Room() == uuid.Nil {
		return nil
	}
	room := s.Demo.Room()
	return &demoInfo{People: s.Demo.Handles(), Room: &room, Silent: s.Demo.Silent()}
}

func onThisMachine(ctx context.Context) error {
	if !from(ctx).local {
		return errNotHere
	}
	return nil
}

func (s *Server) demoSignIn(ctx context.Context, in *demoSignInInput) (*meOutput, error) {
	if err := onThisMachine(ctx); err != nil {
		return nil, err
	}
	account, err := s.Demo.Account(ctx, in.Body.Handle)
	if err != nil {
		return nil, err
	}
	return s.signedIn(ctx, account)
}

func (s *Server) removeDemo(ctx context.Context, _ *struct{}) (*none, error) {
	if err := onThisMachine(ctx); err != nil {
		return nil, err
	}
	return nil, s.Demo.Remove(ctx)
}
