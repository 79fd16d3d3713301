package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"salon/accounts"
	"salon/rooms"
	"salon/ticketing"
)

type roomHost struct {
	ID          uuid.UUID `json:"id"`
	Handle      string    `json:"handle"`
	DisplayName string    `json:"display_name"`
}

type room struct {
	ID        uuid.UUID    `json:"id"`
	Title     string       `json:"title"`
	Topics    []string     `json:"topics"`
	Language  string       `json:"language" doc:"BCP 47"`
	Status    rooms.Status `json:"status" enum:"scheduled,live,ended,cancelled"`
	Host      roomHost     `json:"host"`
	CreatedAt time.Time    `json:"created_at"`
	StartsAt  *time.Time   `json:"starts_at,omitempty" doc:"announced"`
	StartedAt *time.Time   `json:"started_at,omitempty"`
	EndedAt   *time.Time   `json:"ended_at,omitempty"`
	Rules     rules        `json:"rules"`
	Offer     *roomOffer   `json:"offer,omitempty" doc:"what the door asks for; told where a room is asked for or listed"`
	HostAway  *time.Time   `json:"host_away_at,omitempty" doc:"since when nobody saw the host; somebody takes over a minute later, or the room ends"`
}

// roomOffer is a room's offer in short.
type roomOffer struct {
	Price    int64  `json:"price" doc:"in minor units; 0: free"`
	Currency string `json:"currency"`
	SoldOut  bool   `json:"sold_out"`
}

type rules struct {
	Entry       string `json:"entry" enum:"everyone,followers,invited"`
	WhoSpeaks   string `json:"who_speaks" enum:"everyone,followed,invited"`
	Guests      bool   `json:"guests"`
	Locked      bool   `json:"locked"`
	HandsOpen   bool   `json:"hands_open"`
	Reactions   bool   `json:"reactions"`
	Capacity    int    `json:"capacity"`
	MaxSpeakers int    `json:"max_speakers"`
	MaxCohosts  int    `json:"max_cohosts"`
	KeepWords   string `json:"keep_words" enum:"live,days,public" doc:"what was said: not kept beyond the room, kept for who was there, kept for everyone"`
	KeepDays    int    `json:"keep_days" doc:"how many days, with keep_words days"`
}

type roomWithPeople struct {
	room
	People    []person `json:"people" doc:"of a crowd, the first: stage, raised hands, listeners"`
	Listeners int      `json:"listeners" doc:"how many are there now, listed or not"`
	Guests    int      `json:"guests" doc:"how many more are there without an account"`
	Hands     int      `json:"hands" doc:"how many hands are up"`
	Me        *person  `json:"me,omitempty" doc:"you, if you have been in the room"`
}

type person struct {
	AccountID    uuid.UUID  `json:"account_id"`
	Handle       string     `json:"handle"`
	DisplayName  string     `json:"display_name"`
	Identity     string     `json:"identity" doc:"the LiveKit identity in this run"`
	Role         rooms.Role `json:"role" enum:"host,cohost,speaker,listener"`
	Muted        bool       `json:"muted" doc:"may not speak"`
	HardMuted    bool       `json:"hard_muted" doc:"and cannot lift it alone"`
	Bot          bool       `json:"bot"`
	Captioner    bool       `json:"captioner" doc:"named to write captions"`
	Present      bool       `json:"present" doc:"is there now"`
	Banned       bool       `json:"banned" doc:"told to hosts only, as all below"`
	Removed      bool       `json:"removed" doc:"may not come back yet"`
	HandRaisedAt *time.Time `json:"hand_raised_at,omitempty" doc:"told to the person, too"`
	Question     *string    `json:"question,omitempty" doc:"what the hand would ask; told to the person, too"`
	InvitedAt    *time.Time `json:"invited_at,omitempty" doc:"told to the person, too"`
	JoinedAt     *time.Time `json:"joined_at,omitempty"`
}

type roomPath struct {
	Room uuid.UUID `path:"room" format:"uuid"`
}

type newRoomInput struct {
	Body struct {
		Title    string      `json:"title" minLength:"1" maxLength:"120"`
		Topics   []string    `json:"topics,omitempty" maxItems:"3" minLength:"1" maxLength:"30"`
		Language string      `json:"language" minLength:"2" maxLength:"35" doc:"BCP 47, such as en or fr-CA"`
		Start    bool        `json:"start,omitempty" doc:"go live at once"`
		StartsAt *time.Time  `json:"starts_at,omitempty" doc:"announce this time"`
		Cohosts  []string    `json:"cohosts,omitempty" maxItems:"10" minLength:"2" maxLength:"31" doc:"handles"`
		Rules    rulesChange `json:"rules,omitempty" doc:"where they differ from the usual"`
	}
}

