package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"salon/internal/fault"
	"salon/rooms"
	"salon/ticketing"
)

// errNoSales refuses money where none is taken.
var errNoSales = fault.Define("tickets-off", fault.NotFound)

// offer is what a room sells, as everyone sees it.
type offer struct {
	ID          uuid.UUID          `json:"id"`
	RoomID      uuid.UUID          `json:"room_id"`
	Price       int64              `json:"price" doc:"all that a buyer pays, in minor units of the currency; 0: free"`
	Currency    string             `json:"currency" doc:"ISO 4217, in lower case"`
	TaxBP       int                `json:"tax_bp" doc:"tax inside the price, in hundredths of a percent of the price without it"`
	Tax         int64              `json:"tax" doc:"that tax, in minor units"`
	Cap         int                `json:"cap"`
	Left        int                `json:"left" doc:"seats that nobody holds or has"`
	OpensAt     *time.Time         `json:"opens_at,omitempty"`
	ClosesAt    *time.Time         `json:"closes_at,omitempty"`
	RefundHours *int               `json:"refund_hours,omitempty" doc:"until so many hours before the start a buyer gets everything back; absent: never by themselves"`
	Standing    ticketing.Standing `json:"state" enum:"open,early,closed,sold-out,over"`
	Language    string             `json:"language" doc:"of the room"`
	Captions    bool               `json:"captions" doc:"what is said can be read live, in that language"`
	Mine        *order             `json:"mine,omitempty" doc:"by which you have a seat, paid or not"`
}

// order is one seat for one person.
type order struct {
	ID            uuid.UUID       `json:"id"`
	OfferID       *uuid.UUID      `json:"offer_id,omitempty"`
	State         ticketing.State `json:"state" enum:"held,paying,paid,expired,cancelled,failed,refunding,refunded,disputed"`
	Price         int64           `json:"price"`
	Currency      string          `json:"currency"`
	Complimentary bool            `json:"complimentary" doc:"given by the host"`
	HeldAt        time.Time       `json:"held_at"`
	ExpiresAt     time.Time       `json:"expires_at" doc:"of the hold, while it is held or paying"`
	Extended      bool            `json:"extended" doc:"more time was asked for, which works once"`
}

// ticket is an order with what its buyer wants to know.
type ticket struct {
	Order           order       `json:"order"`
	TicketID        *uuid.UUID  `json:"ticket_id,omitempty"`
	IssuedAt        *time.Time  `json:"issued_at,omitempty"`
	RefundableUntil *time.Time  `json:"refundable_until,omitempty"`
	Refundable      bool        `json:"refundable" doc:"you can give it back now, and get everything back"`
	Used            bool        `json:"used" doc:"you came in, and give it back no more"`
	Ahead           *int        `json:"ahead,omitempty" doc:"how many payment pages are made before yours; absent when you wait for none"`
	Room            *ticketRoom `json:"room,omitempty" doc:"absent when it was deleted"`
}

type ticketRoom struct {
	ID       uuid.UUID    `json:"id"`
	Title    string       `json:"title"`
	Status   rooms.Status `json:"status" enum:"scheduled,live,ended,cancelled"`
	StartsAt *time.Time   `json:"starts_at,omitempty"`
	Language string       `json:"language"`
	Host     roomHost     `json:"host"`
}

type holdInput struct {
	Order uuid.UUID `path:"order" format:"uuid" doc:"yours to make: asking twice with the same is asking once"`
	Body  struct {
		Offer string `json:"offer" format:"uuid"`
	}
}

type orderPath struct {
	Order uuid.UUID `path:"order" format:"uuid"`
}

type offerOutput struct{ Body offer }

type orderOutput struct{ Body order }

type ticketOutput struct{ Body ticket }

type ticketsOutput struct {
	Body struct {
		Tickets []ticket `json:"tickets"`
	}
}

type checkoutOutput struct {
	Body struct {
		URL   string `json:"url,omitempty" doc:"where it is paid; absent: it costs nothing, and is paid"`
		Order order  `json:"order"`
	}
}

type currency struct {
	Code     string `json:"code"`
	Digits   int    `json:"digits" doc:"of a major unit that are minor units"`
	Smallest int64  `json:"smallest" doc:"price, in minor units"`
	Largest  int64  `json:"largest"`
}

type sellingTerms struct {
	Mode       string     `json:"mode" enum:"off,simulated,test,live" doc:"only live moves money"`
	Hold       int        `json:"hold_minutes"`
	Extension  int        `json:"extension_minutes"`
	Currencies []currency `json:"currencies"`
}

