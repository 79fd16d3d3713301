package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"salon/internal/fault"
	"salon/rooms"
	"salon/ticketing"
)

type payouts struct {
	Status string   `json:"state" enum:"none,incomplete,ready" doc:"none: you have no account at Stripe; incomplete: Stripe wants to know more; ready: you can be paid"`
	Due    []string `json:"due" doc:"what Stripe still wants to know, in its words"`
}

type payoutsOutput struct{ Body payouts }

type onboardInput struct {
	Body struct {
		Country string `json:"country,omitempty" pattern:"^[A-Z]{2}$" doc:"where you are paid, ISO 3166; absent: where this server is"`
	}
}

type linkOutput struct {
	Body struct {
		URL string `json:"url" doc:"works once, and for minutes"`
	}
}

type quoteInput struct {
	Price    int64  `query:"price" minimum:"0" maximum:"99999999" required:"true"`
	Currency string `query:"currency" pattern:"^[a-z]{3}$" required:"true"`
}

type quote struct {
	Gross      int64  `json:"gross" doc:"what a buyer pays"`
	Cut        int64  `json:"cut" doc:"what this server keeps"`
	Processing int64  `json:"processing" doc:"what is kept for the payment, as expected"`
	Net        int64  `json:"net" doc:"what you get"`
	Currency   string `json:"currency"`
}

type quoteOutput struct{ Body quote }

type newOfferInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Body struct {
		Price       int64      `json:"price" minimum:"0" maximum:"99999999" doc:"in minor units, with everything in it; 0: free"`
		Currency    string     `json:"currency" pattern:"^[a-z]{3}$"`
		Cap         int        `json:"cap" minimum:"1" maximum:"100000"`
		TaxBP       int        `json:"tax_bp,omitempty" minimum:"0" maximum:"5000"`
		OpensAt     *time.Time `json:"opens_at,omitempty" nullable:"true"`
		ClosesAt    *time.Time `json:"closes_at,omitempty" nullable:"true"`
		RefundHours *int       `json:"refund_hours,omitempty" nullable:"true" minimum:"0" maximum:"8760"`
	}
}

type giftInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Body struct {
		ID     string `json:"id" format:"uuid" doc:"of the order to be, yours to make"`
		Handle string `json:"handle" minLength:"2" maxLength:"31"`
	}
}

type buyer struct {
	Order   order     `json:"order"`
	Account *roomHost `json:"account,omitempty" doc:"absent when it was deleted"`
	Arrived bool      `json:"arrived" doc:"came in"`
}

type salesInput struct {
	Room   uuid.UUID `path:"room" format:"uuid"`
	Before uuid.UUID `query:"before" format:"uuid" doc:"id of the last order you have; absent: from the newest on"`
	Limit  int       `query:"limit" minimum:"1" maximum:"500" default:"500"`
}

type salesOutput struct {
	Body struct {
		Offer  offer   `json:"offer"`
		Sold   int     `json:"sold" doc:"tickets that are good, given ones with them"`
		Given  int     `json:"given"`
		Held   int     `json:"held" doc:"by people who have not paid"`
		Buyers []buyer `json:"buyers" doc:"newest first; while there are as many as the limit, ask for those before the last"`
	}
}

// sellerRoutes are for hosts. Like spending, selling is for a person at a
// browser.
func (s *Server) sellerRoutes() {
	seller, paid := Access{Level: Session}, Access{Level: Session, AsksStripe: true}
	op(s, paid, describe("payouts", http.MethodGet, "/api/me/payouts", "Whether you can be paid", "Selling"), s.payouts)
	op(s, paid, describe("onboard", http.MethodPost, "/api/me/payouts", "Go to Stripe to be paid there", "Selling"), s.onboard)
	op(s, seller, describe("quote", http.MethodGet, "/api/me/quote", "Where the money of a sale would go", "Selling"), s.quote)
	op(s, paid, describe("set-offer", http.MethodPut, "/api/rooms/{room}/offer", "Sell a room's seats, or change how", "Selling"), s.setOffer)
	op(s, seller, describe("call-sale-off", http.MethodDelete, "/api/rooms/{room}/offer", "Call the sale off; everyone gets their money back", "Selling"), s.callSaleOff)
	op(s, seller, created("give-seat", "/api/rooms/{room}/gifts", "Give a seat away", "Selling"), s.giveSeat)
	op(s, seller, describe("sales", http.MethodGet, "/api/rooms/{room}/sales", "Who has a seat", "Selling"), s.sales)
	op(s, seller, describe("statement", http.MethodGet, "/api/rooms/{room}/statement", "Where the money went, to the cent", "Selling"), s.statement)
	s.describedFile(seller, describe("statement-table", http.MethodGet, "/api/rooms/{room}/statement.csv", "The same as a table", "Selling"), "text/csv", s.statementTable)
	for _, page := range []string{"/payouts", "/sales/{room}", "/alarms"} {
		s.handle("GET "+page, Access{Level: Anyone}, http.HandlerFunc(s.lobbyPage))
	}
}

