package rooms

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/ticketing"
)

// boxOffice is the doorkeeper of package ticketing, with a note of what was
// called off.
type boxOffice struct {
	*ticketing.Store
	calledOff []uuid.UUID
}

func (o *boxOffice) CancelSaleTx(_ context.Context, _ pgx.Tx, _, room uuid.UUID) error {
	o.calledOff = append(o.calledOff, room)
	return nil
}

// What was sold for money keeps an announced time: it can be moved, and taken away
// when nobody paid, or once everyone gets the money back.
func TestATimeThatWasSoldIsNotTakenAway(t *testing.T) {
	b := setup(t)
	host, buyer := b.account("host"), b.account("buyer")
	at := time.Now().Add(2 * time.Hour).Truncate(time.Second)
	for what, c := range map[string]struct {
		change string
		want   error
	}{
		"paid":              {`update orders set price = 500, state = 'paid' where offer_id = $1`, ErrTimeSold},
		"being paid":        {`update orders set price = 500, state = 'paying', network = 1 where offer_id = $1`, ErrTimeSold},
		"free":              {`update orders set price = 0 where offer_id = $1`, nil},
		"only held":         {`update orders set price = 500, state = 'held', network = 1 where offer_id = $1`, nil},
		"given back":        {`update orders set price = 500, state = 'refunded', closed_at = now() where offer_id = $1`, nil},
		"a sale called off": {`with o as (update orders set price = 500 where offer_id = $1) update offers set cancelled_at = now() where id = $1`, nil},
	} {
		room := b.announced(host)
		b.sells(room)
		b.ticket(room, buyer)
		var offer uuid.UUID
		if err := b.pool.QueryRow(b.ctx, `select id from offers where room_id = $1`, room.ID).Scan(&offer); err != nil {
			t.Fatal(err)
		}
		b.exec(c.change, offer)
		if moved, err := b.Reschedule(b.ctx, host, room.ID, &at); err != nil || !moved.StartsAt.Equal(at) {
			t.Errorf("%s: moved to %v: %v", what, moved.StartsAt, err)
		}
		_, err := b.Reschedule(b.ctx, host, room.ID, nil)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
		now, err := b.Room(b.ctx, room.ID)
		if err != nil || (now.StartsAt == nil) != (c.want == nil) {
			t.Errorf("%s: announced for %v: %v", what, now.StartsAt, err)
		}
		b.exec(`update rooms set cancelled_at = now() where id = $1`, room.ID)
	}
}

// sells puts a room's seats on offer.
func (b *bundle) sells(room Room) *boxOffice {
	b.t.Helper()
	office := &boxOffice{Store: ticketing.NewStore(b.pool)}
	b.AskForTickets(office)
	b.exec(`insert into offers (id, room_id, host_id, price, currency, cap) values ($1, $2, $3, 0, 'usd', 10)`, uuid.New(), room.ID, room.HostID)
	return office
}

// ticket gives somebody one, and returns how it is taken away.
func (b *bundle) ticket(room Room, who uuid.UUID) (void func()) {
	b.t.Helper()
	order := uuid.New()
	b.exec(`insert into orders (id, offer_id, account_id, state, price, currency, expires_at) select $1, id, $2, 'paid', 0, 'usd', now() from offers where room_id = $3`, order, who, room.ID)
	b.exec(`insert into tickets (id, order_id, room_id, account_id) values ($1, $1, $2, $3)`, order, room.ID, who)
	return func() { b.exec(`update tickets set voided_at = now() where id = $1`, order) }
}

func (b *bundle) seat(room Room, who uuid.UUID) Seat {
	b.t.Helper()
	p, err := b.Person(b.ctx, room.ID, who)
	if err != nil {
		b.t.Fatal(err)
	}
	one, err := b.Seat(b.ctx, *room.Run, p.Identity)
	if err != nil {
		b.t.Fatal(err)
	}
	all, err := b.Seats(b.ctx, *room.Run)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, s := range all {
		if s.Identity == p.Identity && s != one {
			b.t.Errorf("one seat is %+v and %+v", one, s)
		}
	}
	return one
}

