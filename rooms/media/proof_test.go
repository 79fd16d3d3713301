package media

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"salon/rooms"
)

// R6: whatever becomes of the media server's events, what it allows follows
// from the rows. Each event is lost, told twice, or told after all others.
func TestR6EventsAreOnlyHints(t *testing.T) {
	for name, deliver := range map[string]func([]*http.Request) []*http.Request{
		"lost":     func([]*http.Request) []*http.Request { return nil },
		"doubled":  func(all []*http.Request) []*http.Request { return append(all, all...) },
		"reversed": func(all []*http.Request) []*http.Request { return reversed(all) },
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			held := b.hold()
			room, host := b.live()
			speaker, late := b.speaker(room, host), b.speaker(room, host)
			for _, s := range []seat{host, speaker, late} {
				if j := b.dial(b.gate, s.token, ""); !j.ok {
					t.Fatalf("%+v", j)
				}
			}
			// Past the rows, so that only an event or a sweep can know of it.
			if _, err := b.pool.Exec(b.ctx, `update participants set role = 'listener' where identity = $1`, late.identity); err != nil {
				t.Fatal(err)
			}
			for _, r := range deliver(held.take()) {
				b.Webhook(refuseForTest).ServeHTTP(httptest.NewRecorder(), r)
			}
			if err := b.Sweep(b.ctx); err != nil {
				t.Fatal(err)
			}
			if n := b.equal(room); n != 3 {
				t.Errorf("%d of 3 are connected", n)
			}
			people, err := b.service.People(b.ctx, room.ID)
			if err != nil || len(people) != 3 {
				t.Errorf("%d people in the rows, %v", len(people), err)
			}
		})
	}
}

// held keeps the events of one test until they are asked for.
type held struct {
	mu  sync.Mutex
	all []*http.Request
}

// hold takes the events that would have gone to the control.
func (b *bundle) hold() *held {
	h := &held{}
	listeners.Store(b.Control, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		again := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		again.Header = r.Header.Clone()
		h.mu.Lock()
		defer h.mu.Unlock()
		h.all = append(h.all, again)
	}))
	return h
}

func (h *held) take() []*http.Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*http.Request, 0, len(h.all))
	for _, r := range h.all {
		body, _ := io.ReadAll(r.Body)
		again := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		again.Header = r.Header
		all = append(all, again)
	}
	return all
}

func reversed(all []*http.Request) []*http.Request {
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all
}

// R9: 10,000 attempts to enter by people who may not: before the doors open,
// after the end, with another's token, without any, banned, from a list they
// are not on.
func TestR9NobodyEntersWhoMayNot(t *testing.T) {
	b := setup(t)
	const attempts = 10_000
	room, host := b.live()
	over, overHost := b.live()
	dead := b.join(over, b.account())
	if _, err := b.service.End(b.ctx, overHost.account, over.ID); err != nil {
		t.Fatal(err)
	}
	early, err := b.service.Create(b.ctx, host.account, rooms.NewRoom{Title: "Later", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	banned, stranger := b.join(room, b.account()), b.account()
	b.act(room, host, rooms.Ban, banned)
	invited := "invited"
	if _, err := b.service.ChangeRules(b.ctx, host.account, room.ID, rooms.RulesChange{Entry: &invited}); err != nil {
		t.Fatal(err)
	}
	tokens := []string{"", dead.token, banned.token, sign(t, testSecret, claims(room, "stranger", time.Minute, nil)),
		sign(t, testSecret, claims(room, overHost.identity, time.Minute, nil))}
	api := []func() error{
		func() error { _, err := b.service.Join(b.ctx, stranger, room.ID, false); return err },
		func() error { _, err := b.service.Join(b.ctx, stranger, early.ID, false); return err },
		func() error { _, err := b.service.Join(b.ctx, banned.account, room.ID, false); return err },
		func() error { _, err := b.service.Join(b.ctx, dead.account, over.ID, false); return err },
		func() error {
			_, err := b.service.JoinAsGuest(b.ctx, room.ID, "secret", "192.0.2.1")
			return err
		},
	}
	gate := b.NewGate(refuseForTest)
	var entered atomic.Int64
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range attempts / 8 {
				if n := worker + i; n%2 == 0 {
					if api[n/2%len(api)]() == nil {
						entered.Add(1)
					}
					continue
				} else if b.knock(gate, tokens[n/2%len(tokens)]) == http.StatusOK {
					entered.Add(1)
				}
			}
		})
	}
	all.Wait()
	if entered.Load() != 0 {
		t.Errorf("%d entered", entered.Load())
	}
	t.Logf("R9: %d attempts, %d entered", attempts, entered.Load())
	if status := b.knock(gate, b.join(room, host.account).token); status != http.StatusOK {
		t.Errorf("control: who may enter is refused, too: %d", status)
	}
}

// knock asks the gate whether it would let the token in.
func (b *bundle) knock(gate http.Handler, token string) int {
	r := httptest.NewRequest(http.MethodGet, "/rtc/validate", nil).WithContext(b.ctx)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	gate.ServeHTTP(w, r)
	return w.Code
}

// Fifty people may be on stage, each of them with the right to be heard.
func TestFiftySpeakers(t *testing.T) {
	b := setup(t)
	const speakers = 50
	room, host := b.live()
	limit := speakers
	if _, err := b.service.ChangeRules(b.ctx, host.account, room.ID, rooms.RulesChange{MaxSpeakers: &limit}); err != nil {
		t.Fatal(err)
	}
	for range speakers {
		s := b.speaker(room, host)
		if j := b.dial(b.gate, s.token, ""); !j.ok || !j.publish {
			t.Fatalf("%+v", j)
		}
	}
	if n := b.equal(room); n != speakers {
		t.Errorf("%d are connected", n)
	}
	one := b.join(room, b.account())
	b.act(room, host, rooms.Invite, one)
	err := b.service.Act(b.ctx, rooms.Deed{Room: room.ID, Actor: one.account, Target: one.account, Action: rooms.Accept})
	if fmt.Sprint(err) != rooms.ErrStageFull.Slug {
		t.Errorf("the 51st: %v", err)
	}
}

// A guest hears, and is out the moment the host wants no guests.
func TestGuestsAreLetGo(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	guest, err := b.service.JoinAsGuest(b.ctx, room.ID, uuid.NewString(), "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	j := b.dial(b.gate, guest.Token, "")
	if !j.ok || j.publish || !b.permission(room, guest.Identity).CanSubscribe {
		t.Fatalf("%+v", j)
	}
	none := false
	if _, err := b.service.ChangeRules(b.ctx, host.account, room.ID, rooms.RulesChange{Guests: &none}); err != nil {
		t.Fatal(err)
	}
	j.ended(t)
	if b.permission(room, guest.Identity) != nil {
		t.Error("still connected")
	}
	if again := b.dial(b.gate, guest.Token, ""); again.ok {
		t.Error("came back by the old token")
	}
}
