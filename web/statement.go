package web

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"salon/ticketing"
)

// sums are where money went, in minor units:
// gross - refunded - cut - processing + absorbed = net.
type sums struct {
	Gross      int64 `json:"gross" doc:"paid by buyers"`
	Refunded   int64 `json:"refunded" doc:"and given back to them"`
	Cut        int64 `json:"cut" doc:"of the server, less what it gave back"`
	Processing int64 `json:"processing" doc:"of the payments, borne by the host"`
	Absorbed   int64 `json:"absorbed" doc:"given back to buyers by the server alone"`
	Net        int64 `json:"net" doc:"paid to the host"`
}

type tierCut struct {
	Tier int   `json:"tier" doc:"0: the fixed part and what the minimum added"`
	Cut  int64 `json:"cut"`
}

type statementLine struct {
	sums
	Order  uuid.UUID       `json:"order"`
	State  ticketing.State `json:"state" enum:"paid,refunding,refunded,disputed"`
	PaidAt time.Time       `json:"paid_at"`
	Tax    int64           `json:"tax"`
}

type statement struct {
	sums
	RoomID   uuid.UUID       `json:"room_id"`
	Currency string          `json:"currency"`
	Tax      int64           `json:"tax" doc:"inside what was paid and not refunded in full"`
	Tiers    []tierCut       `json:"tiers"`
	Lines    []statementLine `json:"lines" doc:"order by order; the sums are theirs"`
}

type statementOutput struct{ Body statement }

func (s *Server) statement(ctx context.Context, in *roomPath) (*statementOutput, error) {
	st, err := s.Sold.Statement(ctx, viewer(ctx), in.Room)
	if err != nil {
		return nil, err
	}
	view := statement{sums: sums(st.Sums), RoomID: st.RoomID, Currency: st.Currency, Tax: st.Tax, Tiers: []tierCut{}, Lines: make([]statementLine, 0, len(st.Lines))}
	for _, tier := range st.Tiers {
		view.Tiers = append(view.Tiers, tierCut(tier))
	}
	for _, line := range st.Lines {
		view.Lines = append(view.Lines, statementLine{sums(line.Sums), line.Order, line.State, line.PaidAt, line.Tax})
	}
	return &statementOutput{view}, nil
}

type alarm struct {
	ID        uuid.UUID  `json:"id"`
	Kind      string     `json:"kind" enum:"unmatched,mismatch,refund-failed,refund-refused,outside-refund,dispute,absorbed,not-started"`
	Subject   string     `json:"subject" doc:"what it is about: an order, a refund, a session or a room"`
	OrderID   *uuid.UUID `json:"order_id,omitempty"`
	Detail    string     `json:"detail"`
	CreatedAt time.Time  `json:"created_at"`
}

type alarmsOutput struct {
	Body struct {
		Alarms []alarm `json:"alarms" doc:"which nobody has looked at, oldest first"`
	}
}

type closeAlarmInput struct {
	Alarm uuid.UUID `path:"alarm" format:"uuid"`
	Body  struct {
		Note string `json:"note" minLength:"1" maxLength:"500" doc:"what was done about it"`
	}
}

// alarmRoutes are for admins: what of the server's sales a person must look at.
func (s *Server) alarmRoutes() {
	op(s, Access{Level: Admin}, describe("alarms", http.MethodGet, "/api/sales/alarms", "What of the sales a person must look at", "Selling"), s.alarms)
	op(s, Access{Level: Admin}, describe("close-alarm", http.MethodPost, "/api/sales/alarms/{alarm}/close", "Note that you have seen to it", "Selling"), s.closeAlarm)
}

func (s *Server) alarms(ctx context.Context, _ *struct{}) (*alarmsOutput, error) {
	all, err := s.Sold.Alarms(ctx)
	out := &alarmsOutput{}
	out.Body.Alarms = make([]alarm, 0, len(all))
	for _, a := range all {
		out.Body.Alarms = append(out.Body.Alarms, alarm{a.ID, string(a.Kind), a.Subject, a.OrderID, a.Detail, a.CreatedAt})
	}
	return out, err
}

func (s *Server) closeAlarm(ctx context.Context, in *closeAlarmInput) (*none, error) {
	sells, err := s.selling()
	if err != nil {
		return nil, err
	}
	return nil, sells.CloseAlarm(ctx, viewer(ctx), in.Alarm, in.Body.Note)
}
