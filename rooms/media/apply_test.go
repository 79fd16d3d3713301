package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"

	"salon/rooms"
)

// 1,000 promotions and demotions at once end with the media server allowing
// exactly what the rows say.
func TestAStormOfPromotionsEndsAsTheRowsSay(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	const people, commands = 10, 1000
	seats := make([]seat, people)
	for i := range seats {
		seats[i] = b.join(room, b.account())
		if j := b.dial(b.gate, seats[i].token, ""); !j.ok {
			t.Fatalf("%+v", j)
		}
	}
	storm := []rooms.Action{rooms.Invite, rooms.Accept, rooms.PullDown, rooms.StepDown, rooms.Mute, rooms.Unmute}
	var all sync.WaitGroup
	var done atomic.Int64
	for range commands {
		target, action := seats[rand.N(people)], storm[rand.N(len(storm))]
		actor := host
		if action.On() == rooms.OnSelf {
			actor = target
		}
		all.Go(func() {
			// Refusals are part of the storm: accepting without an invitation.
			if b.service.Act(b.ctx, rooms.Deed{Room: room.ID, Actor: actor.account, Target: target.account, Action: action}) == nil {
				done.Add(1)
			}
		})
	}
	all.Wait()
	if done.Load() < commands/4 {
		t.Errorf("only %d commands took effect", done.Load())
	}
	// On a busy machine a command may have run out of time; what a server's
	// own loop does every two seconds is done here once.
	if err := b.sweepDirty(b.ctx); err != nil {
		t.Fatal(err)
	}
	if n := b.equal(room); n != people {
		t.Errorf("%d of %d are still connected", n, people)
	}
}

// equal fails unless the media server allows every connected participant what
// its row says. It returns how many it compared.
func (b *bundle) equal(room rooms.Room) int {
	b.t.Helper()
	answer, err := b.rpc.ListParticipants(b.ctx, &livekit.ListParticipantsRequest{Room: *room.Run})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, p := range answer.Participants {
		row, err := b.rows.Seat(b.ctx, *room.Run, p.Identity)
		if err != nil || differs(p, row) {
			b.t.Errorf("%s: row %+v, media server %v %v", p.Identity, row, p.Permission, err)
		}
	}
	return len(answer.Participants)
}