type rescheduleInput struct {
	Room uuid.UUID `path:"room" format:"uuid"`
	Body struct {
		StartsAt *time.Time `json:"starts_at" nullable:"true" doc:"null takes the time back, which is refused once tickets were sold for money"`
	}
}

type roomOutput struct{ Body room }

type roomPeopleOutput struct{ Body roomWithPeople }

type roomsOutput struct {
	Body struct {
		Rooms []room `json:"rooms"`
	}
}

func (s *Server) roomRoutes() {
	host := Access{Level: SignedIn, Scope: accounts.ScopeRooms}
	op(s, Access{Level: Anyone}, describe("list-rooms", http.MethodGet, "/api/rooms", "Live and coming rooms", "Rooms"), s.listRooms)
	op(s, host, created("create-room", "/api/rooms", "Host a room", "Rooms"), s.createRoom)
	op(s, Access{Level: Anyone}, describe("room", http.MethodGet, "/api/rooms/{room}", "A room and the people in it", "Rooms"), s.room)
	op(s, host, describe("start-room", http.MethodPost, "/api/rooms/{room}/start", "Go live", "Rooms"), s.toRoom(s.Rooms.Start))
	op(s, host, describe("reschedule-room", http.MethodPatch, "/api/rooms/{room}", "Announce another time", "Rooms"), s.rescheduleRoom)
	op(s, host, describe("cancel-room", http.MethodPost, "/api/rooms/{room}/cancel", "Call the room off", "Rooms"), s.toRoom(s.Rooms.Cancel))
	op(s, Access{Level: SignedIn, Scope: accounts.ScopeRead}, describe("you-in-room", http.MethodGet, "/api/rooms/{room}/me", "What you are and may do in a room; for hosts the queue", "Stage"), s.youInRoom)
	op(s, host, describe("end-room", http.MethodPost, "/api/rooms/{room}/end", "End the room for everyone", "Rooms"), s.toRoom(s.Rooms.End))
}

func (s *Server) listRooms(ctx context.Context, _ *struct{}) (*roomsOutput, error) {
	all, err := s.Rooms.Open(ctx)
	out := &roomsOutput{}
	if err != nil {
		return nil, err
	}
	out.Body.Rooms = make([]room, 0, len(all))
	for _, one := range all {
		out.Body.Rooms = append(out.Body.Rooms, roomView(one))
	}
	return out, s.priced(ctx, out.Body.Rooms)
}

// priced notes on rooms what they sell.
func (s *Server) priced(ctx context.Context, all []room) error {
	ids := make([]uuid.UUID, len(all))
	for i, one := range all {
		ids[i] = one.ID
	}
	sales, err := s.Sold.Sales(ctx, ids)
	for _, sale := range sales {
		i := slices.Index(ids, *sale.RoomID)
		all[i].Offer = &roomOffer{sale.Price, sale.Currency, sale.Standing == ticketing.SaleSoldOut}
	}
	return err
}

func (s *Server) createRoom(ctx context.Context, in *newRoomInput) (*roomOutput, error) {
	cohosts, err := s.byHandles(ctx, in.Body.Cohosts)
	if err != nil {
		return nil, err
	}
	made, err := s.Rooms.Create(ctx, viewer(ctx), rooms.NewRoom{
		Start: in.Body.Start, Title: in.Body.Title, Topics: in.Body.Topics, Language: in.Body.Language, StartsAt: in.Body.StartsAt,
		Cohosts: cohosts, Rules: in.Body.Rules.change(),
	})
	if err != nil {
		return nil, s.gateRefusal(ctx, err)
	}
	return &roomOutput{roomView(made)}, nil
}

