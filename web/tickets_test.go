package web

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"salon/internal/postgres/postgrestest"
	"salon/rooms"
	"salon/ticketing"
)

// counter stands for Stripe where a test is not about it: everybody can be
// paid, and nobody ever pays.
type counter struct{ ticketing.Payments }

func (counter) CreateAccount(context.Context, string, ticketing.NewAccount) (string, error) {
	return "acct_" + uuid.NewString(), nil
}

func (counter) AccountLink(context.Context, string, ticketing.LinkTo) (string, error) {
	return "https://stripe.example/onboard", nil
}

func (counter) Account(_ context.Context, id string) (ticketing.Account, error) {
	return ticketing.Account{ID: id, ChargesEnabled: true, Transfers: true, PayoutsEnabled: true}, nil
}

func (counter) CreateSession(_ context.Context, _ string, c ticketing.Checkout) (ticketing.Session, error) {
	return ticketing.Session{ID: "cs_" + c.Order.String(), URL: "https://stripe.example/pay#" + c.SuccessURL + "#" + c.CancelURL, Status: ticketing.SessionOpen,
		Order: c.Order, Offer: c.Offer, Buyer: c.Buyer, Amount: c.Amount, Currency: c.Currency}, nil
}

func (counter) Session(_ context.Context, id string) (ticketing.Session, error) {
	order, err := uuid.Parse(strings.TrimPrefix(id, "cs_"))
	return ticketing.Session{ID: id, Status: ticketing.SessionOpen, Order: order}, err
}

type noErrands struct{}

func (noErrands) InsertTx(context.Context, pgx.Tx, river.JobArgs) error { return nil }

func newSales(t testing.TB, pool *pgxpool.Pool) *ticketing.Service {
	return ticketing.NewService(ticketing.NewStore(pool), postgrestest.Indexed(t, pool), ticketing.DefaultSettings(), counter{}, rooms.NewStore(pool), noErrands{}, slog.New(slog.DiscardHandler))
}

