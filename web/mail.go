package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type mailedToken struct {
	Body struct {
		Token string `json:"token" minLength:"1" maxLength:"100" doc:"what follows # in the mailed link"`
	}
}

type loginOnly struct {
	Body struct {
		Login string `json:"login" minLength:"1" maxLength:"254" doc:"handle or e-mail address"`
	}
}

type newPasswordInput struct {
	Body struct {
		Token    string `json:"token" minLength:"1" maxLength:"100" doc:"what follows # in the mailed link"`
		Password string `json:"password" minLength:"8" maxLength:"256"`
	}
}

// later is describe for what is done after the answer, if at all.
func later(id, path, summary, tag string) huma.Operation {
	o := describe(id, http.MethodPost, path, summary, tag)
	o.DefaultStatus = http.StatusAccepted
	return o
}

func (s *Server) mailRoutes() {
	guess := Access{Level: Anyone, Guess: true}
	op(s, guess, describe("verify", http.MethodPost, "/api/verification", "Prove your address by a mailed link", "Mail"), s.verify)
	op(s, Access{Level: Session, Unverified: true}, later("resend-verification", "/api/me/verification", "Have that link mailed again", "Mail"), s.resendVerification)
	op(s, guess, later("ask-reset", "/api/password-resets", "Have a link for a new password mailed", "Mail"), s.askFor(s.Accounts.AskReset))
	op(s, guess, describe("reset", http.MethodPost, "/api/password-resets/complete", "Set a new password by that link; signs out every device", "Mail"), s.resetPassword)
	op(s, guess, later("ask-link", "/api/magic-links", "Have a link to sign in mailed", "Mail"), s.askFor(s.Accounts.AskMagicLink))
	op(s, guess, created("sign-in-by-link", "/api/sessions/by-link", "Sign in by that link", "Mail"), s.signInByLink)
	// The app reads the secret from the fragment, which never reaches us, and
	// sends it when the person says so.
	for _, page := range []string{"verify", "reset", "enter", "invite", "owner"} {
		s.handle("GET /"+page, Access{Level: Anyone}, http.HandlerFunc(s.lobbyPage))
	}
}

func (s *Server) verify(ctx context.Context, in *mailedToken) (*none, error) {
	return nil, s.Accounts.Verify(ctx, in.Body.Token)
}

func (s *Server) resendVerification(ctx context.Context, _ *struct{}) (*none, error) {
	return nil, s.Accounts.ResendVerification(ctx, viewer(ctx))
}

// askFor is an operation whose answer is the same for every login.
func (s *Server) askFor(ask func(ctx context.Context, login string) error) func(context.Context, *loginOnly) (*none, error) {
	return func(ctx context.Context, in *loginOnly) (*none, error) { return nil, ask(ctx, in.Body.Login) }
}

func (s *Server) resetPassword(ctx context.Context, in *newPasswordInput) (*none, error) {
	return nil, s.Accounts.Reset(ctx, in.Body.Token, in.Body.Password)
}

func (s *Server) signInByLink(ctx context.Context, in *mailedToken) (*meOutput, error) {
	account, err := s.Accounts.EnterByLink(ctx, in.Body.Token)
	if err != nil {
		return nil, err
	}
	return s.signedIn(ctx, account)
}