func (s *Server) room(ctx context.Context, in *roomPath) (*roomPeopleOutput, error) {
	one, err := s.Rooms.Room(ctx, in.Room)
	if err != nil {
		return nil, err
	}
	people, err := s.Rooms.People(ctx, in.Room)
	if err != nil {
		return nil, err
	}
	crowd, err := s.Rooms.Crowd(ctx, in.Room)
	if err != nil {
		return nil, err
	}
	mine, err := s.Rooms.You(ctx, in.Room, viewer(ctx))
	if err != nil {
		return nil, err
	}
	out := &roomPeopleOutput{peopleView(one, people, crowd, viewer(ctx), slices.Contains(mine.May, rooms.ReadQueue))}
	priced := []room{out.Body.room}
	err = s.priced(ctx, priced)
	out.Body.room = priced[0]
	if mine.Person != nil {
		own := personView(*mine.Person, true)
		out.Body.Me = &own
	}
	return out, err
}

// byHandles are the accounts with these handles.
func (s *Server) byHandles(ctx context.Context, handles []string) (ids []uuid.UUID, err error) {
	for _, handle := range handles {
		account, err := s.Accounts.ByHandle(ctx, handle)
		if err != nil {
			return nil, err
		}
		ids = append(ids, account.ID)
	}
	return ids, nil
}

func (s *Server) rescheduleRoom(ctx context.Context, in *rescheduleInput) (*roomOutput, error) {
	one, err := s.Rooms.Reschedule(ctx, viewer(ctx), in.Room, in.Body.StartsAt)
	return &roomOutput{roomView(one)}, err
}

// toRoom is an operation that the caller does to the room in the path.
func (s *Server) toRoom(do func(ctx context.Context, caller, room uuid.UUID) (rooms.Room, error)) func(context.Context, *roomPath) (*roomOutput, error) {
	return func(ctx context.Context, in *roomPath) (*roomOutput, error) {
		one, err := do(ctx, viewer(ctx), in.Room)
		return &roomOutput{roomView(one)}, err
	}
}

func roomView(r rooms.Room) room {
	return room{
		ID: r.ID, Title: r.Title, Topics: r.Topics, Language: r.Language, Status: r.Status(),
		Host:      roomHost{ID: r.HostID, Handle: r.Handle, DisplayName: r.HostName},
		CreatedAt: r.CreatedAt, StartsAt: r.StartsAt, StartedAt: r.StartedAt, EndedAt: r.EndedAt,
		Rules: rules(r.Rules), HostAway: r.HostAwayAt,
	}
}

// peopleView shows a room to one viewer: hands, invitations and bans are for
// those who moderate to see, and each person's own. Who listens in a room that
// is not open to all is for those who are in it.
func peopleView(r rooms.Room, people []rooms.Person, crowd rooms.Crowd, viewer uuid.UUID, moderates bool) roomWithPeople {
	view := roomWithPeople{room: roomView(r), People: make([]person, 0, len(people)), Listeners: crowd.Listeners, Guests: crowd.Guests, Hands: crowd.Hands}
	closed := r.Locked || r.Entry != "everyone"
	inside := slices.ContainsFunc(people, func(p rooms.Person) bool {
		return p.AccountID == viewer && p.JoinedAt != nil && p.BannedAt == nil && !p.Removed
	})
	if !moderates {
		// The order must not tell whose hands are up, nor the list who is away.
		people = slices.DeleteFunc(slices.Clone(people), func(p rooms.Person) bool {
			return p.Role == rooms.Listener && p.AccountID != viewer && (!p.Present || closed && !inside)
		})
		slices.SortStableFunc(people, func(a, b rooms.Person) int {
			if a.Role != rooms.Listener || b.Role != rooms.Listener || a.JoinedAt == nil || b.JoinedAt == nil {
				return 0
			}
			return a.JoinedAt.Compare(*b.JoinedAt)
		})
	}
	for _, p := range people {
		if moderates || p.BannedAt == nil && !p.Removed && (p.Role != rooms.Listener || p.JoinedAt != nil) {
			view.People = append(view.People, personView(p, moderates || p.AccountID == viewer))
		}
	}
	return view
}

func personView(p rooms.Person, whole bool) person {
	one := person{
		AccountID: p.AccountID, Handle: p.Handle, DisplayName: p.DisplayName, Identity: p.Identity,
		Role: p.Role, Muted: p.Muted, HardMuted: p.HardMuted, Bot: p.Bot, Captioner: p.Captioner, Present: p.Present, JoinedAt: p.JoinedAt,
	}
	if whole {
		one.Banned, one.Removed, one.HandRaisedAt, one.Question, one.InvitedAt = p.BannedAt != nil, p.Removed, p.HandRaisedAt, p.HandQuestion, p.InvitedAt
	}
	return one
}
