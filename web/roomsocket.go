package web

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"salon/accounts"
	"salon/captions"
	"salon/rooms"
	"salon/web/live"
)

// socketRoutes is the room socket, which docs/room-socket.md describes.
func (s *Server) socketRoutes() {
	o := describe("room-socket", http.MethodGet, "/api/rooms/{room}/live", "A socket that tells what happens in a room; see docs/room-socket.md", "Room log")
	o.Responses = map[string]*huma.Response{"101": {Description: "the socket is open"}}
	o.Parameters = []*huma.Param{
		{Name: "room", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Format: "uuid"}},
		{Name: "after", In: "query", Schema: &huma.Schema{Type: huma.TypeInteger}, Description: "number of the last entry you have"},
		{Name: "epoch", In: "query", Schema: &huma.Schema{Type: huma.TypeString}, Description: "of that entry"},
	}
	access := Access{Level: Attending, Scope: accounts.ScopeRead}
	o.Security = access.security()
	s.api.OpenAPI().AddOperation(&o)
	s.handle("GET "+o.Path, access, http.HandlerFunc(s.roomSocket))
}

func (s *Server) roomSocket(w http.ResponseWriter, r *http.Request) {
	room, err := uuid.Parse(r.PathValue("room"))
	if err != nil {
		Refuse(w, r, rooms.ErrNotFound)
		return
	}
	who, err := s.visitor(r.Context(), room)
	if err != nil {
		Refuse(w, r, err)
		return
	}
	if err := s.mayAttend(r.Context(), room, who); err != nil {
		Refuse(w, r, err)
		return
	}
	s.Live.Serve(w, r, room, who)
}

// newHub returns the hub of the room sockets: what it shows is what the API
// shows.
func (s *Server) newHub() *live.Hub {
	return live.New(live.Config{
		Source: source{s}, Origin: func(*http.Request) string { return live.OriginOf(s.PublicURL) }, Refuse: Refuse, Log: s.Log,
		Limits: live.Limits{Drain: socketDrain},
	})
}

// socketDrain is the time over which the sockets are closed when the server
// stops; it must have passed before requests are cut off.
const socketDrain = 3 * time.Second

// source reads rooms for the hub.
type source struct{ *Server }

func (s source) Head(ctx context.Context, room uuid.UUID) (rooms.Head, error) {
	return s.Rooms.LogHead(ctx, room)
}

func (s source) Log(ctx context.Context, room uuid.UUID, after int64, limit int) ([]rooms.LogEntry, error) {
	return s.Rooms.Log(ctx, room, after, limit)
}

func (s source) MayStay(ctx context.Context, room uuid.UUID, v live.Visitor) error {
	return s.mayStay(ctx, room, v)
}

// roomState is what everyone in a room sees of it beside its log.
type roomState struct {
	Room      room            `json:"room"`
	Stage     []person        `json:"stage"`
	Listeners int             `json:"listeners"`
	Guests    int             `json:"guests"`
	Hands     int             `json:"hands"`
	Captions  captions.Status `json:"captions"`
	Captioner *rooms.Who      `json:"captioner,omitempty" doc:"who writes the captions in place of the machine"`
	Pin       *rooms.PinBody  `json:"pin,omitempty"`
	PinSeq    int64           `json:"pin_seq,omitempty" doc:"number of the entry that pinned it"`
}

func (s source) State(ctx context.Context, id uuid.UUID) (json.RawMessage, error) {
	one, err := s.Rooms.Room(ctx, id)
	if err != nil {
		return nil, err
	}
	stage, err := s.Rooms.Stage(ctx, id)
	if err != nil {
		return nil, err
	}
	crowd, err := s.Rooms.Crowd(ctx, id)
	if err != nil {
		return nil, err
	}
	state := roomState{Room: roomView(one), Stage: make([]person, 0, len(stage)), Listeners: crowd.Listeners, Guests: crowd.Guests, Hands: crowd.Hands}
	for _, p := range stage {
		state.Stage = append(state.Stage, personView(p, false))
	}
	state.Captions = s.captionStatus(one)
	if state.Captioner, err = s.Rooms.InChair(ctx, id); err != nil {
		return nil, err
	}
	pin, seq, err := s.Rooms.Pinned(ctx, id)
	if err != nil {
		return nil, err
	}
	if seq > 0 && pin.URL != "" {
		state.Pin, state.PinSeq = &pin, seq
	}
	return json.Marshal(state)
}

// captionStatus is what readers of a room are told of its captions.
func (s *Server) captionStatus(r rooms.Room) captions.Status {
	if s.Captions == nil {
		return captions.Status{State: "off", Language: r.Language}
	}
	return s.Captions.Status(r.ID, r.Language)
}

func (s source) You(ctx context.Context, id uuid.UUID, v live.Visitor) (json.RawMessage, bool, error) {
	if v.Guest != uuid.Nil {
		text, err := json.Marshal(you{Role: rooms.Guest, May: rooms.MayOf(rooms.Guest)})
		return text, false, err
	}
	got, err := s.Rooms.You(ctx, id, v.Account)
	if err != nil {
		return nil, false, err
	}
	text, err := json.Marshal(youView(got))
	return text, slices.Contains(got.May, rooms.ReadQueue), err
}

func (s source) Seen(ctx context.Context, room uuid.UUID, visitors []live.Visitor) error {
	var accounts, guests, credentials []uuid.UUID
	for _, v := range visitors {
		if v.Guest != uuid.Nil {
			guests = append(guests, v.Guest)
			continue
		}
		accounts, credentials = append(accounts, v.Account), append(credentials, v.Credential)
	}
	// Credentials that run out tell nobody: this is when they are missed.
	gone, err := s.Accounts.Gone(ctx, credentials)
	if err != nil {
		return err
	}
	for _, credential := range gone {
		s.Live.Heard("credential " + credential.String())
	}
	return s.Rooms.Seen(ctx, room, accounts, guests)
}

// you is what one person alone is told of a room.
type you struct {
	Role  rooms.Role     `json:"role,omitempty" enum:"host,cohost,speaker,listener,guest"`
	May   []rooms.Action `json:"may" doc:"what you may do now, by the table at /api/powers"`
	Me    *person        `json:"me,omitempty"`
	Place int            `json:"place,omitempty" doc:"of your hand in the queue, from 1"`
	Queue []person       `json:"queue,omitempty" doc:"raised hands by time, for those who may read it"`
}

func youView(y rooms.You) you {
	view := you{May: y.May, Place: y.Place}
	if view.May == nil {
		view.May = []rooms.Action{}
	}
	if y.Person != nil {
		own := personView(*y.Person, true)
		view.Me, view.Role = &own, y.Person.Role
	}
	for _, p := range y.Queue {
		view.Queue = append(view.Queue, personView(p, true))
	}
	return view
}

type youOutput struct{ Body you }

func (s *Server) youInRoom(ctx context.Context, in *roomPath) (*youOutput, error) {
	if _, err := s.Rooms.Room(ctx, in.Room); err != nil {
		return nil, err
	}
	got, err := s.Rooms.You(ctx, in.Room, viewer(ctx))
	return &youOutput{youView(got)}, err
}
