package media

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"

	"salon/rooms"
)

// ear mints the ear's token, as the captions do.
func (b *bundle) ear(room rooms.Room) (identity, token string) {
	b.t.Helper()
	token, err := b.EarPass(*room.Run)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.rowlessIdentity(earRole, *room.Run), token
}

func TestEarHearsAndNothingElse(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	seen := b.dial(b.gate, host.token, "")
	identity, token := b.ear(room)
	for name, base := range map[string]string{"through the gate": b.gate, "from inside": b.direct} {
		j := b.dial(base, token, "")
		if !j.ok || j.publish || j.identity != identity {
			t.Fatalf("%s: %+v", name, j)
		}
		want := &livekit.ParticipantPermission{CanSubscribe: true, Hidden: true}
		if p := b.permission(room, identity); exceeds(p, want) || exceeds(want, p) {
			t.Errorf("%s: %v", name, p)
		}
	}
	// Nobody is told of it: the host, who came first, hears of the listener
	// who came after the ear, and of no one before them.
	listener := b.join(room, b.account())
	if j := b.dial(b.gate, listener.token, ""); !j.ok {
		t.Fatalf("%+v", j)
	}
	for told := false; !told; {
		message, err := next(seen.conn)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range message.GetUpdate().GetParticipants() {
			if p.Identity == identity {
				t.Error("the host is told of the ear")
			}
			told = told || p.Identity == listener.identity
		}
	}
	people, err := b.service.People(b.ctx, room.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(people) != 2 {
		t.Errorf("%d people, want the host and the listener", len(people))
	}
}

func TestEarCannotPublish(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	_, token := b.ear(room)
	for name, who := range map[string]struct {
		token string
		may   bool
	}{"ear": {token, false}, "control: the host": {host.token, true}} {
		j := b.dial(b.direct, who.token, "")
		if !j.ok {
			t.Fatalf("%s: %+v", name, j)
		}
		ask := &livekit.SignalRequest{Message: &livekit.SignalRequest_AddTrack{AddTrack: &livekit.AddTrackRequest{
			Cid: "mine", Name: "microphone", Type: livekit.TrackType_AUDIO, Source: livekit.TrackSource_MICROPHONE,
		}}}
		if published := b.publishes(j, ask); published != who.may {
			t.Errorf("%s: published %v, want %v", name, published, who.may)
		}
	}
}

// publishes says whether the server takes a track or refuses it.
func (b *bundle) publishes(j joined, ask *livekit.SignalRequest) bool {
	b.t.Helper()
	data, err := proto.Marshal(ask)
	if err == nil {
		err = j.conn.WriteMessage(websocket.BinaryMessage, data)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	j.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		message, err := next(j.conn)
		switch {
		case err != nil:
			b.t.Fatal(err)
		case message.GetTrackPublished() != nil:
			return true
		case message.GetRequestResponse().GetReason() == livekit.RequestResponse_NOT_ALLOWED:
			return false
		}
	}
}

func TestEarEntersOnlyWhileTheRoomIsLive(t *testing.T) {
	b := setup(t)
	room, host := b.live()
	_, token := b.ear(room)
	if j := b.dial(b.gate, token, ""); !j.ok {
		t.Fatalf("control: %+v", j)
	}
	if _, err := b.service.End(b.ctx, host.account, room.ID); err != nil {
		t.Fatal(err)
	}
	_, token = b.ear(room)
	for name, base := range map[string]string{"gate": b.gate, "media server": b.direct} {
		if j := b.dial(base, token, ""); j.ok || j.status != 404 {
			t.Errorf("%s: %+v", name, j)
		}
	}
}

func TestEarIsLeftAloneByTheSweep(t *testing.T) {
	b := setup(t)
	room, _ := b.live()
	identity, token := b.ear(room)
	j := b.dial(b.gate, token, "")
	stranger := b.dial(b.direct, sign(t, testSecret, claims(room, "ear-"+strings.Repeat("0", 32), time.Minute, map[string]any{"hidden": true})), "")
	if !j.ok || !stranger.ok {
		t.Fatalf("%+v %+v", j, stranger)
	}
	version := func() uint32 {
		p, err := b.rpc.GetParticipant(b.ctx, &livekit.RoomParticipantIdentity{Room: *room.Run, Identity: identity})
		if err != nil {
			t.Fatal(err)
		}
		return p.Version
	}
	before := version()
	for range 2 {
		if err := b.Sweep(b.ctx); err != nil {
			t.Fatal(err)
		}
	}
	if after := version(); after != before {
		t.Errorf("the sweep changed the ear: version %d after %d", after, before)
	}
	stranger.ended(t) // control: the sweep looked
	// An ear that may more than it should is put right.
	b.update(room, seat{identity: identity}, &livekit.ParticipantPermission{CanSubscribe: true, CanPublish: true, Hidden: true})
	if err := b.Sweep(b.ctx); err != nil {
		t.Fatal(err)
	}
	if p := b.permission(room, identity); p == nil || p.CanPublish || !p.Hidden || !p.CanSubscribe {
		t.Errorf("after the sweep: %v", p)
	}
}

func TestEarIsNobodyElse(t *testing.T) {
	b := setup(t)
	room, _ := b.live()
	other, _ := b.live()
	identity, _ := b.ear(room)
	otherEar, _ := b.ear(other)
	if identity == otherEar {
		t.Error("two rooms have the same ear")
	}
	hidden := map[string]any{"hidden": true, "canSubscribe": true}
	for name, token := range map[string]string{
		"a stranger named ear":      sign(t, testSecret, claims(room, "ear-"+strings.Repeat("0", 32), time.Minute, hidden)),
		"ear":                       sign(t, testSecret, claims(room, "ear", time.Minute, hidden)),
		"another room's ear":        sign(t, testSecret, claims(room, otherEar, time.Minute, hidden)),
		"an ear that may publish":   sign(t, testSecret, claims(room, identity, time.Minute, map[string]any{"canPublish": true})),
		"an ear that may send data": sign(t, testSecret, claims(room, identity, time.Minute, map[string]any{"canPublishData": true})),
		"a second ear":              sign(t, testSecret, claims(room, identity+"#x", time.Minute, hidden)),
	} {
		if j := b.dial(b.direct, token, ""); !j.ok {
			t.Errorf("control: %s was refused without the gate: %+v", name, j)
		}
		if j := b.dial(b.gate, token, ""); j.ok || j.status != 403 {
			t.Errorf("%s: %+v", name, j)
		}
	}
}

// The writer is seen by everyone, as an agent, and may send words but no sound.
func TestTheWriterIsSeenAndOnlyWrites(t *testing.T) {
	b := setup(t)
	room, _ := b.live()
	token, err := b.WriterPass(*room.Run)
	if err != nil {
		t.Fatal(err)
	}
	j := b.dial(b.gate, token, "")
	if !j.ok || j.publish {
		t.Fatalf("%+v", j)
	}
	if err := b.Sweep(b.ctx); err != nil {
		t.Fatal(err)
	}
	who := &livekit.RoomParticipantIdentity{Room: *room.Run, Identity: b.rowlessIdentity(writerRole, *room.Run)}
	p, err := b.rpc.GetParticipant(b.ctx, who)
	if err != nil {
		t.Fatal(err)
	}
	want := &livekit.ParticipantPermission{CanSubscribe: true, CanPublishData: true}
	if p.Kind != livekit.ParticipantInfo_AGENT || exceeds(p.Permission, want) || exceeds(want, p.Permission) {
		t.Errorf("%v", p)
	}
}

// An agent of the operator's stays where the operator lets agents caption, and
// nowhere else; somebody unknown who is no agent never does.
func TestOperatorsAgentsStayWhereTheyCaption(t *testing.T) {
	for _, c := range []struct {
		agents bool
		kind   string
		stays  bool
	}{{true, "agent", true}, {true, "standard", false}, {false, "agent", false}} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			b := setup(t)
			b.config.Agents = c.agents
			room, _ := b.live()
			token := claims(room, "someone", time.Minute, map[string]any{"canPublishData": true})
			token["kind"] = c.kind
			if j := b.dial(b.direct, sign(t, testSecret, token), ""); !j.ok {
				t.Fatalf("%+v", j)
			}
			b.Apply(b.ctx, *room.Run, "someone")
			_, err := b.rpc.GetParticipant(b.ctx, &livekit.RoomParticipantIdentity{Room: *room.Run, Identity: "someone"})
			if (err == nil) != c.stays {
				t.Errorf("stays: %t (%v)", err == nil, err)
			}
		})
	}
}