type sellingTermsOutput struct{ Body sellingTerms }

// ticketRoutes are for whoever buys. Money is spent by a person at a browser,
// never by a token.
func (s *Server) ticketRoutes() {
	buyer, paying := Access{Level: Session}, Access{Level: Session, AsksStripe: true}
	op(s, Access{Level: Anyone}, describe("selling-terms", http.MethodGet, "/api/tickets/terms", "How tickets are sold here", "Tickets"), s.sellingTerms)
	op(s, Access{Level: Anyone}, describe("offer", http.MethodGet, "/api/rooms/{room}/offer", "What a room sells", "Tickets"), s.offer)
	op(s, buyer, describe("hold-seat", http.MethodPut, "/api/orders/{order}", "Hold a seat", "Tickets"), s.holdSeat)
	op(s, buyer, describe("order", http.MethodGet, "/api/orders/{order}", "An order of yours", "Tickets"), s.myOrder)
	op(s, paying, describe("check-order", http.MethodPost, "/api/orders/{order}/check", "Ask Stripe what became of it", "Tickets"), s.checkOrder)
	op(s, paying, describe("checkout", http.MethodPost, "/api/orders/{order}/checkout", "Where it is paid", "Tickets"), s.checkout)
	op(s, buyer, describe("extend-hold", http.MethodPost, "/api/orders/{order}/extend", "Hold the seat for longer, once", "Tickets"), s.extendHold)
	op(s, paying, describe("cancel-order", http.MethodDelete, "/api/orders/{order}", "Give up a seat that is not paid", "Tickets"), s.cancelOrder)
	op(s, buyer, describe("refund-order", http.MethodPost, "/api/orders/{order}/refund", "Give a ticket back, and all that was paid for it", "Tickets"), s.refundOrder)
	op(s, buyer, describe("my-tickets", http.MethodGet, "/api/me/tickets", "Your tickets", "Tickets"), s.myTickets)
	s.describedFile(buyer, describe("ticket-code", http.MethodGet, "/api/me/tickets/{ticket}/code.svg", "A picture of the address of a ticket's page", "Tickets"), "image/svg+xml", s.ticketFile(s.ticketCode))
	s.describedFile(buyer, describe("ticket-calendar", http.MethodGet, "/api/me/tickets/{ticket}/calendar.ics", "A ticket for a calendar", "Tickets"), "text/calendar", s.ticketFile(s.ticketCalendar))
	for _, page := range []string{"/tickets", "/tickets/{order}"} {
		s.handle("GET "+page, Access{Level: Anyone}, http.HandlerFunc(s.lobbyPage))
	}
}

// ticketMode is how tickets are paid for.
func (s *Server) ticketMode() string {
	if s.Tickets == nil {
		return "off"
	}
	return s.TicketMode
}

func (s *Server) sellingTerms(context.Context, *struct{}) (*sellingTermsOutput, error) {
	out := &sellingTermsOutput{sellingTerms{Mode: s.ticketMode(), Currencies: []currency{}}}
	if s.Tickets == nil {
		return out, nil
	}
	hold, extension := s.Tickets.Held()
	out.Body.Hold, out.Body.Extension = int(hold/time.Minute), int(extension/time.Minute)
	for _, code := range ticketing.Currencies() {
		in := s.Tickets.PricesIn(code)
		out.Body.Currencies = append(out.Body.Currencies, currency{code, ticketing.Digits(code), in.Least, in.Most})
	}
	return out, nil
}

// selling is the service that sells, or a refusal.
func (s *Server) selling() (*ticketing.Service, error) {
	if s.Tickets == nil {
		return nil, errNoSales
	}
	return s.Tickets, nil
}

func (s *Server) offer(ctx context.Context, in *roomPath) (*offerOutput, error) {
	body, err := s.offerNow(ctx, in.Room)
	return &offerOutput{body}, err
}

