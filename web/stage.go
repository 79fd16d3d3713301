package web

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"salon/accounts"
	"salon/rooms"
)

type entry struct {
	URL       string     `json:"url" doc:"what livekit-client connects to"`
	Token     string     `json:"token"`
	Identity  string     `json:"identity"`
	Role      rooms.Role `json:"role" enum:"host,speaker,listener"`
	ExpiresAt time.Time  `json:"expires_at" doc:"connect before; while connected it is renewed"`
}

type entryOutput struct{ Body entry }

type personPath struct {
	Room   uuid.UUID `path:"room" format:"uuid"`
	Person uuid.UUID `path:"person" format:"uuid" doc:"account id"`
}

// ownActions and hostActions are the routes of the stage: what people do to
// themselves, and what is done to others.
var (
	ownActions = []struct {
		action       rooms.Action
		method, path string
		summary      string
	}{
		{rooms.RaiseHand, http.MethodPut, "hand", "Raise your hand"},
		{rooms.LowerHand, http.MethodDelete, "hand", "Lower your hand"},
		{rooms.Accept, http.MethodPost, "invitation/accept", "Come up to speak"},
		{rooms.Decline, http.MethodPost, "invitation/decline", "Stay in the audience"},
		{rooms.StepDown, http.MethodPost, "step-down", "Leave the stage"},
	}
	hostActions = []struct {
		action       rooms.Action
		method, path string
		summary      string
	}{
		{rooms.Invite, http.MethodPut, "invitation", "Invite to speak"},
		{rooms.Uninvite, http.MethodDelete, "invitation", "Take an invitation back"},
		{rooms.PullDown, http.MethodPost, "pull-down", "Move to the audience"},
		{rooms.Mute, http.MethodPut, "mute", "Mute until you lift it"},
		{rooms.Unmute, http.MethodDelete, "mute", "Lift a mute"},
		{rooms.Ban, http.MethodPut, "ban", "Remove and keep out"},
		{rooms.Unban, http.MethodDelete, "ban", "Let back in"},
	}
)

func (s *Server) stageRoutes() {
	access := Access{Level: SignedIn, Scope: accounts.ScopeRooms}
	op(s, access, describe("join-room", http.MethodPost, "/api/rooms/{room}/join", "Come in", "Stage"), s.joinRoom)
	for _, a := range ownActions {
		op(s, access, describe(string(a.action), a.method, "/api/rooms/{room}/"+a.path, a.summary, "Stage"), s.doToSelf(a.action))
	}
	for _, a := range hostActions {
		op(s, access, describe(string(a.action), a.method, "/api/rooms/{room}/people/{person}/"+a.path, a.summary, "Stage"), s.doToOther(a.action))
	}
}

func (s *Server) joinRoom(ctx context.Context, in *roomPath) (*entryOutput, error) {
	got, err := s.Rooms.Join(ctx, viewer(ctx), in.Room, from(ctx).Bot)
	return &entryOutput{entry{
		URL: s.PublicURL.String(), Token: got.Token, Identity: got.Identity, Role: got.Role, ExpiresAt: got.ExpiresAt,
	}}, err
}

func (s *Server) doToSelf(action rooms.Action) func(context.Context, *roomPath) (*none, error) {
	return func(ctx context.Context, in *roomPath) (*none, error) {
		return nil, s.Rooms.Act(ctx, in.Room, viewer(ctx), action, viewer(ctx))
	}
}

func (s *Server) doToOther(action rooms.Action) func(context.Context, *personPath) (*none, error) {
	return func(ctx context.Context, in *personPath) (*none, error) {
		return nil, s.Rooms.Act(ctx, in.Room, viewer(ctx), action, in.Person)
	}
}
