package web

import (
	"net/http"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"salon/rooms"
)

// roomLength is what calendars are told of a room's length, which nobody knows.
const roomLength = time.Hour

// calendar serves a room's announced time as a calendar entry (RFC 5545).
// Taken again after a change, it replaces the earlier entry.
func (s *Server) calendar(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("room"))
	if err != nil {
		Refuse(w, r, rooms.ErrNotFound)
		return
	}
	room, err := s.Rooms.Room(r.Context(), id)
	if err == nil && room.StartsAt == nil {
		err = errNoTime
	}
	if err != nil {
		Refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="room.ics"`)
	w.Write([]byte(s.calendarOf(room, s.roomAddress(room)).Serialize(ics.WithNewLineWindows)))
}

func (s *Server) roomAddress(room rooms.Room) string {
	return s.PublicURL.JoinPath("r", room.ID.String()).String()
}

// calendarOf is a room's entry, which leads to the address.
func (s *Server) calendarOf(room rooms.Room, address string) *ics.Calendar {
	c := ics.NewCalendarFor("Salon")
	c.SetMethod(ics.MethodPublish)
	event := c.AddEvent(room.ID.String() + "@" + s.PublicURL.Hostname())
	event.SetDtStampTime(time.Now())
	event.SetCreatedTime(room.CreatedAt)
	event.SetStartAt(*room.StartsAt)
	event.SetEndAt(room.StartsAt.Add(roomLength))
	event.SetSequence(room.Revision)
	event.SetSummary(room.Title)
	event.SetDescription(room.HostName + " (@" + room.Handle + ")\n" + address)
	event.SetURL(address)
	if room.Status() == rooms.Cancelled {
		c.SetMethod(ics.MethodCancel)
		event.SetStatus(ics.ObjectStatusCancelled)
	}
	return c
}
