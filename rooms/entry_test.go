package rooms

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// Each gate refuses what it is for, in the order people are told.
func TestEntryGates(t *testing.T) {
	t.Parallel()
	now := time.Now()
	later := now.Add(time.Minute)
	open := Rules{Entry: "everyone", Guests: true, Capacity: 10}
	with := func(change func(*visit)) visit {
		v := visit{room: Room{Rules: open}, person: Person{Role: Listener}, now: now}
		change(&v)
		return v
	}
	all := func(v *visit) {
		v.person.Suspended, v.person.BannedAt, v.person.Removed, v.person.RemovedUntil, v.blocked = true, &now, true, &later, true
		v.room.Locked, v.room.Capacity, v.room.Entry, v.room.Guests, v.guest = true, 0, "invited", false, true
	}
	for name, c := range map[string]struct {
		visit visit
		want  error
		stay  error
	}{
		"open":                      {with(func(*visit) {}), nil, nil},
		"everything at once":        {with(all), ErrSuspended, ErrSuspended},
		"banned":                    {with(func(v *visit) { v.person.BannedAt = &now }), ErrBanned, ErrBanned},
		"removed":                   {with(func(v *visit) { v.person.Removed, v.person.RemovedUntil = true, &later }), ErrRemoved, ErrRemoved},
		"blocked":                   {with(func(v *visit) { v.blocked = true }), ErrBlocked, ErrBlocked},
		"locked":                    {with(func(v *visit) { v.room.Locked = true }), ErrLocked, nil},
		"locked, lost a moment ago": {with(func(v *visit) { v.room.Locked, v.person.Present = true, true }), nil, nil},
		"locked, on stage":          {with(func(v *visit) { v.room.Locked, v.person.Role = true, Speaker }), nil, nil},
		"full":                      {with(func(v *visit) { v.present = 10 }), ErrFull, nil},
		"full, invited to speak":    {with(func(v *visit) { v.present, v.person.InvitedAt = 10, &now }), nil, nil},
		"not on the list":           {with(func(v *visit) { v.room.Entry = "invited" }), ErrInvitedOnly, nil},
		"on the list":               {with(func(v *visit) { v.room.Entry, v.person.Listed = "invited", true }), nil, nil},
		"no follower":               {with(func(v *visit) { v.room.Entry = "followers" }), ErrFollowersOnly, nil},
		"follower":                  {with(func(v *visit) { v.room.Entry, v.follower = "followers", true }), nil, nil},
		"guest":                     {with(func(v *visit) { v.guest = true }), nil, nil},
		"guest where none may be":   {with(func(v *visit) { v.guest, v.room.Guests = true, false }), ErrNoGuests, ErrNoGuests},
	} {
		if err := c.visit.enter(); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: enter: %v, want %v", name, err, c.want)
		}
		if err := c.visit.stay(); !errors.Is(err, c.stay) || c.stay == nil && err != nil {
			t.Errorf("%s: stay: %v, want %v", name, err, c.stay)
		}
	}
}

