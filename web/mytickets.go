package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"
	"rsc.io/qr"

	"salon/rooms"
	"salon/ticketing"
)

func (s *Server) myTickets(ctx context.Context, _ *struct{}) (*ticketsOutput, error) {
	all, err := s.Sold.Mine(ctx, viewer(ctx))
	if err != nil {
		return nil, err
	}
	var ids []uuid.UUID
	for _, one := range all {
		if one.RoomID != nil {
			ids = append(ids, *one.RoomID)
		}
	}
	found, err := s.Rooms.Rooms(ctx, ids)
	byID := map[uuid.UUID]rooms.Room{}
	for _, room := range found {
		byID[room.ID] = room
	}
	out := &ticketsOutput{}
	out.Body.Tickets = make([]ticket, 0, len(all))
	for _, one := range all {
		view := ticketView(one)
		if one.RoomID != nil {
			view.Room = ticketRoomView(byID[*one.RoomID])
		}
		out.Body.Tickets = append(out.Body.Tickets, view)
	}
	return out, err
}

func (s *Server) oneTicket(ctx context.Context, o ticketing.MyOrder) (*ticketOutput, error) {
	view := ticketView(o)
	if o.RoomID == nil {
		return &ticketOutput{view}, nil
	}
	room, err := s.Rooms.Room(ctx, *o.RoomID)
	view.Room = ticketRoomView(room)
	return &ticketOutput{view}, err
}

func ticketView(o ticketing.MyOrder) ticket {
	return ticket{Order: orderView(o.Order), TicketID: o.TicketID, IssuedAt: o.IssuedAt, RefundableUntil: o.RefundableUntil, Refundable: o.Refundable, Used: o.Used, Ahead: o.Ahead}
}

func ticketRoomView(r rooms.Room) *ticketRoom {
	return &ticketRoom{
		ID: r.ID, Title: r.Title, Status: r.Status(), StartsAt: r.StartsAt, Language: r.Language,
		Host: roomHost{ID: r.HostID, Handle: r.Handle, DisplayName: r.HostName},
	}
}

// ticketFile serves something about a ticket of the caller's that is good.
func (s *Server) ticketFile(file func(w http.ResponseWriter, r *http.Request, o ticketing.MyOrder) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := uuid.Parse(r.PathValue("ticket"))
		if err != nil {
			Refuse(w, r, ticketing.ErrNoOrder)
			return
		}
		mine, err := s.Sold.TicketOf(r.Context(), viewer(r.Context()), id)
		if err == nil && mine.State != ticketing.Paid {
			err = ticketing.ErrNoOrder
		}
		if err == nil {
			err = file(w, r, mine)
		}
		if err != nil {
			Refuse(w, r, err)
		}
	}
}

// ticketPage is the address of an order's page.
func (s *Server) ticketPage(order uuid.UUID) string {
	return s.PublicURL.JoinPath("tickets", order.String()).String()
}

// quiet is the margin a reader of the code needs, in modules (ISO/IEC 18004).
const quiet = 4

// ticketCode draws the address of the ticket's page, for another device to open.
func (s *Server) ticketCode(w http.ResponseWriter, _ *http.Request, o ticketing.MyOrder) error {
	code, err := qr.Encode(s.ticketPage(o.ID), qr.M)
	if err != nil {
		return fmt.Errorf("draw code: %w", err)
	}
	var path bytes.Buffer
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "private, no-store")
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %[1]d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path d="%[2]s"/></svg>`, code.Size+2*quiet, path.String())
	return nil
}

// ticketCalendar is the room's calendar entry with the way to the ticket.
func (s *Server) ticketCalendar(w http.ResponseWriter, r *http.Request, o ticketing.MyOrder) error {
	if o.RoomID == nil {
		return rooms.ErrNotFound
	}
	room, err := s.Rooms.Room(r.Context(), *o.RoomID)
	if err != nil {
		return err
	}
	if room.StartsAt == nil {
		return errNoTime
	}
	calendar := s.calendarOf(room, s.ticketPage(o.ID))
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="ticket.ics"`)
	_, err = w.Write([]byte(calendar.Serialize(ics.WithNewLineWindows)))
	return err
}
