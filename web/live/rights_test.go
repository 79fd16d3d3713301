package live

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"salon/internal/fault"
)

// Kinds as the rooms have them; not defined, so that they stay out of the list.
var (
	banned    = &fault.Kind{Slug: "banned", Class: fault.Forbidden}
	signedOut = &fault.Kind{Slug: "signed-out", Class: fault.Unauthenticated}
	ended     = &fault.Kind{Slug: "room-ended", Class: fault.Gone}
)

func TestARightThatIsLostClosesW2(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		why    error
		notice func(s *stand, who, credential uuid.UUID) string
		code   int
		reason string
	}{
		"banned":        {banned, func(s *stand, who, _ uuid.UUID) string { return "seat " + s.room.String() + " " + who.String() }, codeRefused, "banned"},
		"guest removed": {banned, func(s *stand, who, _ uuid.UUID) string { return "guest " + s.room.String() + " " + who.String() }, codeRefused, "banned"},
		"suspended":     {banned, func(_ *stand, who, _ uuid.UUID) string { return "account " + who.String() }, codeRefused, "banned"},
		"room closed":   {banned, func(s *stand, _, _ uuid.UUID) string { return "room " + s.room.String() }, codeRefused, "banned"},
		"signed out":    {nil, func(_ *stand, _, credential uuid.UUID) string { return "credential " + credential.String() }, codeSignedOut, "signed-out"},
		"token expired": {signedOut, func(_ *stand, who, _ uuid.UUID) string { return "account " + who.String() }, codeSignedOut, "signed-out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, newMemory(), Limits{})
			credential := uuid.New()
			one := s.visit(url.Values{"credential": {credential.String()}})
			other := s.visit(nil)
			s.source.write(s.room, 3, 10)
			one.reach(3)
			if c.why != nil {
				s.source.refuse(one.who, c.why)
			}
			s.source.tell(c.notice(s, one.who, credential))
			if name != "room closed" { // nobody is held for what concerns all
				s.source.write(s.room, 5, 10)
				other.reach(8)
			}
			closed := one.end()
			if closed.Code != c.code || closed.Text != c.reason {
				t.Errorf("closed with %v", closed)
			}
			if one.log.last != 3 || one.log.faults() > 0 {
				t.Errorf("read on to %d", one.log.last)
			}
			s.source.write(s.room, 1, 10)
			other.reach(int64(len(s.source.entries)))
		})
	}
}

func TestAnEndedRoomDeliversItsLogFirst(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{})
	readers := []*reader{s.visit(nil), s.visit(nil), s.visit(nil)}
	for _, r := range readers {
		r.until("you")
		s.source.refuse(r.who, ended)
	}
	s.source.mu.Lock()
	hubs := s.source.hubs
	s.source.hubs = nil // nobody is told of the entries
	s.source.mu.Unlock()
	s.source.write(s.room, 700, 300)
	s.source.mu.Lock()
	s.source.hubs = hubs
	s.source.mu.Unlock()
	s.source.tell("room " + s.room.String())
	for _, r := range readers {
		if closed := r.end(); closed.Code != codeOver || closed.Text != "room-ended" || r.log.last != 700 || r.log.faults() > 0 {
			t.Errorf("%v after %d, %d faults", closed, r.log.last, r.log.faults())
		}
	}
}

func TestWhoMayNotEnterIsRefusedBeforeTheUpgrade(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{})
	who := uuid.New()
	s.source.refuse(who, ended)
	_, answer, err := websocket.DefaultDialer.Dial(s.url(url.Values{"who": {who.String()}}), nil)
	if err == nil || answer.StatusCode != http.StatusGone {
		t.Errorf("%v %v", answer, err)
	}
	if n := s.hub.Count(s.room); n != 0 {
		t.Errorf("%d connections", n)
	}
}

// A notice about a person brings them their view; about anyone, the moderators.
func TestEveryoneSeesTheirOwn(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{})
	moderator := uuid.New()
	s.source.mods[moderator] = true
	a, b := s.visit(url.Values{"who": {moderator.String()}}), s.visit(nil)
	for _, r := range []*reader{a, b} {
		r.until("you")
	}
	s.source.mu.Lock()
	s.source.state = `{"n":1}`
	s.source.mu.Unlock()
	s.source.tell("seat " + s.room.String() + " " + b.who.String())
	for _, r := range []*reader{a, b} {
		if you := string(r.until("you").You); you != `{"who":"`+r.who.String()+`","state":{"n":1}}` {
			t.Error(you)
		}
	}
	if s.hub.Count(s.room) != 2 || s.hub.Connections() != 2 {
		t.Errorf("%d in the room, %d in all", s.hub.Count(s.room), s.hub.Connections())
	}
	if seen := <-s.source.seen; len(seen) != 2 {
		t.Errorf("seen %v", seen)
	}
}

// Lost notices are made up for: rights, state and log are read anew.
func TestMissedNoticesAreMadeUpFor(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{})
	a, b := s.visit(nil), s.visit(nil)
	b.until("you")
	a.until("you")
	a.until("state")
	s.source.mu.Lock()
	s.source.hubs, s.source.state = nil, `{"n":2}`
	s.source.mu.Unlock()
	s.source.write(s.room, 4, 10)
	s.source.refuse(b.who, banned)
	s.hub.Missed()
	if closed := b.end(); closed.Code != codeRefused {
		t.Error(closed)
	}
	for seen := ""; seen != `{"n":2}` || a.log.last < 4; { // in either order
		m, closed := a.next()
		if closed != nil {
			t.Fatal(closed)
		}
		if m.Type == "state" {
			seen = string(m.State)
		}
	}
}
