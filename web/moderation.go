package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"salon/accounts"
	"salon/rooms"
)

type becauseInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Body *because
}

type recentInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Body struct {
		Minutes int    `json:"minutes" minimum:"1" maximum:"1440" doc:"listeners and guests who came in within this time are removed"`
		Reason  string `json:"reason,omitempty" maxLength:"500"`
	}
}

type reportInput struct {
	Room   uuid.UUID `path:"room" format:"uuid"`
	Person uuid.UUID `path:"person" format:"uuid" doc:"account id"`
	Body   struct {
		Cause string `json:"cause" enum:"harassment,hate,spam,danger,other"`
		Note  string `json:"note,omitempty" maxLength:"1000"`
	}
}

type closeReportInput struct {
	Report uuid.UUID `path:"report" format:"uuid"`
	Body   struct {
		Outcome string `json:"outcome" enum:"acted,dismissed"`
	}
}

type guestPath struct {
	Room  uuid.UUID `path:"room" format:"uuid"`
	Guest uuid.UUID `path:"guest" format:"uuid"`
}

type report struct {
	ID        uuid.UUID       `json:"id"`
	RoomID    uuid.UUID       `json:"room_id"`
	Title     string          `json:"title" doc:"of the room"`
	Reporter  *rooms.Who      `json:"reporter,omitempty"`
	Subject   *rooms.Who      `json:"subject,omitempty"`
	Cause     string          `json:"cause"`
	Note      string          `json:"note,omitempty"`
	Evidence  json.RawMessage `json:"evidence" doc:"the room's log of the minute before, as it was then"`
	CreatedAt time.Time       `json:"created_at"`
	Outcome   string          `json:"outcome,omitempty" enum:"acted,dismissed"`
	ClosedAt  *time.Time      `json:"closed_at,omitempty"`
}

type reportsOutput struct {
	Body struct {
		Reports []report `json:"reports"`
	}
}

type auditEntry struct {
	ID      uuid.UUID    `json:"id"`
	RoomID  *uuid.UUID   `json:"room_id,omitempty"`
	Title   string       `json:"title,omitempty" doc:"of the room"`
	Actor   *rooms.Who   `json:"actor,omitempty"`
	Subject *rooms.Who   `json:"subject,omitempty"`
	Action  rooms.Action `json:"action"`
	Reason  string       `json:"reason,omitempty"`
	At      time.Time    `json:"at"`
}

type auditOutput struct {
	Body struct {
		Entries []auditEntry `json:"entries" doc:"newest first"`
	}
}

type suspensionInput struct {
	Handle string `path:"handle" minLength:"2" maxLength:"31"`
	Body   *because
}

func (s *Server) moderationRoutes() {
	access := Access{Level: SignedIn, Scope: accounts.ScopeRooms}
	post := func(id, path, summary string, do func(context.Context, *becauseInput) (*none, error)) {
		op(s, access, describe(id, http.MethodPost, "/api/rooms/{room}/"+path, summary, "Moderation"), do)
	}
	post("mute-all", "mute-all", "Mute everyone on stage; they may unmute", s.forRoom(s.Rooms.MuteAll))
	post("lower-all", "lower-hands", "Lower every hand", s.forRoom(s.Rooms.LowerAll))
	post("panic", "panic", "Mute all for good, close queue and door, stop reactions", func(ctx context.Context, in *becauseInput) (*none, error) {
		return nil, s.Rooms.Panic(ctx, viewer(ctx), in.Room, in.reason())
	})
	op(s, access, describe("remove-recent", http.MethodPost, "/api/rooms/{room}/remove-recent", "Remove who came in lately", "Moderation"), s.removeRecent)
	op(s, access, describe("remove-guest", http.MethodDelete, "/api/rooms/{room}/guests/{guest}", "Remove a guest", "Moderation"), s.removeGuest)
	op(s, access, created("report", "/api/rooms/{room}/people/{person}/reports", "Report a person", "Moderation"), s.report)
	op(s, Access{Level: SignedIn, Scope: accounts.ScopeRead}, describe("reports", http.MethodGet, "/api/reports", "Reports you may work through", "Moderation"), s.reports)
	op(s, access, describe("close-report", http.MethodPost, "/api/reports/{report}/close", "Close a report", "Moderation"), s.closeReport)
	op(s, Access{Level: SignedIn, Scope: accounts.ScopeRead}, describe("room-audit", http.MethodGet, "/api/rooms/{room}/audit", "Who used powers in a room", "Moderation"), s.roomAudit)
	op(s, Access{Level: SignedIn, Scope: accounts.ScopeRead}, describe("my-audit", http.MethodGet, "/api/me/audit", "What was done to you, by whom and why", "Moderation"), s.myAudit)
	op(s, Access{Level: Admin}, describe("suspend", http.MethodPut, "/api/accounts/{handle}/suspension", "Shut an account out of the server", "Moderation"), s.suspend)
	op(s, Access{Level: Admin}, describe("unsuspend", http.MethodDelete, "/api/accounts/{handle}/suspension", "Let an account in again", "Moderation"), s.unsuspend)
	for _, page := range []string{"reports", "audit"} {
		s.handle("GET /"+page, Access{Level: Anyone}, http.HandlerFunc(s.lobbyPage))
	}
}