func TestSweepRepairsEveryDifference(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	raised, lowered, changed := b.join(room, b.account()), b.speaker(room, host), b.join(room, b.account())
	for _, s := range []seat{raised, lowered, changed} {
		if j := b.dial(b.gate, s.token, ""); !j.ok {
			t.Fatalf("%+v", j)
		}
	}
	// Behind our back: permissions changed, a row changed, a stranger and a
	// second participant came in past the gate, an ended run is still there.
	b.update(room, raised, &livekit.ParticipantPermission{CanSubscribe: true, CanPublish: true})
	b.update(room, lowered, &livekit.ParticipantPermission{CanSubscribe: true})
	if _, err := b.pool.Exec(b.ctx, `update participants set banned_at = now() where identity = $1`, changed.identity); err != nil {
		t.Fatal(err)
	}
	stranger := b.dial(b.direct, sign(t, testSecret, claims(room, "stranger", time.Minute, nil)), "")
	second := b.dial(b.direct, lowered.token, "&publish=x")
	ended, endedHost := b.live()
	if _, err := b.service.End(b.ctx, endedHost.account, ended.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.rpc.CreateRoom(b.ctx, &livekit.CreateRoomRequest{Name: *ended.Run}); err != nil {
		t.Fatal(err)
	}
	if !stranger.ok || !second.ok {
		t.Fatalf("control: %+v %+v", stranger, second)
	}
	if err := b.Sweep(b.ctx); err != nil {
		t.Fatal(err)
	}
	b.equal(room)
	for _, identity := range []string{"stranger", lowered.identity + "#x", changed.identity} {
		if p := b.permission(room, identity); p != nil {
			t.Errorf("%s is still there", identity)
		}
	}
	if j := b.dial(b.direct, endedHost.token, ""); j.status != 404 {
		t.Errorf("the ended run: %+v", j)
	}
}

// A sweep that began before a room ended must not bring it back.
func TestALateCreateBringsNothingBack(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	if _, err := b.service.End(b.ctx, host.account, room.ID); err != nil {
		t.Fatal(err)
	}
	b.Open(b.ctx, *room.Run)
	if j := b.dial(b.direct, host.token, ""); j.status != 404 {
		t.Errorf("the ended run can be joined: %+v", j)
	}
}

func (b *bundle) update(room rooms.Room, s seat, p *livekit.ParticipantPermission) {
	b.t.Helper()
	_, err := b.rpc.UpdateParticipant(b.ctx, &livekit.UpdateParticipantRequest{Room: *room.Run, Identity: s.identity, Permission: p})
	if err != nil {
		b.t.Fatal(err)
	}
}

// What the media server could not be told is told by the next sweep of dirty
// runs.
func TestCommandsThatFailedAreRepeated(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	speaker := b.speaker(room, host)
	// Past the gate and unheard of by webhooks, which would repair it as well.
	listeners.Delete(b.Control)
	if j := b.dial(b.direct, speaker.token, ""); !j.ok {
		t.Fatalf("%+v", j)
	}
	cut, err := New(Config{URL: "http://127.0.0.1:1", Key: testKey, Secret: testSecret}, b.rows, b.lease, b.log)
	if err != nil {
		t.Fatal(err)
	}
	service := rooms.NewService(rooms.NewStore(b.pool), rooms.NewGate(b.pool, everyone{}), cut)
	if err := service.Act(b.ctx, rooms.Deed{Room: room.ID, Actor: host.account, Target: speaker.account, Action: rooms.PullDown}); err != nil {
		t.Fatal(err)
	}
	if !b.permission(room, speaker.identity).CanPublish {
		t.Fatal("control: the command got through")
	}
	cut.rpc = b.rpc // it answers again
	if err := cut.sweepDirty(b.ctx); err != nil {
		t.Fatal(err)
	}
	if b.permission(room, speaker.identity).CanPublish {
		t.Error("still allowed to publish")
	}
}

// Another application's rooms on an external media server are not ours to
// touch.
func TestForeignRoomsAreLeftAlone(t *testing.T) {
	b := setup(t)
	room, _ := b.live()
	foreign := room
	name := "foreign-" + *room.Run
	foreign.Run = &name
	b.Open(b.ctx, name)
	if j := b.dial(b.direct, sign(t, testSecret, claims(foreign, "theirs", time.Minute, nil)), ""); !j.ok {
		t.Fatalf("%+v", j)
	}
	b.Apply(b.ctx, name, "theirs")
	if err := b.Sweep(b.ctx); err != nil {
		t.Fatal(err)
	}
	if b.permission(foreign, "theirs") == nil {
		t.Error("removed")
	}
}

func TestWebhooksMustBeSigned(t *testing.T) {
	b := setup(t)
	_, host := b.live()
	body := []byte(`{"event":"room_started","room":{"name":"x"},"id":"EV_1"}`)
	sum := sha256.Sum256(body)
	signed, err := auth.NewAccessToken(testKey, testSecret).SetValidFor(time.Minute).SetSha256(base64.StdEncoding.EncodeToString(sum[:])).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token string
		body  []byte
		want  int
	}{
		"good":           {signed, body, http.StatusNoContent},
		"one more space": {signed, append(body[:len(body):len(body)], ' '), http.StatusUnauthorized},
		"a join token":   {host.token, body, http.StatusUnauthorized},
		"none":           {"", body, http.StatusUnauthorized},
		"too large":      {signed, make([]byte, maxWebhook+1), http.StatusUnauthorized},
	} {
		r := httptest.NewRequest(http.MethodPost, "/webhooks/livekit", bytes.NewReader(c.body))
		r.Header.Set("Authorization", c.token)
		w := httptest.NewRecorder()
		b.Webhook(refuseForTest).ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

func TestWritersCoalesce(t *testing.T) {
	t.Parallel()
	var w writers
	var writes atomic.Int64
	key := seatKey{"run", "identity"}
	started, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		w.do(key, func() { close(started); <-release; writes.Add(1) })
	})
	<-started
	const waiting = 50
	for range waiting {
		all.Go(func() { w.do(key, func() { writes.Add(1) }) })
	}
	for asked := uint64(0); asked < waiting+1; { // all 50 stand in line
		w.mu.Lock()
		asked = w.seats[key].asked
		w.mu.Unlock()
	}
	close(release)
	all.Wait()
	if n := writes.Load(); n != 2 {
		t.Errorf("%d writes for %d asks, want 2: the one under way and one for all who waited", n, waiting+1)
	}
	if len(w.seats) != 0 {
		t.Error("seats are never forgotten")
	}
}