// The door of a room that sells its seats lets holders of a ticket in, for as
// long as it is good, and whoever is on stage, invited to it, or captions.
func TestTheDoorAsksForATicket(t *testing.T) {
	b := setup(t)
	host, ada, bob, speaker, captioner := b.account("host"), b.account("ada"), b.account("bob"), b.account("speaker"), b.account("captioner")
	room := b.live(host)
	free := b.live(b.account("free"))
	join := func(who uuid.UUID) error { _, err := b.Join(b.ctx, who, room.ID, false); return err }
	b.join(room, bob)
	guest, err := b.JoinAsGuest(b.ctx, room.ID, "slg_1", "192.0.2.1")
	b.want("a guest before there are tickets", err, nil)

	b.sells(room)
	b.want("without a ticket", join(ada), ErrNoTicket)
	b.want("who is inside already", b.MayStay(b.ctx, room.ID, bob), ErrNoTicket)
	_, err = b.JoinAsGuest(b.ctx, room.ID, "slg_2", "192.0.2.1")
	b.want("a guest", err, ErrGuestTicket)
	b.want("a guest who is inside", b.GuestMayStay(b.ctx, room.ID, guest.Guest), ErrGuestTicket)
	if s, err := b.Seat(b.ctx, *room.Run, guest.Identity); err != nil || !s.Banned {
		t.Errorf("the guest's seat: %+v %v", s, err)
	}
	b.want("another room", func() error { _, err := b.Join(b.ctx, ada, free.ID, false); return err }(), nil)

	void := b.ticket(room, ada)
	b.want("with a ticket", join(ada), nil)
	b.want("stays", b.MayStay(b.ctx, room.ID, ada), nil)
	if b.seat(room, ada).Banned || !b.seat(room, bob).Banned || b.seat(room, host).Banned {
		t.Error("the seats are wrong")
	}
	void()
	b.want("goes", b.MayStay(b.ctx, room.ID, ada), ErrNoTicket)
	b.want("and does not come again", join(ada), ErrNoTicket)
	b.want("raises no hand", b.Act(b.ctx, Deed{Actor: ada, Target: ada, Room: room.ID, Action: RaiseHand}), ErrNoTicket)
	if !b.seat(room, ada).Banned {
		t.Error("the media server may keep who lost the ticket")
	}
	b.media.take()
	b.want("recheck", b.Recheck(b.ctx, room.ID, ada), nil)
	b.want("recheck of the host", b.Recheck(b.ctx, room.ID, host), nil)
	if calls := b.media.take(); len(calls) != 1 || calls[0] != "apply" {
		t.Errorf("the media server was told %v", calls)
	}

	b.want("the host", join(host), nil)
	b.want("list", b.List(b.ctx, host, room.ID, speaker, true), nil)
	b.want("who is only on the list", join(speaker), ErrNoTicket)
	b.exec(`update participants set invited_at = now() where room_id = $1 and account_id = $2`, room.ID, speaker)
	b.want("who is invited to speak", join(speaker), nil)
	b.exec(`update participants set invited_at = null, role = 'speaker' where room_id = $1 and account_id = $2`, room.ID, speaker)
	b.want("who speaks", b.MayStay(b.ctx, room.ID, speaker), nil)
	b.want("list", b.List(b.ctx, host, room.ID, captioner, true), nil)
	b.exec(`update participants set captioner = true where room_id = $1 and account_id = $2`, room.ID, captioner)
	b.want("who captions", join(captioner), nil)
	if b.seat(room, speaker).Banned || b.seat(room, captioner).Banned {
		t.Error("the media server keeps out who needs no ticket")
	}
	b.rules(room, host, RulesChange{Capacity: new(1)})
	late := b.account("late")
	b.want("no ticket comes before no room", join(late), ErrNoTicket)
	b.ticket(room, late)
	b.want("a ticket is a seat, however full it is", join(late), nil)
}

// Who spoke listens on without a ticket, and may come back; who was only asked
// to speak has to have one.
func TestWhoWasOnStageStaysWithoutATicket(t *testing.T) {
	b := setup(t)
	host, speaker, shy, cohost := b.account("host"), b.account("speaker"), b.account("shy"), b.account("cohost")
	room := b.live(host)
	for _, who := range []uuid.UUID{host, speaker, shy} {
		b.join(room, who)
	}
	b.want("co-host", b.act(room, host, MakeCohost, cohost), nil)
	b.join(room, cohost)
	for _, who := range []uuid.UUID{speaker, shy} {
		b.want("invite", b.act(room, host, Invite, who), nil)
	}
	b.sells(room)
	b.want("decline", b.act(room, shy, Decline, shy), nil)
	b.want("who was only asked", b.MayStay(b.ctx, room.ID, shy), ErrNoTicket)
	b.want("accept", b.act(room, speaker, Accept, speaker), nil)
	b.want("step down", b.act(room, speaker, StepDown, speaker), nil)
	b.want("pull down", b.act(room, host, PullDown, cohost), nil)
	for _, who := range []uuid.UUID{speaker, cohost} {
		b.want("stays", b.MayStay(b.ctx, room.ID, who), nil)
		b.exec(`update participants set seen_at = now() - interval '1 hour' where account_id = $1`, who)
		b.want("comes back", func() error { _, err := b.Join(b.ctx, who, room.ID, false); return err }(), nil)
		if s := b.seat(room, who); s.Banned || s.Role != Listener {
			t.Errorf("%+v", s)
		}
	}
	if !b.seat(room, shy).Banned {
		t.Error("the media server keeps who was only asked")
	}
	b.want("ban", b.act(room, host, Ban, speaker), nil)
	b.want("who is banned", b.MayStay(b.ctx, room.ID, speaker), ErrBanned)
}

