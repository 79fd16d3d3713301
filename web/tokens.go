package web

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"salon/accounts"
)

type token struct {
	ID         uuid.UUID        `json:"id"`
	Name       string           `json:"name"`
	Scopes     []accounts.Scope `json:"scopes"`
	Bot        bool             `json:"bot" doc:"whoever acts with it is shown as a machine"`
	CreatedAt  time.Time        `json:"created_at"`
	LastUsedAt *time.Time       `json:"last_used_at,omitempty"`
	ExpiresAt  time.Time        `json:"expires_at"`
}

type newToken struct {
	token
	Secret string `json:"secret" doc:"shown this once"`
}

type newTokenInput struct {
	Body struct {
		Name          string   `json:"name" minLength:"1" maxLength:"60"`
		Scopes        []string `json:"scopes" minItems:"1" maxItems:"3" uniqueItems:"true" enum:"read,follow,rooms"`
		ExpiresInDays int      `json:"expires_in_days" minimum:"1" maximum:"366"`
		Bot           bool     `json:"bot,omitempty"`
	}
}

type newTokenOutput struct{ Body newToken }

type tokensOutput struct {
	Body struct {
		Tokens []token `json:"tokens"`
	}
}

type tokenPath struct {
	ID uuid.UUID `path:"token" format:"uuid"`
}

func (s *Server) tokenRoutes() {
	op(s, Access{Level: Session}, created("create-token", "/api/me/tokens", "Make an API token", "Tokens"), s.createToken)
	op(s, Access{Level: Session}, describe("list-tokens", http.MethodGet, "/api/me/tokens", "Your API tokens", "Tokens"), s.listTokens)
	op(s, Access{Level: Session}, describe("revoke-token", http.MethodDelete, "/api/me/tokens/{token}", "End an API token", "Tokens"), s.revokeToken)
}

func (s *Server) createToken(ctx context.Context, in *newTokenInput) (*newTokenOutput, error) {
	n := accounts.NewToken{Name: in.Body.Name, Bot: in.Body.Bot, Life: time.Duration(in.Body.ExpiresInDays) * 24 * time.Hour}
	for _, scope := range in.Body.Scopes {
		n.Scopes = append(n.Scopes, accounts.Scope(scope))
	}
	made, secret, err := s.Accounts.CreateToken(ctx, viewer(ctx), n)
	return &newTokenOutput{newToken{token(made), secret}}, err
}

func (s *Server) listTokens(ctx context.Context, _ *struct{}) (*tokensOutput, error) {
	all, err := s.Accounts.Tokens(ctx, viewer(ctx))
	out := &tokensOutput{}
	out.Body.Tokens = make([]token, 0, len(all))
	for _, one := range all {
		out.Body.Tokens = append(out.Body.Tokens, token(one))
	}
	return out, err
}

func (s *Server) revokeToken(ctx context.Context, in *tokenPath) (*none, error) {
	return nil, s.Accounts.RevokeToken(ctx, viewer(ctx), in.ID)
}
