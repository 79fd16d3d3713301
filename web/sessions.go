package web

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
)

type signInInput struct {
	Body struct {
		Login    string `json:"login" minLength:"1" maxLength:"254" doc:"handle or e-mail address"`
		Password string `json:"password" minLength:"1" maxLength:"256"`
	}
}

type session struct {
	ID         uuid.UUID `json:"id"`
	Device     string    `json:"device"`
	Address    string    `json:"address"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
	ExpiresAt  time.Time `json:"expires_at"`
	Current    bool      `json:"current"`
}

type sessionsOutput struct {
	Body struct {
		Sessions []session `json:"sessions"`
	}
}

type signedOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

type sessionPath struct {
	ID uuid.UUID `path:"session" format:"uuid"`
}

func (s *Server) sessionRoutes() {
	op(s, Access{Level: Anyone, Guess: true}, created("sign-in", "/api/sessions", "Sign in", "Sessions"), s.signIn)
	op(s, Access{Level: Session, Unverified: true}, describe("sign-out", http.MethodDelete, "/api/session", "Sign out here", "Sessions"), s.signOut)
	op(s, Access{Level: Session}, describe("list-sessions", http.MethodGet, "/api/me/sessions", "Your devices", "Sessions"), s.listSessions)
	op(s, Access{Level: Session}, describe("revoke-session", http.MethodDelete, "/api/me/sessions/{session}", "Sign a device out", "Sessions"), s.revokeSession)
}

func (s *Server) signIn(ctx context.Context, in *signInInput) (*meOutput, error) {
	account, err := s.Accounts.CheckLogin(ctx, in.Body.Login, in.Body.Password)
	if err != nil {
		return nil, err
	}
	return s.signedIn(ctx, account)
}

func (s *Server) signOut(ctx context.Context, _ *struct{}) (*signedOut, error) {
	who := from(ctx)
	return &signedOut{s.cookie("")}, s.Accounts.CloseSession(ctx, who.AccountID, who.SessionID)
}

func (s *Server) listSessions(ctx context.Context, _ *struct{}) (*sessionsOutput, error) {
	who := from(ctx)
	all, err := s.Accounts.Sessions(ctx, who.AccountID)
	out := &sessionsOutput{}
	out.Body.Sessions = make([]session, 0, len(all))
	for _, one := range all {
		out.Body.Sessions = append(out.Body.Sessions, session{
			ID: one.ID, Device: one.Device, Address: one.Address, CreatedAt: one.CreatedAt,
			LastSeenAt: one.LastSeenAt, ExpiresAt: one.ExpiresAt, Current: one.ID == who.SessionID,
		})
	}
	return out, err
}

func (s *Server) revokeSession(ctx context.Context, in *sessionPath) (*none, error) {
	return nil, s.Accounts.CloseSession(ctx, viewer(ctx), in.ID)
}