func (b *bundle) join(room Room, who ...uuid.UUID) {
	b.t.Helper()
	for _, one := range who {
		if _, err := b.Join(b.ctx, one, room.ID, false); err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *bundle) rules(room Room, actor uuid.UUID, change RulesChange) {
	b.t.Helper()
	if _, err := b.ChangeRules(b.ctx, actor, room.ID, change); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) want(what string, err, want error) {
	b.t.Helper()
	if !errors.Is(err, want) || want == nil && err != nil {
		b.t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestTheDoorReadsRows(t *testing.T) {
	b := setup(t)
	host, ada, bob := b.account("host"), b.account("ada"), b.account("bob")
	room := b.live(host)
	join := func(who uuid.UUID) error { _, err := b.Join(b.ctx, who, room.ID, false); return err }
	b.rules(room, host, RulesChange{Entry: new("followers")})
	b.want("no follower", join(ada), ErrFollowersOnly)
	b.exec(`insert into follows (follower_id, followee_id, follower_created_at) values ($1, $2, now())`, ada, host)
	b.want("follower", join(ada), nil)
	b.rules(room, host, RulesChange{Entry: new("invited")})
	b.want("not listed", join(bob), ErrInvitedOnly)
	b.want("list", b.List(b.ctx, host, room.ID, bob, true), nil)
	b.want("listed", join(bob), nil)
	b.exec(`insert into blocks (blocker_id, blocked_id) values ($1, $2)`, host, bob)
	b.want("blocked", join(bob), ErrBlocked)
	b.want("blocked may not stay", b.MayStay(b.ctx, room.ID, bob), ErrBlocked)
	b.want("who never came in", b.MayStay(b.ctx, room.ID, b.account("never")), ErrNotThere)
	b.want("others change no rules", func() error {
		_, err := b.ChangeRules(b.ctx, ada, room.ID, RulesChange{Entry: new("everyone")})
		return err
	}(), ErrNotAllowed)
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.pool.Exec(b.ctx, sql, args...); err != nil {
		b.t.Fatal(err)
	}
}

// However many knock at once, a room is never fuller than it may be, and the
// valve lets only so many in at a time.
func TestAFullRoomStaysUnderItsCapacity(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	room := b.live(host)
	b.join(room, host)
	b.rules(room, host, RulesChange{Capacity: new(5)})
	refused := b.crowd(40, func(who uuid.UUID) error { _, err := b.Join(b.ctx, who, room.ID, false); return err })
	crowd, err := b.Crowd(b.ctx, room.ID)
	if err != nil || crowd.Listeners != 4 || refused[ErrFull.Slug] != 36 {
		t.Errorf("%+v inside, refused %v, %v", crowd, refused, err)
	}
}

func TestTheValveLetsAFewInAtATime(t *testing.T) {
	t.Parallel()
	var v valve
	room, admitted := uuid.Must(uuid.NewV7()), 0
	for range 10 * admitAtOnce {
		err := v.admit(room)
		if err == nil {
			admitted++
			continue
		}
		f := fault.Of(err)
		if f == nil || f.Kind != ErrDoorBusy || f.RetryAfter <= 0 {
			t.Fatalf("refused without a time: %v", err)
		}
	}
	if admitted < admitAtOnce || admitted > 2*admitAtOnce {
		t.Errorf("%d admitted", admitted)
	}
	if v.admit(uuid.Must(uuid.NewV7())) != nil {
		t.Error("another room's door is busy, too")
	}
}

// crowd lets n new accounts do something at once and counts the refusals.
func (b *bundle) crowd(n int, do func(uuid.UUID) error) map[string]int {
	b.t.Helper()
	people := make([]uuid.UUID, n)
	for i := range people {
		people[i] = b.account(fmt.Sprintf("crowd_%d", i))
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	refused := map[string]int{}
	for _, who := range people {
		all.Go(func() {
			err := do(who)
			f := fault.Of(err)
			mu.Lock()
			defer mu.Unlock()
			if f != nil {
				refused[f.Kind.Slug]++
			} else if err != nil {
				b.t.Error(err)
			}
		})
	}
	all.Wait()
	return refused
}

func TestGuestsHearUnderARandomName(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	room := b.live(host)
	first, err := b.JoinAsGuest(b.ctx, room.ID, "secret-1", "192.0.2.1")
	again, err2 := b.JoinAsGuest(b.ctx, room.ID, "secret-1", "192.0.2.1")
	other, err3 := b.JoinAsGuest(b.ctx, room.ID, "secret-2", "192.0.2.1")
	if err != nil || err2 != nil || err3 != nil || first.Guest != again.Guest || first.Identity != again.Identity ||
		first.Guest == other.Guest || first.Role != Guest || len(first.Identity) != 32 {
		t.Fatalf("%+v %+v %+v %v %v %v", first, again, other, err, err2, err3)
	}
	seat, err := b.Seat(b.ctx, *room.Run, first.Identity)
	if err != nil || seat.Role != Guest || !seat.MayEnter() {
		t.Errorf("seat %+v %v", seat, err)
	}
	b.want("stays", b.GuestMayStay(b.ctx, room.ID, first.Guest), nil)
	b.want("removed", b.RemoveGuest(b.ctx, host, room.ID, first.Guest), nil)
	b.want("may not stay", b.GuestMayStay(b.ctx, room.ID, first.Guest), ErrBanned)
	_, err = b.JoinAsGuest(b.ctx, room.ID, "secret-1", "192.0.2.1")
	b.want("may not come back", err, ErrBanned)
	b.media.take()
	b.rules(room, host, RulesChange{Guests: new(false)})
	b.want("guests are out", b.GuestMayStay(b.ctx, room.ID, other.Guest), ErrNoGuests)
	if seat, err := b.Seat(b.ctx, *room.Run, other.Identity); err != nil || seat.MayEnter() || len(b.media.take()) == 0 {
		t.Errorf("the media server was not told: %+v %v", seat, err)
	}
}

// Who is banned does not come back by leaving their account at home.
func TestTheBannedDoNotComeBackAsGuests(t *testing.T) {
	b := setup(t)
	host, rude := b.account("host"), b.account("rude")
	room := b.live(host)
	b.join(room, rude)
	b.exec(`insert into sessions (id, account_id, token_hash, device, address, expires_at)
		values (gen_random_uuid(), $1, 'x', 'test', '192.0.2.7', now() + interval '1 day')`, rude)
	b.want("ban", b.act(room, host, Ban, rude), nil)
	_, err := b.JoinAsGuest(b.ctx, room.ID, "secret", "192.0.2.7")
	b.want("from the same address", err, ErrGuestBanned)
	_, err = b.JoinAsGuest(b.ctx, room.ID, "secret", "192.0.2.8")
	b.want("from another", err, nil)
	b.want("unban", b.act(room, host, Unban, rude), nil)
	_, err = b.JoinAsGuest(b.ctx, room.ID, "other", "192.0.2.7")
	b.want("after the ban", err, nil)
}

func TestOneAddressBringsSoManyGuests(t *testing.T) {
	b := setup(t)
	room := b.live(b.account("host"))
	for i := range GuestsPerAddress {
		if _, err := b.JoinAsGuest(b.ctx, room.ID, fmt.Sprint("secret", i), "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.JoinAsGuest(b.ctx, room.ID, "one more", "192.0.2.1")
	b.want("one more", err, ErrGuestsFrom)
	_, err = b.JoinAsGuest(b.ctx, room.ID, "secret1", "192.0.2.1")
	b.want("who is there comes back", err, nil)
	_, err = b.JoinAsGuest(b.ctx, room.ID, "elsewhere", "192.0.2.2")
	b.want("another address", err, nil)
}

// R7: whatever three hosts promote and demote at once, the stage is never
// fuller than it may be.
func TestR7TheStageIsNeverFullerThanItMayBe(t *testing.T) {
	b := setup(t)
	const listeners, commands, limit = 40, 10_000, 5
	host := b.account("host")
	room := b.live(host)
	b.join(room, host)
	b.rules(room, host, RulesChange{MaxSpeakers: new(limit)})
	hosts := []uuid.UUID{host}
	for i := range 2 {
		cohost := b.account(fmt.Sprint("cohost", i))
		b.join(room, cohost)
		b.want("co-host", b.act(room, host, MakeCohost, cohost), nil)
		hosts = append(hosts, cohost)
	}
	people := make([]uuid.UUID, listeners)
	for i := range people {
		people[i] = b.account(fmt.Sprint("p", i))
		b.join(room, people[i])
	}
	// The schema itself watches every commit while the storm lasts.
	b.exec(`create function watch() returns trigger language plpgsql as $$ begin
		if (select count(*) from participants where room_id = new.room_id and role = 'speaker') > ` + fmt.Sprint(limit) + `
		then insert into flags (name) values ('overfull') on conflict do nothing; end if; return null; end $$`)
	b.exec(`create constraint trigger watch after update on participants deferrable initially deferred for each row execute function watch()`)
	full := b.storm(room, hosts, people, commands)
	var over bool
	var speakers int
	if err := b.pool.QueryRow(b.ctx, `select exists (select from flags where name = 'overfull'),
		(select count(*) from participants where room_id = $1 and role = 'speaker')`, room.ID).Scan(&over, &speakers); err != nil {
		t.Fatal(err)
	}
	if over || speakers > limit || full == 0 {
		t.Errorf("overfull %v, %d speakers at the end, %d refused", over, speakers, full)
	}
	entries, seq := 0, int64(0)
	for page := b.page(room, 0); len(page) > 0; page = b.page(room, seq) {
		for _, e := range page {
			if e.Seq != seq+1 {
				t.Fatalf("entry %d after %d", e.Seq, seq)
			}
			seq, entries = e.Seq, entries+1
		}
	}
	t.Logf("R7: %d commands, %d refused because the stage was full, %d log entries", commands, full, entries)
}

func (b *bundle) page(room Room, after int64) []LogEntry {
	b.t.Helper()
	entries, err := b.Log(b.ctx, room.ID, after, MaxLogPage)
	if err != nil {
		b.t.Fatal(err)
	}
	return entries
}

// storm lets the hosts promote and demote at once; it returns how often the
// stage was full.
func (b *bundle) storm(room Room, hosts, people []uuid.UUID, commands int) (full int) {
	var all sync.WaitGroup
	var mu sync.Mutex
	work := make(chan int)
	for range 16 {
		all.Go(func() {
			for i := range work {
				actor, target := hosts[i%len(hosts)], people[rand.N(len(people))]
				var err error
				switch rand.N(5) {
				case 0, 1:
					_ = b.act(room, target, RaiseHand, target)
					err = b.act(room, actor, Approve, target)
				case 2:
					_ = b.act(room, actor, Invite, target)
					err = b.act(room, target, Accept, target)
				case 3:
					err = b.act(room, actor, PullDown, target)
				case 4:
					err = b.act(room, target, StepDown, target)
				}
				if fault.Of(err) == nil && err != nil && !errors.Is(err, context.Canceled) {
					b.t.Error(err)
				}
				if errors.Is(err, ErrStageFull) {
					mu.Lock()
					full++
					mu.Unlock()
				}
			}
		})
	}
	for i := range commands {
		work <- i
	}
	close(work)
	all.Wait()
	return full
}

// The control of R7: promotions that count without the lock on the log's head
// overfill the stage.
func TestR7ControlCountingWithoutTheLockOverfills(t *testing.T) {
	b := setup(t)
	room := b.live(b.account("host"))
	people := make([]uuid.UUID, 40)
	for i := range people {
		people[i] = b.account(fmt.Sprint("p", i))
		b.join(room, people[i])
	}
	var all, counted sync.WaitGroup
	counted.Add(len(people[:2]))
	for _, who := range people[:2] {
		all.Go(func() {
			err := postgres.InTx(b.ctx, b.pool, func(tx pgx.Tx) error {
				g, err := groundTx(b.ctx, tx, room, Deed{Target: who})
				counted.Done()
				counted.Wait() // both have counted before either writes
				if err != nil || g.speakers >= 1 {
					return err
				}
				_, err = tx.Exec(b.ctx, `update participants set role = 'speaker' where room_id = $1 and account_id = $2`, room.ID, who)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var speakers int
	if err := b.pool.QueryRow(b.ctx, `select count(*) from participants where room_id = $1 and role = 'speaker'`, room.ID).Scan(&speakers); err != nil || speakers != 2 {
		t.Errorf("%d speakers where one may be, %v: the control shows nothing", speakers, err)
	}
}