// Nobody buys what lets them not in: whoever is kept out for another reason than
// the ticket is told so before they pay.
func TestWhoIsKeptOutBuysNothing(t *testing.T) {
	b := setup(t)
	host, ada := b.account("host"), b.account("ada")
	room := b.live(host)
	b.sells(room)
	b.want("anybody", b.MayBuy(b.ctx, room.ID, ada), nil)
	b.rules(room, host, RulesChange{Capacity: new(1)})
	b.want("while the room is full", b.MayBuy(b.ctx, room.ID, ada), nil)
	b.rules(room, host, RulesChange{Locked: new(true)})
	b.want("of a locked room", b.MayBuy(b.ctx, room.ID, ada), ErrLocked)
	b.rules(room, host, RulesChange{Locked: new(false), Entry: new("invited")})
	b.want("who is not invited", b.MayBuy(b.ctx, room.ID, ada), ErrInvitedOnly)
	b.want("list", b.List(b.ctx, host, room.ID, ada, true), nil)
	b.want("who is", b.MayBuy(b.ctx, room.ID, ada), nil)
	b.exec(`insert into blocks (blocker_id, blocked_id) values ($1, $2)`, host, ada)
	b.want("whom the host blocks", b.MayBuy(b.ctx, room.ID, ada), ErrBlocked)
	b.exec(`delete from blocks`)
	b.exec(`update participants set banned_at = now() where account_id = $1`, ada)
	b.want("who is banned", b.MayBuy(b.ctx, room.ID, ada), ErrBanned)
}

// Where the sale was called off and the room goes on, there are no tickets any
// more: the room is open to all.
func TestACalledOffSaleOpensTheDoor(t *testing.T) {
	b := setup(t)
	host, ada := b.account("host"), b.account("ada")
	room := b.live(host)
	b.sells(room)
	void := b.ticket(room, ada)
	b.exec(`update offers set cancelled_at = now()`)
	void()
	for _, who := range []uuid.UUID{ada, b.account("bob")} {
		_, err := b.Join(b.ctx, who, room.ID, false)
		b.want("join", err, nil)
		b.want("stay", b.MayStay(b.ctx, room.ID, who), nil)
		if b.seat(room, who).Banned {
			t.Error("the media server keeps somebody out")
		}
	}
	_, err := b.JoinAsGuest(b.ctx, room.ID, "slg_1", "192.0.2.1")
	b.want("a guest", err, nil)
}

// A room that is called off calls its sale off.
func TestCancellingCallsTheSaleOff(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	room, err := b.Create(b.ctx, host, NewRoom{Title: "Evening", Language: "en", StartsAt: new(time.Now().Add(time.Hour))})
	if err != nil {
		t.Fatal(err)
	}
	office := b.sells(room)
	for range 2 {
		if _, err := b.Cancel(b.ctx, host, room.ID); err != nil {
			t.Error(err)
		}
	}
	if len(office.calledOff) != 1 || office.calledOff[0] != room.ID {
		t.Errorf("called off: %v", office.calledOff)
	}
}

// How many seats are sold stands in the room's log.
func TestSalesAreInTheLog(t *testing.T) {
	b := setup(t)
	room := b.live(b.account("host"))
	err := pgx.BeginFunc(b.ctx, b.pool, func(tx pgx.Tx) error { return b.SoldTx(b.ctx, tx, room.ID, 3) })
	if err != nil {
		t.Fatal(err)
	}
	all, err := b.Log(b.ctx, room.ID, 0, MaxLogPage)
	if err != nil || string(all[len(all)-1].Body) != `{"sold": 3, "what": "sold"}` || all[len(all)-1].Kind != KindSystem {
		t.Errorf("%+v %v", all, err)
	}
}