func (in *becauseInput) reason() string {
	if in.Body == nil {
		return ""
	}
	return in.Body.Reason
}

// forRoom is an operation of the caller on a whole room.
func (s *Server) forRoom(do func(ctx context.Context, caller, room uuid.UUID) error) func(context.Context, *becauseInput) (*none, error) {
	return func(ctx context.Context, in *becauseInput) (*none, error) { return nil, do(ctx, viewer(ctx), in.Room) }
}

func (s *Server) removeRecent(ctx context.Context, in *recentInput) (*none, error) {
	since := time.Duration(in.Body.Minutes) * time.Minute
	return nil, s.Rooms.RemoveRecent(ctx, viewer(ctx), in.Room, since, in.Body.Reason)
}

func (s *Server) removeGuest(ctx context.Context, in *guestPath) (*none, error) {
	return nil, s.Rooms.RemoveGuest(ctx, viewer(ctx), in.Room, in.Guest)
}

func (s *Server) report(ctx context.Context, in *reportInput) (*none, error) {
	return nil, s.Rooms.ReportPerson(ctx, viewer(ctx), in.Room, in.Person, in.Body.Cause, in.Body.Note)
}

func (s *Server) reports(ctx context.Context, _ *struct{}) (*reportsOutput, error) {
	all, err := s.Rooms.Inbox(ctx, viewer(ctx))
	out := &reportsOutput{}
	out.Body.Reports = make([]report, 0, len(all))
	for _, one := range all {
		out.Body.Reports = append(out.Body.Reports, report(one))
	}
	return out, err
}

func (s *Server) closeReport(ctx context.Context, in *closeReportInput) (*none, error) {
	return nil, s.Rooms.CloseReport(ctx, viewer(ctx), in.Report, in.Body.Outcome)
}

func (s *Server) roomAudit(ctx context.Context, in *roomPath) (*auditOutput, error) {
	return auditView(s.Rooms.Audit(ctx, in.Room, viewer(ctx)))
}

func (s *Server) myAudit(ctx context.Context, _ *struct{}) (*auditOutput, error) {
	return auditView(s.Rooms.AuditOf(ctx, viewer(ctx)))
}

func auditView(all []rooms.AuditEntry, err error) (*auditOutput, error) {
	out := &auditOutput{}
	out.Body.Entries = make([]auditEntry, 0, len(all))
	for _, one := range all {
		out.Body.Entries = append(out.Body.Entries, auditEntry(one))
	}
	return out, err
}

func (s *Server) suspend(ctx context.Context, in *suspensionInput) (*none, error) {
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	return nil, s.setSuspended(ctx, in.Handle, true, reason)
}

func (s *Server) unsuspend(ctx context.Context, in *handlePath) (*none, error) {
	return nil, s.setSuspended(ctx, in.Handle, false, "")
}

func (s *Server) setSuspended(ctx context.Context, handle string, suspended bool, reason string) error {
	account, err := s.Accounts.ByHandle(ctx, handle)
	if err != nil {
		return err
	}
	return s.Rooms.Suspend(ctx, s.Accounts, viewer(ctx), account.ID, suspended, reason)
}