func (s *Server) payouts(ctx context.Context, _ *struct{}) (*payoutsOutput, error) {
	sells, err := s.selling()
	if err != nil {
		return nil, err
	}
	account, err := sells.Payouts(ctx, viewer(ctx))
	if errors.Is(err, ticketing.ErrNoPayouts) {
		return &payoutsOutput{payouts{Status: "none", Due: []string{}}}, nil
	}
	view := payouts{Status: "incomplete", Due: append([]string{}, account.Due...)}
	if account.CanSell() {
		view.Status = "ready"
	}
	return &payoutsOutput{view}, err
}

func (s *Server) onboard(ctx context.Context, in *onboardInput) (*linkOutput, error) {
	sells, err := s.selling()
	if err != nil {
		return nil, err
	}
	back := s.PublicURL.JoinPath("payouts").String()
	out := &linkOutput{}
	out.Body.URL, err = sells.Onboard(ctx, viewer(ctx), in.Body.Country, ticketing.LinkTo{Return: back, Refresh: back + "#again"})
	return out, err
}

func (s *Server) quote(ctx context.Context, in *quoteInput) (*quoteOutput, error) {
	sells, err := s.selling()
	if err != nil {
		return nil, err
	}
	split, err := sells.Quote(ctx, viewer(ctx), in.Price, in.Currency)
	return &quoteOutput{quote{split.Gross, split.Cut(), split.Processing, split.Net(), in.Currency}}, err
}

func (s *Server) setOffer(ctx context.Context, in *newOfferInput) (*offerOutput, error) {
	sells, err := s.selling()
	if err != nil {
		return nil, err
	}
	_, err = sells.SetOffer(ctx, viewer(ctx), in.Room, ticketing.NewOffer{
		Price: in.Body.Price, Currency: in.Body.Currency, Cap: in.Body.Cap, TaxBP: in.Body.TaxBP,
		OpensAt: in.Body.OpensAt, ClosesAt: in.Body.ClosesAt, RefundHours: in.Body.RefundHours,
	})
	if err != nil {
		return nil, s.gateRefusal(ctx, err)
	}
	body, err := s.offerNow(ctx, in.Room)
	return &offerOutput{body}, err
}

func (s *Server) callSaleOff(ctx context.Context, in *roomPath) (*none, error) {
	sells, err := s.selling()
	if err != nil {
		return nil, err
	}
	return nil, sells.CancelSale(ctx, viewer(ctx), in.Room)
}

func (s *Server) giveSeat(ctx context.Context, in *giftInput) (*orderOutput, error) {
	sells, err := s.selling()
	if err != nil {
		return nil, err
	}
	id, err := uuid.Parse(in.Body.ID)
	if err != nil {
		return nil, fault.BadField("id")
	}
	to, err := s.Accounts.ByHandle(ctx, in.Body.Handle)
	if err != nil {
		return nil, err
	}
	unwelcome, err := s.Accounts.Blocks(ctx, to.ID, viewer(ctx))
	if err != nil {
		return nil, err
	}
	if unwelcome { // as if they were not there
		return nil, ticketing.ErrNoBuyer
	}
	got, err := sells.Give(ctx, viewer(ctx), in.Room, to.ID, id)
	return &orderOutput{orderView(got)}, err
}

func (s *Server) sales(ctx context.Context, in *salesInput) (*salesOutput, error) {
	counted, all, err := s.Sold.Buyers(ctx, viewer(ctx), in.Room, in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &salesOutput{}
	out.Body.Sold, out.Body.Given, out.Body.Held = counted.Sold, counted.Given, counted.Held
	out.Body.Buyers = make([]buyer, 0, len(all))
	for _, one := range all {
		view := buyer{Order: orderView(one.Order), Arrived: one.Arrived}
		if one.AccountID != nil {
			view.Account = &roomHost{ID: *one.AccountID, Handle: *one.Handle, DisplayName: *one.Name}
		}
		out.Body.Buyers = append(out.Body.Buyers, view)
	}
	out.Body.Offer, err = s.offerNow(ctx, in.Room)
	return out, err
}

// statementTable is the statement as a table for other programs.
func (s *Server) statementTable(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("room"))
	if err != nil {
		Refuse(w, r, rooms.ErrNotFound)
		return
	}
	st, err := s.Sold.Statement(r.Context(), viewer(r.Context()), id)
	var table bytes.Buffer
	if err == nil {
		err = st.WriteCSV(&table)
	}
	if err != nil {
		Refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", `attachment; filename="statement.csv"`)
	w.Write(table.Bytes())
}