// sale gives the listener a ticket for the room, for which another seat is held
// by nobody yet, and raises an alarm.
func (w *world) sale(room uuid.UUID) (order, ticket, alarm string) {
	w.t.Helper()
	_, err := w.Tickets.SetOffer(w.ctx, w.actors[host].id, room, ticketing.NewOffer{Currency: "usd", Cap: 9, RefundHours: new(int)})
	if err != nil {
		w.t.Fatal(err)
	}
	got, err := w.Tickets.Give(w.ctx, w.actors[host].id, room, w.actors[listener].id, uuid.Must(uuid.NewV7()))
	if err != nil {
		w.t.Fatal(err)
	}
	mine, err := w.Sold.MyOrder(w.ctx, w.actors[listener].id, got.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	raised := uuid.Must(uuid.NewV7())
	if _, err := w.pool.Exec(w.ctx, `insert into alarms (id, kind, subject, detail) values ($1, 'unmatched', $2, 'x')`, raised, raised.String()); err != nil {
		w.t.Fatal(err)
	}
	return got.ID.String(), mine.TicketID.String(), raised.String()
}

// box is a room with a host who sells its seats.
type box struct {
	*edge
	host as
	room rooms.Room
}

func newBox(t *testing.T, change ...func(*Config)) *box {
	b := setup(t, change...)
	x := &box{edge: b, host: b.hosting("host")}
	room, err := b.Rooms.Create(b.ctx, x.host.id, rooms.NewRoom{Title: "Evening", Language: "en", StartsAt: new(time.Now().Add(48 * time.Hour))})
	if err != nil {
		t.Fatal(err)
	}
	x.room = room
	return x
}

func (x *box) at(path string) string { return "/api/rooms/" + x.room.ID.String() + path }

// sells offers the seats and returns the offer's id.
func (x *box) sells(body string) string {
	x.t.Helper()
	if got := x.host.do("POST", "/api/me/payouts", `{}`); got.status != 200 || got.json(x.t)["url"] != "https://stripe.example/onboard" {
		x.t.Fatalf("onboard: %d %s", got.status, got.body)
	}
	got := x.host.do("PUT", x.at("/offer"), body)
	if got.status != 200 {
		x.t.Fatalf("offer: %d %s", got.status, got.body)
	}
	return got.json(x.t)["id"].(string)
}

// What is sold, and what it costs with everything in it, is told before anybody
// signs in.
func TestAnOfferIsToldToEveryone(t *testing.T) {
	x := newBox(t, withApp)
	x.nobody().do("GET", x.at("/offer"), "").problem(t, "before", 404, "no-offer")
	x.host.do("PUT", x.at("/offer"), `{"price":500,"currency":"usd","cap":2}`).problem(t, "without an account at Stripe", 409, "payouts-not-ready")
	x.sells(`{"price":1200,"currency":"eur","cap":2,"tax_bp":2000,"refund_hours":24}`)
	told := x.nobody().do("GET", x.at("/offer"), "").json(t)
	for name, want := range map[string]any{"price": 1200.0, "currency": "eur", "tax": 200.0, "left": 2.0, "refund_hours": 24.0, "state": "open", "language": "en", "captions": false, "mine": nil} {
		if told[name] != want {
			t.Errorf("%s is %v, want %v", name, told[name], want)
		}
	}
	listed := x.nobody().do("GET", "/api/rooms", "").json(t)["rooms"].([]any)[0].(map[string]any)["offer"].(map[string]any)
	if listed["price"] != 1200.0 || listed["sold_out"] != false {
		t.Errorf("listed as %v", listed)
	}
	if page := x.nobody().with("Accept-Language", "fr").do("GET", "/r/"+x.room.ID.String(), ""); !strings.Contains(page.body, "<p>Billet : 12.00 EUR</p>") {
		t.Errorf("the page before scripts: %s", page.body)
	}
	if quote := x.host.do("GET", "/api/me/quote?price=1200&currency=eur", "").json(t); quote["gross"] != 1200.0 || quote["gross"].(float64)-quote["cut"].(float64)-quote["processing"].(float64) != quote["net"] {
		t.Errorf("quoted %v", quote)
	}
}

// A seat is held, asked for twice, paid for at one address, and given up.
func TestHoldingASeat(t *testing.T) {
	x := newBox(t)
	offer := x.sells(`{"price":500,"currency":"usd","cap":1}`)
	ada, ben, order := x.person("ada", 0), x.person("ben", 0), "/api/orders/"+uuid.NewString()
	for range 2 {
		if got := ada.do("PUT", order, `{"offer":"`+offer+`"}`); got.status != 200 || got.json(t)["state"] != "held" {
			t.Fatalf("hold: %d %s", got.status, got.body)
		}
	}
	ben.do("PUT", order, `{"offer":"`+offer+`"}`).problem(t, "another's id", 409, "order-id-taken")
	ben.do("PUT", "/api/orders/"+uuid.NewString(), `{"offer":"`+offer+`"}`).problem(t, "the last seat is held", 409, "sold-out")
	ben.do("GET", order, "").problem(t, "another's order", 404, "order-not-found")
	first := ada.do("POST", order+"/checkout", "").json(t)
	if first["url"] != ada.do("POST", order+"/checkout", "").json(t)["url"] || !strings.Contains(first["url"].(string), "#http://salon.example/tickets/") {
		t.Errorf("paid at %v", first["url"])
	}
	if seat := ada.do("GET", x.at("/offer"), "").json(t)["mine"].(map[string]any); seat["state"] != "paying" {
		t.Errorf("ada has %v", seat)
	}
	if longer := ada.do("POST", order+"/extend", "").json(t); longer["extended"] != true {
		t.Errorf("extended: %v", longer)
	}
	ada.do("POST", order+"/extend", "").problem(t, "again", 409, "hold-extended")
}

// Who would not be let in pays nothing, and nobody is given a seat by whom they
// block.
func TestBlockedPeopleAreSoldNothing(t *testing.T) {
	x := newBox(t)
	offer := x.sells(`{"price":500,"currency":"usd","cap":2}`)
	ada, order := x.person("ada", 0), "/api/orders/"+uuid.NewString()
	ada.do("PUT", order, `{"offer":"`+offer+`"}`).got(t, "hold", 200)
	x.host.do("PUT", "/api/accounts/ada/block", "")
	ada.do("POST", order+"/checkout", "").problem(t, "who is blocked", 403, "blocked")
	x.host.do("DELETE", "/api/accounts/ada/block", "")
	ada.do("POST", order+"/checkout", "").got(t, "who is not any more", 200)

	gift := func() answer {
		return x.host.do("POST", x.at("/gifts"), `{"id":"`+uuid.NewString()+`","handle":"ben"}`)
	}
	ben := x.person("ben", 0)
	ben.do("PUT", "/api/accounts/host/block", "")
	gift().problem(t, "a gift to who blocks the host", 404, "buyer-not-found")
	ben.do("DELETE", "/api/accounts/host/block", "")
	gift().got(t, "a gift", 201)
}

// Stripe takes so many calls of everybody together: one person makes us call it a
// little, and does without end only what costs nobody anything.
func TestOnePersonAsksStripeALittle(t *testing.T) {
	x := newBox(t)
	offer := x.sells(`{"price":500,"currency":"usd","cap":2}`)
	order := func(who as) string {
		path := "/api/orders/" + uuid.NewString()
		who.do("PUT", path, `{"offer":"`+offer+`"}`).got(t, "hold", 200)
		who.do("POST", path+"/checkout", "").got(t, "checkout", 200)
		return path
	}
	ada, ben := x.person("ada", 0), x.person("ben", 0)
	mine, others := order(ada), order(ben)
	refused := 0
	for range 3 * stripeAsksBurst {
		if got := ada.do("POST", mine+"/check", ""); got.status == 429 {
			got.problem(t, "too often", 429, "too-many-requests")
			refused++
		}
	}
	if refused < stripeAsksBurst {
		t.Errorf("%d of %d were refused", refused, 3*stripeAsksBurst)
	}
	ada.do("GET", mine, "").got(t, "what our rows know", 200)
	ben.do("POST", others+"/check", "").got(t, "another person", 200)
}

// M25: whatever a client adds to an order, the price, the currency, the room,
// how many, whose it is and where Stripe sends people are the server's.
func TestM25ClientsDecideNothingAboutMoney(t *testing.T) {
	x := newBox(t)
	offer := x.sells(`{"price":500,"currency":"usd","cap":9}`)
	ada := x.person("ada", 0)
	tried, accepted := 0, 0
	attempt := func(method, path, body string) {
		tried++
		if got := ada.do(method, path, body); got.status < 400 {
			accepted++
			t.Errorf("%s %s: %d %s", body, path, got.status, got.body)
		}
	}
	for _, more := range []string{`"price":1`, `"currency":"jpy"`, `"quantity":2`, `"room_id":"` + uuid.NewString() + `"`, `"account_id":"` + x.host.id.String() + `"`,
		`"complimentary":true`, `"state":"paid"`, `"expires_at":"2099-01-01T00:00:00Z"`, `"address":"::1"`} {
		attempt("PUT", "/api/orders/"+uuid.NewString(), `{"offer":"`+offer+`",`+more+`}`)
	}
	for _, wrong := range []string{uuid.NewString(), uuid.Nil.String(), "x", offer + offer} {
		attempt("PUT", "/api/orders/"+uuid.NewString(), `{"offer":"`+wrong+`"}`)
	}
	order := "/api/orders/" + uuid.NewString()
	if got := ada.do("PUT", order, `{"offer":"`+offer+`"}`); got.status != 200 {
		t.Fatalf("hold: %d %s", got.status, got.body)
	}
	for _, way := range []string{"?price=1", "?success_url=https://evil.example", "?currency=jpy&quantity=9"} {
		tried++
		url := ada.do("POST", order+"/checkout"+way, `{"price":1,"success_url":"https://evil.example"}`).json(t)["url"].(string)
		if url != "https://stripe.example/pay#http://salon.example"+strings.Replace(order, "/api/orders", "/tickets", 1)+"#http://salon.example/r/"+x.room.ID.String() {
			accepted++
			t.Errorf("paid at %s", url)
		}
	}
	// Coming back with whatever session, another's order or before paying makes no ticket.
	for _, back := range []string{order + "/check?session_id=cs_live_another", order + "/check"} {
		tried++
		if got := ada.do("POST", back, `{"session_id":"cs_another","state":"paid"}`); got.status == 200 && got.json(t)["ticket_id"] != nil {
			accepted++
			t.Errorf("%s: %s", back, got.body)
		}
	}
	attempt("POST", "/api/orders/"+uuid.NewString()+"/check", "")
	var price, other int
	err := x.pool.QueryRow(x.ctx, `select min(price), count(*) filter (where price <> 500 or currency <> 'usd' or complimentary or state = 'paid' or account_id <> $1) from orders`, ada.id).Scan(&price, &other)
	if err != nil || price != 500 || other != 0 {
		t.Errorf("price %d, %d others: %v", price, other, err)
	}
	t.Logf("figure money.m25_tried %d", tried)
	t.Logf("figure money.m25_accepted %d", accepted)
}

// A ticket that costs nothing is there at once, can be carried to another
// device and a calendar, and given back.
func TestAFreeTicket(t *testing.T) {
	x := newBox(t)
	offer := x.sells(`{"price":0,"currency":"usd","cap":2,"refund_hours":1}`)
	ada, order := x.person("ada", 0), "/api/orders/"+uuid.NewString()
	ada.do("PUT", order, `{"offer":"`+offer+`"}`)
	if got := ada.do("POST", order+"/checkout", "").json(t); got["url"] != nil || got["order"].(map[string]any)["state"] != "paid" {
		t.Fatalf("paid: %v", got)
	}
	mine := ada.do("GET", "/api/me/tickets", "").json(t)["tickets"].([]any)[0].(map[string]any)
	if mine["refundable"] != true || mine["used"] != false || mine["room"].(map[string]any)["title"] != "Evening" {
		t.Errorf("mine: %v", mine)
	}
	files := "/api/me/tickets/" + mine["ticket_id"].(string)
	if code := ada.do("GET", files+"/code.svg", ""); code.status != 200 || !strings.Contains(code.body, "<path d=\"M4 4h1v1h-1z") {
		t.Errorf("code: %d %.200s", code.status, code.body)
	}
	if entry := ada.do("GET", files+"/calendar.ics", ""); entry.status != 200 || !strings.Contains(strings.ReplaceAll(entry.body, "\r\n ", ""), "/tickets/") {
		t.Errorf("calendar: %d %s", entry.status, entry.body)
	}
	sales := x.host.do("GET", x.at("/sales"), "").json(t)
	if sales["sold"] != 1.0 || len(sales["buyers"].([]any)) != 1 {
		t.Errorf("sales: %v", sales)
	}
	if got := ada.do("POST", order+"/refund", ""); got.json(t)["state"] != "cancelled" {
		t.Errorf("given back: %s", got.body)
	}
	ada.do("GET", files+"/code.svg", "").problem(t, "of what was given back", http.StatusNotFound, "order-not-found")
}

// A host reads who has a seat page by page.
func TestBuyersPageByPage(t *testing.T) {
	x := newBox(t)
	x.sells(`{"price":500,"currency":"usd","cap":3}`)
	for _, handle := range []string{"ada", "ben", "cem"} {
		x.person(handle, 0)
		x.host.do("POST", x.at("/gifts"), `{"id":"`+uuid.NewString()+`","handle":"`+handle+`"}`).got(t, "a gift", 201)
	}
	page := func(query string) (handles string, last string) {
		sales := x.host.do("GET", x.at("/sales")+query, "").json(t)
		if sales["sold"] != 3.0 {
			t.Errorf("%s: %v sold", query, sales["sold"])
		}
		for _, one := range sales["buyers"].([]any) {
			buyer := one.(map[string]any)
			handles += buyer["account"].(map[string]any)["handle"].(string) + " "
			last = buyer["order"].(map[string]any)["id"].(string)
		}
		return handles, last
	}
	first, last := page("?limit=2")
	rest, end := page("?limit=2&before=" + last)
	after, _ := page("?before=" + end)
	if whole, _ := page(""); first != "cem ben " || rest != "ada " || after != "" || whole != first+rest {
		t.Errorf("pages: %q, %q, %q; all: %q", first, rest, after, whole)
	}
	x.host.do("GET", x.at("/sales?limit=501"), "").got(t, "too many at once", 422)
}

// What was announced to whoever paid can be moved, and is not taken away.
func TestATimeThatWasSoldStays(t *testing.T) {
	x := newBox(t)
	x.Rooms.AskForTickets(x.Tickets)
	offer := x.sells(`{"price":500,"currency":"usd","cap":3,"refund_hours":24}`)
	untimed := `{"starts_at":null}`
	order := "/api/orders/" + uuid.NewString()
	ada := x.person("ada", 0)
	ada.do("PUT", order, `{"offer":"`+offer+`"}`).got(t, "a seat", 200)
	ada.do("POST", order+"/checkout", "").got(t, "a checkout", 200)
	x.host.do("PATCH", x.at(""), untimed).problem(t, "what is being paid", 409, "time-sold")
	later := time.Now().Add(72 * time.Hour).UTC().Format(time.RFC3339)
	x.host.do("PATCH", x.at(""), `{"starts_at":"`+later+`"}`).got(t, "another time", 200)
}

// A server that sells nothing says so, and still shows what was sold.
func TestAServerWithoutSales(t *testing.T) {
	x := newBox(t, func(c *Config) { c.Tickets = nil })
	x.host.do("PUT", x.at("/offer"), `{"price":0,"currency":"usd","cap":2}`).problem(t, "offer", 404, "tickets-off")
	if got := x.nobody().do("GET", "/api/tickets/terms", "").json(t); got["mode"] != "off" {
		t.Errorf("terms: %v", got)
	}
	if got := x.host.do("GET", "/api/me/tickets", ""); got.status != 200 {
		t.Errorf("tickets: %d", got.status)
	}
}
