package web

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"salon/accounts"
	"salon/rooms"
)

type logInput struct {
	Room  uuid.UUID `path:"room" format:"uuid"`
	After int64     `query:"after" minimum:"0" doc:"number of the last entry you have"`
	Limit int       `query:"limit" minimum:"1" maximum:"500" default:"200"`
}

type logOutput struct {
	Body struct {
		Epoch   string           `json:"epoch" doc:"another epoch is another log: begin anew"`
		Seq     int64            `json:"seq" doc:"where the log ends"`
		Entries []rooms.LogEntry `json:"entries"`
	}
}

type noticeInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"280"`
	}
}

type pinInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Body struct {
		URL   string `json:"url" minLength:"8" maxLength:"500"`
		Title string `json:"title,omitempty" maxLength:"120"`
	}
}

type reactionInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Body struct {
		Kind string `json:"kind" enum:"heart,clap,laugh,wow,agree"`
	}
}

type withdrawInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Seq  int64     `path:"seq" minimum:"1"`
}

func (s *Server) roomLogRoutes() {
	access := Access{Level: SignedIn, Scope: accounts.ScopeRooms}
	op(s, Access{Level: Attending, Scope: accounts.ScopeRead}, describe("room-log", http.MethodGet, "/api/rooms/{room}/log", "What happened in a room you are in", "Room log"), s.roomLog)
	op(s, access, created("notice", "/api/rooms/{room}/notices", "Write a line to everyone", "Room log"), s.notice)
	op(s, access, describe("pin", http.MethodPut, "/api/rooms/{room}/pin", "Pin a link", "Room log"), s.pin)
	op(s, access, describe("unpin", http.MethodDelete, "/api/rooms/{room}/pin", "Take the pinned link down", "Room log"), s.unpin)
	op(s, access, later("react", "/api/rooms/{room}/reactions", "React without a word", "Room log"), s.react)
	op(s, access, describe("withdraw", http.MethodDelete, "/api/rooms/{room}/log/{seq}", "Remove what an entry says, for good", "Room log"), s.withdraw)
}

func (s *Server) roomLog(ctx context.Context, in *logInput) (*logOutput, error) {
	who, err := s.visitor(ctx, in.Room)
	if err != nil {
		return nil, err
	}
	if err := s.mayRead(ctx, in.Room, who); err != nil {
		return nil, err
	}
	head, err := s.Rooms.LogHead(ctx, in.Room)
	if err != nil {
		return nil, err
	}
	entries, err := s.Rooms.Log(ctx, in.Room, in.After, in.Limit)
	out := &logOutput{}
	out.Body.Epoch, out.Body.Seq, out.Body.Entries = head.Epoch, head.Seq, entries
	return out, err
}

func (s *Server) notice(ctx context.Context, in *noticeInput) (*none, error) {
	return nil, s.Rooms.Notice(ctx, viewer(ctx), in.Room, in.Body.Text)
}

func (s *Server) pin(ctx context.Context, in *pinInput) (*none, error) {
	return nil, s.Rooms.Pin(ctx, viewer(ctx), in.Room, rooms.PinBody{URL: in.Body.URL, Title: in.Body.Title})
}

func (s *Server) unpin(ctx context.Context, in *roomPath) (*none, error) {
	return nil, s.Rooms.Pin(ctx, viewer(ctx), in.Room, rooms.PinBody{})
}

func (s *Server) react(ctx context.Context, in *reactionInput) (*none, error) {
	return nil, s.Rooms.React(ctx, viewer(ctx), in.Room, in.Body.Kind)
}

func (s *Server) withdraw(ctx context.Context, in *withdrawInput) (*none, error) {
	return nil, s.Rooms.Withdraw(ctx, viewer(ctx), in.Room, in.Seq, "")
}
