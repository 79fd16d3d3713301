package web

import "context"

type ownerInput struct {
	Body struct {
		Token string `json:"token" minLength:"1" maxLength:"100" doc:"from the link the server printed"`
	}
}

func (s *Server) ownerRoutes() {
	op(s, Access{Level: Session, Guess: true}, created("claim-server", "/api/owner", "Become this server's owner", "Server"), s.claimServer)
}

func (s *Server) claimServer(ctx context.Context, in *ownerInput) (*meOnly, error) {
	if err := s.Accounts.ClaimOwner(ctx, viewer(ctx), in.Body.Token); err != nil {
		return nil, err
	}
	return s.me(ctx, nil)
}
