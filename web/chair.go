package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"salon/accounts"
	"salon/captions"
	"salon/internal/fault"
	"salon/rooms"
)

type captionInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Body struct {
		Segment string    `json:"segment" format:"uuid" doc:"yours to make; a line with the same is kept once"`
		Speaker uuid.UUID `json:"speaker" format:"uuid" doc:"account id of who said it, who is on stage"`
		Text    string    `json:"text" minLength:"1" maxLength:"500"`
		Began   int64     `json:"began_ms,omitempty" minimum:"0" maximum:"60000" doc:"how long ago you began to write it"`
	}
}

type draftInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Body struct {
		Segment string    `json:"segment" format:"uuid" doc:"the same as the line that follows"`
		Speaker uuid.UUID `json:"speaker" format:"uuid"`
		Text    string    `json:"text" maxLength:"500" doc:"so far; empty takes it back"`
	}
}

type correctionInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Seq  int64     `path:"seq" minimum:"1" doc:"number of the line's entry, or of a correction of it"`
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"500"`
	}
}

// chairRoutes are for people who write captions.
func (s *Server) chairRoutes() {
	access := Access{Level: SignedIn, Scope: accounts.ScopeRooms}
	op(s, access, describe("captioners", http.MethodGet, "/api/rooms/{room}/captioners", "Who may write captions", "Captions"), s.captioners)
	op(s, access, describe("name-captioner", http.MethodPut, "/api/rooms/{room}/captioners/{handle}", "Let a person write captions", "Captions"), s.nameCaptioner(true))
	op(s, access, describe("drop-captioner", http.MethodDelete, "/api/rooms/{room}/captioners/{handle}", "Take that back", "Captions"), s.nameCaptioner(false))
	op(s, access, describe("take-chair", http.MethodPut, "/api/rooms/{room}/chair", "Write the captions in place of the machine", "Captions"), s.takeChair)
	op(s, access, describe("leave-chair", http.MethodDelete, "/api/rooms/{room}/chair", "Give the captions back to the machine", "Captions"), s.leaveChair)
	op(s, access, created("write-caption", "/api/rooms/{room}/captions", "Write a line of what was said", "Captions"), s.writeCaption)
	op(s, access, describe("draft-caption", http.MethodPut, "/api/rooms/{room}/captions/draft", "Show a line while you write it", "Captions"), s.draftCaption)
	op(s, access, describe("correct-caption", http.MethodPatch, "/api/rooms/{room}/captions/{seq}", "Correct a line; readers see that it was", "Captions"), s.correctCaption)
}

type captionersOutput struct {
	Body struct {
		Captioners []rooms.Who `json:"captioners"`
	}
}

func (s *Server) captioners(ctx context.Context, in *roomPath) (*captionersOutput, error) {
	all, err := s.Rooms.Captioners(ctx, viewer(ctx), in.Room)
	out := &captionersOutput{}
	out.Body.Captioners = all
	return out, err
}

func (s *Server) nameCaptioner(named bool) func(context.Context, *listInput) (*none, error) {
	return func(ctx context.Context, in *listInput) (*none, error) {
		account, err := s.Accounts.ByHandle(ctx, in.Handle)
		if err != nil {
			return nil, err
		}
		return nil, s.Rooms.NameCaptioner(ctx, viewer(ctx), in.Room, account.ID, named)
	}
}

func (s *Server) takeChair(ctx context.Context, in *roomPath) (*none, error) {
	return nil, s.Rooms.TakeChair(ctx, viewer(ctx), in.Room)
}

func (s *Server) leaveChair(ctx context.Context, in *roomPath) (*none, error) {
	return nil, s.Rooms.LeaveChair(ctx, viewer(ctx), in.Room)
}

func (s *Server) writeCaption(ctx context.Context, in *captionInput) (*none, error) {
	room, err := s.Rooms.Room(ctx, in.Room)
	if err != nil {
		return nil, err
	}
	line := captions.Written(in.Body.Segment, in.Body.Text, room.Language, time.Now(), time.Duration(in.Body.Began)*time.Millisecond)
	if line.Text == "" {
		return nil, fault.BadField("text")
	}
	if err := s.Rooms.WriteCaption(ctx, viewer(ctx), in.Room, in.Body.Speaker, line.Segment, line); err != nil {
		return nil, err
	}
	s.Live.Broadcast(in.Room, draftKey(in.Body.Speaker), nil)
	return nil, nil
}

// draftKey is where the newest draft of what a speaker says is kept.
func draftKey(speaker uuid.UUID) string { return "partial " + speaker.String() }

// draftCaption shows what is being written: it is sent and forgotten.
func (s *Server) draftCaption(ctx context.Context, in *draftInput) (*none, error) {
	room, err := s.Rooms.Room(ctx, in.Room)
	if err != nil {
		return nil, err
	}
	if err := s.Rooms.MayCaption(ctx, viewer(ctx), in.Room); err != nil {
		return nil, err
	}
	speaker, err := s.Rooms.Person(ctx, in.Room, in.Body.Speaker)
	if err != nil {
		return nil, err
	}
	if !speaker.Role.OnStage() {
		return nil, rooms.ErrNotSpeaking
	}
	frame, err := captions.Frame(captions.Speaker{ID: speaker.AccountID, Handle: speaker.Handle, Name: speaker.DisplayName}, captions.Partial{
		Segment: in.Body.Segment, Text: strings.TrimSpace(in.Body.Text), Start: time.Now(), Language: room.Language, Source: captions.Human,
	})
	if err != nil {
		return nil, err
	}
	s.Live.Broadcast(in.Room, draftKey(speaker.AccountID), frame)
	return nil, nil
}

func (s *Server) correctCaption(ctx context.Context, in *correctionInput) (*none, error) {
	return nil, s.Rooms.CorrectCaption(ctx, viewer(ctx), in.Room, in.Seq, func(before json.RawMessage) (any, error) {
		var line captions.Line
		if err := json.Unmarshal(before, &line); err != nil {
			return nil, err
		}
		after := line.Corrected(in.Body.Text)
		if after.Text == "" {
			return nil, fault.BadField("text")
		}
		return after, nil
	})
}