// offerNow is a room's offer as the viewer sees it.
func (s *Server) offerNow(ctx context.Context, id uuid.UUID) (offer, error) {
	room, err := s.Rooms.Room(ctx, id)
	if err != nil {
		return offer{}, err
	}
	sale, err := s.Sold.Sale(ctx, id)
	if err != nil {
		return offer{}, err
	}
	if s.Tickets == nil {
		sale.Standing = ticketing.SaleOver
	}
	view := offer{
		ID: sale.ID, RoomID: id, Price: sale.Price, Currency: sale.Currency, TaxBP: sale.TaxBP, Tax: sale.Tax(sale.Price),
		Cap: sale.Cap, Left: sale.Cap - sale.Taken, OpensAt: sale.OpensAt, ClosesAt: sale.ClosesAt, RefundHours: sale.RefundHours,
		Standing: sale.Standing, Language: room.Language, Captions: s.willCaption(room),
	}
	mine, err := s.Sold.SeatOf(ctx, viewer(ctx), sale.ID)
	switch {
	case err == nil:
		seat := orderView(mine)
		view.Mine = &seat
	case !errors.Is(err, ticketing.ErrNoOrder):
		return offer{}, err
	}
	return view, nil
}

// willCaption says whether a room's words can be read, once it is live.
func (s *Server) willCaption(r rooms.Room) bool {
	status := s.captionStatus(r).State
	return status == "on" || status == "starting"
}

func (s *Server) holdSeat(ctx context.Context, in *holdInput) (*orderOutput, error) {
	sells, err := s.selling()
	if err != nil {
		return nil, err
	}
	wanted, err := uuid.Parse(in.Body.Offer)
	if err != nil {
		return nil, fault.BadField("offer")
	}
	got, err := sells.Hold(ctx, ticketing.Ask{ID: in.Order, Offer: wanted, Account: viewer(ctx), Network: ticketing.NetworkOf(from(ctx).address)})
	return &orderOutput{orderView(got)}, err
}

func (s *Server) myOrder(ctx context.Context, in *orderPath) (*ticketOutput, error) {
	got, err := s.Sold.MyOrder(ctx, viewer(ctx), in.Order)
	if err != nil {
		return nil, err
	}
	return s.oneTicket(ctx, got)
}

func (s *Server) checkOrder(ctx context.Context, in *orderPath) (*ticketOutput, error) {
	sells, err := s.selling()
	if err != nil {
		return nil, err
	}
	got, err := sells.Look(ctx, viewer(ctx), in.Order)
	if err != nil {
		return nil, err
	}
	return s.oneTicket(ctx, got)
}

func (s *Server) checkout(ctx context.Context, in *orderPath) (*checkoutOutput, error) {
	sells, err := s.selling()
	if err != nil {
		return nil, err
	}
	mine, err := sells.MyOrder(ctx, viewer(ctx), in.Order)
	if err != nil {
		return nil, err
	}
	if mine.RoomID != nil {
		if err := s.Rooms.MayBuy(ctx, *mine.RoomID, viewer(ctx)); err != nil {
			return nil, err
		}
	}
	back := ticketing.Return{SuccessURL: s.PublicURL.JoinPath("tickets", in.Order.String()).String(), CancelURL: s.PublicURL.String()}
	if mine.RoomID != nil {
		back.CancelURL = s.PublicURL.JoinPath("r", mine.RoomID.String()).String()
	}
	out := &checkoutOutput{}
	if out.Body.URL, err = sells.Pay(ctx, viewer(ctx), in.Order, back); err != nil {
		return nil, err
	}
	now, err := sells.Order(ctx, viewer(ctx), in.Order)
	out.Body.Order = orderView(now)
	return out, err
}

func (s *Server) extendHold(ctx context.Context, in *orderPath) (*orderOutput, error) {
	sells, err := s.selling()
	if err != nil {
		return nil, err
	}
	got, err := sells.Extend(ctx, viewer(ctx), in.Order)
	return &orderOutput{orderView(got)}, err
}

func (s *Server) cancelOrder(ctx context.Context, in *orderPath) (*orderOutput, error) {
	sells, err := s.selling()
	if err != nil {
		return nil, err
	}
	got, err := sells.Cancel(ctx, viewer(ctx), in.Order)
	return &orderOutput{orderView(got)}, err
}

func (s *Server) refundOrder(ctx context.Context, in *orderPath) (*orderOutput, error) {
	sells, err := s.selling()
	if err != nil {
		return nil, err
	}
	got, err := sells.Refund(ctx, viewer(ctx), in.Order)
	return &orderOutput{orderView(got)}, err
}

func orderView(o ticketing.Order) order {
	return order{
		ID: o.ID, OfferID: o.OfferID, State: o.State, Price: o.Price, Currency: o.Currency, Complimentary: o.Complimentary,
		HeldAt: o.HeldAt, ExpiresAt: o.ExpiresAt, Extended: o.Extended,
	}
}
