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
	Token     string     `json:"token" doc:"who only reads needs none"`
	Identity  string     `json:"identity"`
	Role      rooms.Role `json:"role" enum:"host,cohost,speaker,listener,guest"`
	ExpiresAt time.Time  `json:"expires_at" doc:"connect before; while connected it is renewed"`
}

type entryOutput struct{ Body entry }

type personPath struct {
	Room   uuid.UUID `path:"room" format:"uuid"`
	Person uuid.UUID `path:"person" format:"uuid" doc:"account id"`
}

type because struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"told to the person and kept in the audit"`
}

type personInput struct {
	Room   uuid.UUID `path:"room" format:"uuid"`
	Person uuid.UUID `path:"person" format:"uuid" doc:"account id"`
	Body   *because
}

type handInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Body *struct {
		Question string `json:"question,omitempty" maxLength:"280" doc:"what you would ask; the host may show it without you coming up"`
	}
}

// stageAction is the route of one action: what people do to themselves, and
// what is done to another person.
type stageAction struct {
	action       rooms.Action
	method, path string
	summary      string
}

var (
	ownActions = []stageAction{
		{rooms.LowerHand, http.MethodDelete, "hand", "Lower your hand"},
		{rooms.Accept, http.MethodPost, "invitation/accept", "Come up to speak"},
		{rooms.Decline, http.MethodPost, "invitation/decline", "Stay in the audience"},
		{rooms.StepDown, http.MethodPost, "step-down", "Leave the stage"},
		{rooms.UnmuteOwn, http.MethodDelete, "mute", "Lift a mute that is yours to lift"},
	}
	personActions = []stageAction{
		{rooms.Approve, http.MethodPost, "hand/accept", "Bring a raised hand up to speak"},
		{rooms.DeclineHand, http.MethodDelete, "hand", "Lower a person's hand"},
		{rooms.ShowQuestion, http.MethodPost, "hand/question", "Show the question a hand carries as a line of the room"},
		{rooms.Invite, http.MethodPut, "invitation", "Invite to speak"},
		{rooms.Uninvite, http.MethodDelete, "invitation", "Take an invitation back"},
		{rooms.PullDown, http.MethodPost, "pull-down", "Move to the audience"},
		{rooms.Mute, http.MethodPut, "mute", "Mute; the person may unmute"},
		{rooms.HardMute, http.MethodPut, "hard-mute", "Mute until you lift it"},
		{rooms.Unmute, http.MethodDelete, "mute", "Lift a mute"},
		{rooms.Remove, http.MethodPost, "remove", "Remove for five minutes"},
		{rooms.Ban, http.MethodPut, "ban", "Remove and keep out"},
		{rooms.Unban, http.MethodDelete, "ban", "Let back in"},
		{rooms.MakeCohost, http.MethodPut, "cohost", "Make a co-host"},
		{rooms.DropCohost, http.MethodDelete, "cohost", "Make a co-host a speaker"},
	}
)

func (s *Server) stageRoutes() {
	access := Access{Level: SignedIn, Scope: accounts.ScopeRooms}
	op(s, access, describe("join-room", http.MethodPost, "/api/rooms/{room}/join", "Come in", "Stage"), s.joinRoom)
	op(s, access, describe("raise-hand", http.MethodPut, "/api/rooms/{room}/hand", "Raise your hand", "Stage"), s.raiseHand)
	for _, a := range ownActions {
		op(s, access, describe(string(a.action), a.method, "/api/rooms/{room}/"+a.path, a.summary, "Stage"), s.doToSelf(a.action))
	}
	for _, a := range personActions {
		o := describe(string(a.action), a.method, "/api/rooms/{room}/people/{person}/"+a.path, a.summary, "Stage")
		if a.method == http.MethodDelete {
			op(s, access, o, s.undoToPerson(a.action))
		} else {
			op(s, access, o, s.doToPerson(a.action))
		}
	}
	op(s, access, describe("hand-over", http.MethodPost, "/api/rooms/{room}/people/{person}/hand-over", "Make another the host, and yourself a co-host", "Stage"), s.handOver)
}

func (s *Server) joinRoom(ctx context.Context, in *roomPath) (*entryOutput, error) {
	got, err := s.Rooms.Join(ctx, viewer(ctx), in.Room, from(ctx).Bot)
	return &entryOutput{s.entryView(got)}, err
}

func (s *Server) entryView(e rooms.Entry) entry {
	return entry{URL: s.PublicURL.String(), Token: e.Token, Identity: e.Identity, Role: e.Role, ExpiresAt: e.ExpiresAt}
}

func (s *Server) raiseHand(ctx context.Context, in *handInput) (*none, error) {
	d := rooms.Deed{Room: in.Room, Actor: viewer(ctx), Target: viewer(ctx), Action: rooms.RaiseHand}
	if in.Body != nil {
		d.Question = in.Body.Question
	}
	return nil, s.Rooms.Act(ctx, d)
}

func (s *Server) doToSelf(action rooms.Action) func(context.Context, *roomPath) (*none, error) {
	return func(ctx context.Context, in *roomPath) (*none, error) {
		return nil, s.Rooms.Act(ctx, rooms.Deed{Room: in.Room, Actor: viewer(ctx), Target: viewer(ctx), Action: action})
	}
}

func (s *Server) doToPerson(action rooms.Action) func(context.Context, *personInput) (*none, error) {
	return func(ctx context.Context, in *personInput) (*none, error) {
		return nil, s.Rooms.Act(ctx, rooms.Deed{Room: in.Room, Actor: viewer(ctx), Target: in.Person, Action: action, Reason: in.reason()})
	}
}

func (s *Server) undoToPerson(action rooms.Action) func(context.Context, *personPath) (*none, error) {
	return func(ctx context.Context, in *personPath) (*none, error) {
		return nil, s.Rooms.Act(ctx, rooms.Deed{Room: in.Room, Actor: viewer(ctx), Target: in.Person, Action: action})
	}
}

func (s *Server) handOver(ctx context.Context, in *personInput) (*none, error) {
	return nil, s.Rooms.HandOver(ctx, viewer(ctx), in.Room, in.Person, in.reason())
}

func (in *personInput) reason() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.Reason
}
