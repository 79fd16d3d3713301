package rooms

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"salon/internal/postgres"
)

// gone says who is connected to the media server in a test about nobody else.
type gone struct{ there bool }

func (g *gone) Present(context.Context, string, string) (bool, error) { return g.there, nil }

func (b *bundle) keeper(sound Presence) *Keeper {
	return NewKeeper(b.Service, sound, postgres.NewLease(b.pool, "host-keeper", time.Minute), HostGrace, b.logger())
}

// ago moves the last sign of somebody into the past, with the keeper's own
// beginning and the room's start.
func (b *bundle) ago(k *Keeper, room Room, who uuid.UUID, by time.Duration) {
	b.exec(`update participants set seen_at = now() - $2::interval where account_id = $1`, who, by)
	b.exec(`update rooms set started_at = now() - interval '1 hour' where id = $1`, room.ID)
	k.since = time.Now().Add(-time.Hour)
}

func (b *bundle) look(k *Keeper) {
	b.t.Helper()
	if err := k.Look(b.ctx); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) lastSystem(room Room) string {
	b.t.Helper()
	what := ""
	for _, e := range b.log(room.ID) {
		var body struct{ What string }
		if e.Kind == KindSystem && json.Unmarshal(e.Body, &body) == nil {
			what = body.What
		}
	}
	return what
}

func TestTheHeirTakesOver(t *testing.T) {
	b := setup(t)
	room, host, cohost, speaker, _ := b.evening()
	k := b.keeper(&gone{})
	b.want("name an heir", b.NameHeir(b.ctx, host, room.ID, speaker), nil)
	b.look(k)
	if b.lastSystem(room) != "started" {
		t.Errorf("a host who is there: %s", b.lastSystem(room))
	}
	b.ago(k, room, host, 20*time.Second)
	b.look(k)
	b.look(k)
	if now, err := b.Room(b.ctx, room.ID); err != nil || now.HostAwayAt == nil || b.lastSystem(room) != "host-away" {
		t.Fatalf("%+v %v %s", now.HostAwayAt, err, b.lastSystem(room))
	}
	b.exec(`update participants set seen_at = now() where account_id = $1`, host)
	b.look(k)
	if b.lastSystem(room) != "host-back" {
		t.Errorf("back in time: %s", b.lastSystem(room))
	}
	b.ago(k, room, host, 2*HostGrace)
	b.look(k) // tells the room
	b.look(k) // the time is over
	if b.person(room, speaker).Role != Host || b.person(room, host).Role != Cohost || b.person(room, cohost).Role != Cohost {
		t.Errorf("host %s, heir %s", b.person(room, host).Role, b.person(room, speaker).Role)
	}
	if now, err := b.Room(b.ctx, room.ID); err != nil || now.HostAwayAt != nil || now.Status() != Live {
		t.Errorf("%+v %v", now, err)
	}
}

func TestACohostTakesOverWhereNoHeirIsThere(t *testing.T) {
	b := setup(t)
	room, host, cohost, speaker, _ := b.evening()
	b.want("name an heir", b.NameHeir(b.ctx, host, room.ID, speaker), nil)
	k := b.keeper(&gone{})
	b.ago(k, room, host, 2*HostGrace)
	b.ago(k, room, speaker, 2*HostGrace)
	b.look(k)
	b.look(k)
	if b.person(room, cohost).Role != Host {
		t.Errorf("co-host is %s", b.person(room, cohost).Role)
	}
}

func TestARoomWithoutAnyoneEnds(t *testing.T) {
	b := setup(t)
	host, listener := b.account("host"), b.account("listener")
	room := b.live(host)
	b.join(room, host, listener)
	k := b.keeper(&gone{})
	b.ago(k, room, host, 2*HostGrace)
	b.look(k)
	b.look(k)
	if now, err := b.Room(b.ctx, room.ID); err != nil || now.Status() != Ended || b.lastSystem(room) != "host-gone" {
		t.Errorf("%s %v %s", now.Status(), err, b.lastSystem(room))
	}
	if !slices.Contains(b.media.take(), "close") {
		t.Error("the media server was not told")
	}
}

func TestAHostWhoIsHeardIsThere(t *testing.T) {
	b := setup(t)
	room, host, _, _, _ := b.evening()
	k := b.keeper(&gone{there: true})
	b.ago(k, room, host, 2*HostGrace)
	b.look(k)
	if b.lastSystem(room) != "started" || !b.person(room, host).Present {
		t.Errorf("%s, present %v", b.lastSystem(room), b.person(room, host).Present)
	}
}

// While no server ran, nobody could be seen: the time begins anew.
func TestAStartingServerWaitsAgain(t *testing.T) {
	b := setup(t)
	room, host, _, _, _ := b.evening()
	b.exec(`update participants set seen_at = now() - interval '1 day' where account_id = $1`, host)
	b.exec(`update rooms set started_at = now() - interval '1 day', host_away_at = now() - interval '1 day' where id = $1`, room.ID)
	k := b.keeper(&gone{})
	b.look(k)
	if now, err := b.Room(b.ctx, room.ID); err != nil || now.Status() != Live || b.person(room, host).Role != Host {
		t.Errorf("%s %v", now.Status(), err)
	}
}
