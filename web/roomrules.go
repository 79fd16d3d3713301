package web

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"salon/accounts"
	"salon/rooms"
)

// heirInput names who takes over; the handle spares the app a lookup.
type heirInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Body struct {
		Handle string `json:"handle" minLength:"2" maxLength:"31"`
	}
}

type listInput struct {
	Room   uuid.UUID `path:"room" format:"uuid"`
	Handle string    `path:"handle" minLength:"2" maxLength:"31"`
}

type rulesInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Body rulesChange
}

type rulesChange struct {
	Entry       *string `json:"entry,omitempty" enum:"everyone,followers,invited" doc:"who may come in"`
	WhoSpeaks   *string `json:"who_speaks,omitempty" enum:"everyone,followed,invited" doc:"who may raise a hand: everyone, people the host follows, nobody who is not invited"`
	Guests      *bool   `json:"guests,omitempty" doc:"people without an account may listen and read"`
	Locked      *bool   `json:"locked,omitempty" doc:"nobody new comes in"`
	HandsOpen   *bool   `json:"hands_open,omitempty"`
	Reactions   *bool   `json:"reactions,omitempty"`
	Capacity    *int    `json:"capacity,omitempty" minimum:"1" maximum:"100000"`
	MaxSpeakers *int    `json:"max_speakers,omitempty" minimum:"1" maximum:"50" doc:"beside host and co-hosts"`
	MaxCohosts  *int    `json:"max_cohosts,omitempty" minimum:"0" maximum:"10"`
	KeepWords   *string `json:"keep_words,omitempty" enum:"live,days,public" doc:"how long what was said is kept"`
	KeepDays    *int    `json:"keep_days,omitempty" minimum:"1" maximum:"3650"`
}

func (s *Server) rulesRoutes() {
	access := Access{Level: SignedIn, Scope: accounts.ScopeRooms}
	op(s, access, describe("change-rules", http.MethodPatch, "/api/rooms/{room}/rules", "Change a room's rules", "Rooms"), s.changeRules)
	op(s, access, describe("list-person", http.MethodPut, "/api/rooms/{room}/guest-list/{handle}", "Let a person into a room for invited people", "Rooms"), s.list(true))
	op(s, access, describe("unlist-person", http.MethodDelete, "/api/rooms/{room}/guest-list/{handle}", "Take that back", "Rooms"), s.list(false))
	op(s, access, describe("name-heir", http.MethodPut, "/api/rooms/{room}/heir", "Say who takes over when you are gone", "Rooms"), s.nameHeir)
	op(s, access, describe("drop-heir", http.MethodDelete, "/api/rooms/{room}/heir", "Leave it to the co-hosts", "Rooms"), s.dropHeir)
	op(s, Access{Level: Anyone}, describe("powers", http.MethodGet, "/api/powers", "Who may do what in a room", "Rooms"), powers)
}

type powersOutput struct {
	Body struct {
		Powers []power `json:"powers"`
	}
}

type power struct {
	Action rooms.Action `json:"action"`
	On     rooms.On     `json:"on" enum:"self,person,room"`
	Roles  []rooms.Role `json:"roles"`
}

func powers(context.Context, *struct{}) (*powersOutput, error) {
	out := &powersOutput{}
	for _, p := range rooms.Powers {
		out.Body.Powers = append(out.Body.Powers, power(p))
	}
	return out, nil
}

func (s *Server) changeRules(ctx context.Context, in *rulesInput) (*roomOutput, error) {
	room, err := s.Rooms.ChangeRules(ctx, viewer(ctx), in.Room, in.Body.change())
	return &roomOutput{roomView(room)}, err
}

func (s *Server) list(listed bool) func(context.Context, *listInput) (*none, error) {
	return func(ctx context.Context, in *listInput) (*none, error) {
		account, err := s.Accounts.ByHandle(ctx, in.Handle)
		if err != nil {
			return nil, err
		}
		return nil, s.Rooms.List(ctx, viewer(ctx), in.Room, account.ID, listed)
	}
}

func (s *Server) nameHeir(ctx context.Context, in *heirInput) (*none, error) {
	account, err := s.Accounts.ByHandle(ctx, in.Body.Handle)
	if err != nil {
		return nil, err
	}
	return nil, s.Rooms.NameHeir(ctx, viewer(ctx), in.Room, account.ID)
}

func (s *Server) dropHeir(ctx context.Context, in *roomPath) (*none, error) {
	return nil, s.Rooms.NameHeir(ctx, viewer(ctx), in.Room, uuid.Nil)
}

func (c rulesChange) change() rooms.RulesChange {
	return rooms.RulesChange{
		Entry: c.Entry, WhoSpeaks: c.WhoSpeaks, Guests: c.Guests, Locked: c.Locked, HandsOpen: c.HandsOpen, Reactions: c.Reactions,
		Capacity: c.Capacity, MaxSpeakers: c.MaxSpeakers, MaxCohosts: c.MaxCohosts, KeepWords: c.KeepWords, KeepDays: c.KeepDays,
	}
}
