package web

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
)

type newInvitationInput struct {
	Body struct {
		Email         string `json:"email,omitempty" format:"email" maxLength:"254" doc:"the only address it may be used for"`
		ExpiresInDays int    `json:"expires_in_days,omitempty" minimum:"1" maximum:"90" default:"7"`
	}
}

type invitation struct {
	Code      string    `json:"code" doc:"shown this once"`
	Link      string    `json:"link" doc:"to the page where the code is used; shown this once"`
	ExpiresAt time.Time `json:"expires_at"`
}

type invitationOutput struct{ Body invitation }

type pastInvitation struct {
	ID        uuid.UUID  `json:"id"`
	Email     string     `json:"email,omitempty" doc:"the only address it may be used for"`
	UsedBy    string     `json:"used_by,omitempty" doc:"handle"`
	UsedAt    *time.Time `json:"used_at,omitempty"`
	ExpiresAt time.Time  `json:"expires_at"`
	CreatedAt time.Time  `json:"created_at"`
}

type invitationsOutput struct {
	Body struct {
		Invitations []pastInvitation `json:"invitations"`
	}
}

type invitationPath struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

func (s *Server) invitationRoutes() {
	op(s, Access{Level: Admin}, created("create-invitation", "/api/invitations", "Invite someone to sign up", "Accounts"), s.invite)
	op(s, Access{Level: Admin}, describe("invitations", http.MethodGet, "/api/invitations", "The newest invitations", "Accounts"), s.invitations)
	op(s, Access{Level: Admin}, describe("withdraw-invitation", http.MethodDelete, "/api/invitations/{id}", "Withdraw an invitation that nobody used", "Accounts"), s.withdrawInvitation)
	s.handle("GET /invitations", Access{Level: Anyone}, http.HandlerFunc(s.lobbyPage))
}

func (s *Server) invite(ctx context.Context, in *newInvitationInput) (*invitationOutput, error) {
	life := time.Duration(in.Body.ExpiresInDays) * 24 * time.Hour
	made, err := s.Accounts.CreateInvitation(ctx, viewer(ctx), in.Body.Email, life)
	return &invitationOutput{invitation{made.Code, made.Link, made.ExpiresAt}}, err
}

func (s *Server) invitations(ctx context.Context, _ *struct{}) (*invitationsOutput, error) {
	all, err := s.Accounts.Invitations(ctx)
	out := &invitationsOutput{}
	out.Body.Invitations = make([]pastInvitation, 0, len(all))
	for _, one := range all {
		out.Body.Invitations = append(out.Body.Invitations, pastInvitation(one))
	}
	return out, err
}

func (s *Server) withdrawInvitation(ctx context.Context, in *invitationPath) (*none, error) {
	return nil, s.Accounts.WithdrawInvitation(ctx, in.ID)
}
