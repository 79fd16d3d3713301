package web

import (
	"context"
	"net/http"

	"salon/accounts"
)

type captionLookOutput struct {
	Body struct {
		Look *accounts.CaptionLook `json:"look,omitempty" doc:"absent: never chosen"`
	}
}

type captionLookInput struct{ Body accounts.CaptionLook }

func (s *Server) captionLookRoutes() {
	op(s, Access{Level: SignedIn, Scope: accounts.ScopeRead, Unverified: true},
		describe("caption-look", http.MethodGet, "/api/me/caption-look", "How you like captions to look", "Accounts"), s.captionLook)
	op(s, Access{Level: Session, Unverified: true},
		describe("set-caption-look", http.MethodPut, "/api/me/caption-look", "Set how you like captions to look", "Accounts"), s.setCaptionLook)
}

func (s *Server) captionLook(ctx context.Context, _ *struct{}) (*captionLookOutput, error) {
	out := &captionLookOutput{}
	look, chosen, err := s.Accounts.CaptionLook(ctx, viewer(ctx))
	if chosen {
		out.Body.Look = &look
	}
	return out, err
}

func (s *Server) setCaptionLook(ctx context.Context, in *captionLookInput) (*none, error) {
	return nil, s.Accounts.SetCaptionLook(ctx, viewer(ctx), in.Body)
}
