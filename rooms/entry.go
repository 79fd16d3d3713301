package rooms

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// visit is everything the entry gates look at.
type visit struct {
	room       Room
	guest      bool   // has no account
	person     Person // the row, with the zero role if there is none yet
	blocked    bool   // by the host
	follower   bool   // of the host
	ticketless bool   // the door asks for a ticket, and they have none
	ticketed   bool   // it does, and they have one
	present    int    // people and guests who are there now, others than this one
	now        time.Time
}

// known says that the person belongs inside whatever the door says to others:
// they are on stage, were invited to it, write the captions, or lost their
// connection a moment ago.
func (v visit) known() bool {
	return v.person.Role.OnStage() || v.person.InvitedAt != nil || v.person.Captioner || v.person.Present
}

// gate is one condition of entry. Gates are asked in order, and the first that
// refuses is what the person is told.
type gate struct {
	name  string
	check func(visit) error
	stays bool // asked again of those who are inside
}

// entryGates is the door of a room. What later features ask for slots in here.
var entryGates = []gate{
	{"suspended", func(v visit) error { return when(v.person.Suspended, ErrSuspended) }, true},
	{"banned", func(v visit) error { return when(v.person.BannedAt != nil, ErrBanned) }, true},
	{"removed", removedGate, true},
	{"blocked", func(v visit) error { return when(v.blocked, ErrBlocked) }, true},
	{"locked", func(v visit) error { return when(v.room.Locked && !v.known(), ErrLocked) }, false},
	{"ticket", ticketGate, true},
	{"full", fullGate, false},
	{"invited", func(v visit) error {
		return when(v.room.Entry == "invited" && !v.person.Listed && !v.known(), ErrInvitedOnly)
	}, false},
	{"followers", func(v visit) error {
		return when(v.room.Entry == "followers" && !v.follower && !v.person.Listed && !v.known(), ErrFollowersOnly)
	}, false},
	{"guests", func(v visit) error { return when(v.guest && !v.room.Guests, ErrNoGuests) }, true},
}

func when(refused bool, kind *fault.Kind) error {
	if refused {
		return kind
	}
	return nil
}

func removedGate(v visit) error {
	if !v.person.Removed {
		return nil
	}
	left := v.person.RemovedUntil.Sub(v.now)
	return &fault.Fault{Kind: ErrRemoved, Params: fault.Params{"minutes": int(left/time.Minute) + 1}, RetryAfter: left}
}

// fullGate keeps nobody out who bought a seat: how many there are was said when
// they were offered.
func fullGate(v visit) error {
	if v.present < v.room.Capacity || v.known() || v.ticketed {
		return nil
	}
	return &fault.Fault{Kind: ErrFull, Params: fault.Params{"capacity": v.room.Capacity}, RetryAfter: fullRetry}
}

// fullRetry is when it is worth asking a full room again.
const fullRetry = 30 * time.Second

// enter asks every gate.
func (v visit) enter() error {
	for _, g := range entryGates {
		if err := g.check(v); err != nil {
			return err
		}
	}
	return nil
}

// stay asks the gates that may also turn somebody out.
func (v visit) stay() error {
	for _, g := range entryGates {
		if !g.stays {
			continue
		}
		if err := g.check(v); err != nil {
			return err
		}
	}
	return nil
}

// visitTx reads what the gates look at for an account.
func (s *Store) visitTx(ctx context.Context, tx pgx.Tx, room Room, account uuid.UUID) (v visit, err error) {
	v.room = room
	err = tx.QueryRow(ctx, `
		select now(), a.suspended_at is not null,
		       exists (select from blocks where blocker_id = h.account_id and blocked_id = a.id),
		       exists (select from follows where followee_id = h.account_id and follower_id = a.id)
		from accounts a left join participants h on h.room_id = $2 and h.role = 'host' where a.id = $1`, account, room.ID).Scan(&v.now, &v.person.Suspended, &v.blocked, &v.follower)
	if errors.Is(err, pgx.ErrNoRows) {
		return v, ErrNoAccount
	}
	if err != nil {
		return v, fmt.Errorf("read visitor: %w", err)
	}
	suspended := v.person.Suspended
	p, err := personBy(ctx, tx, room.ID, account, "")
	if errors.Is(err, ErrNotThere) {
		err = nil
	}
	if err != nil {
		return v, err
	}
	v.person, v.person.Suspended = p, suspended
	return v, s.ticketTx(ctx, tx, &v, account)
}

// presentTx counts who is inside, and keeps others from counting until the
// transaction ends: a room is never fuller than it may be.
func presentTx(ctx context.Context, tx pgx.Tx, room uuid.UUID) (n int, err error) {
	if _, err = tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('door ' || $1::text, 0))`, room); err != nil {
		return 0, fmt.Errorf("lock door: %w", err)
	}
	err = tx.QueryRow(ctx, `
		select (select count(*) from participants where room_id = $1 and banned_at is null and seen_at > now() - interval '45 seconds')
		     + (select count(*) from guests where room_id = $1 and removed_at is null and seen_at > now() - interval '45 seconds')`, room).Scan(&n)
	return n, err
}

// Entry is what a person who was let in needs to connect.
type Entry struct {
	Pass
	Identity string
	Role     Role
}

// Join lets a person into a live room, as what their row says, a listener if
// they have none yet. The pass carries the rights of the row at this moment;
// who only reads need not use it.
func (s *Service) Join(ctx context.Context, account, id uuid.UUID, bot bool) (Entry, error) {
	var room Room
	var person Person
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if room, err = actingTx(ctx, tx, id, "share"); err != nil {
			return err
		}
		v, err := s.visitTx(ctx, tx, room, account)
		if err != nil {
			return err
		}
		if err = s.admitTx(ctx, tx, v); err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `
			insert into participants (room_id, account_id, identity, role, bot, joined_at, seen_at)
			values ($1, $2, $3, 'listener', $4, now(), now())
			on conflict (room_id, account_id) do update
			set bot = excluded.bot, joined_at = coalesce(participants.joined_at, now()), seen_at = now()`,
			id, account, randomName(), bot); err != nil {
			return fmt.Errorf("take a seat: %w", err)
		}
		person, err = personBy(ctx, tx, id, account, "")
		return err
	})
	if err != nil {
		return Entry{}, err
	}
	pass, err := s.media.Pass(seatOf(room, person), person.DisplayName)
	return Entry{Pass: pass, Identity: person.Identity, Role: person.Role}, err
}

// admitTx asks the gates, then the valve. Only newcomers are counted and
// wait their turn.
func (s *Service) admitTx(ctx context.Context, tx pgx.Tx, v visit) (err error) {
	if !v.known() {
		if v.present, err = presentTx(ctx, tx, v.room.ID); err != nil {
			return err
		}
	}
	if err := v.enter(); err != nil {
		return err
	}
	if v.known() {
		return nil
	}
	return s.valve.admit(v.room.ID)
}

// MayEnter says whether an account may be in a live room, without letting it
// in: the gates that may also turn somebody out.
func (s *Service) MayEnter(ctx context.Context, room, account uuid.UUID) error {
	err := s.MayStay(ctx, room, account)
	if errors.Is(err, ErrNotThere) {
		return nil
	}
	return err
}

// MayStay says whether an account that came in may still be there: whoever
// never came in has to join first, and an ended room is over.
func (s *Service) MayStay(ctx context.Context, room, account uuid.UUID) error {
	return s.visiting(ctx, room, account, func(v visit) error {
		if err := v.room.open(); err != nil {
			return err
		}
		return v.wasIn()
	})
}

// MayRemember says whether an account that was in a room may read of it after
// its end.
func (s *Service) MayRemember(ctx context.Context, room, account uuid.UUID) error {
	return s.visiting(ctx, room, account, visit.wasIn)
}

// wasIn refuses who may not be in the room, or never came in.
func (v visit) wasIn() error {
	if err := v.stay(); err != nil {
		return err
	}
	return when(v.person.JoinedAt == nil, ErrNotThere)
}

// visiting asks something of an account's visit to a room, as rows have it now.
func (s *Store) visiting(ctx context.Context, room, account uuid.UUID, ask func(v visit) error) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		r, err := roomBy(ctx, tx, selectRoom+` where r.id = $1`, room)
		if err != nil {
			return err
		}
		v, err := s.visitTx(ctx, tx, r, account)
		if err != nil {
			return err
		}
		return ask(v)
	})
}

// CameIn says whether an account or a guest came in by the door a moment ago
// or was seen there since; on stage one always did. Whoever was away for longer
// joins again, and is asked what the door asks now.
func (s *Store) CameIn(ctx context.Context, room, account, guest uuid.UUID) error {
	var in bool
	err := s.pool.QueryRow(ctx, `
		select exists (select from participants where room_id = $1 and account_id = $2 and joined_at is not null
		               and (role <> 'listener' or invited_at is not null or seen_at > now() - interval '45 seconds'))
		    or exists (select from guests where room_id = $1 and id = $3 and seen_at > now() - interval '45 seconds')`,
		room, account, guest).Scan(&in)
	if err == nil && !in {
		return ErrNotThere
	}
	return err
}

func seatOf(room Room, p Person) Seat {
	return Seat{
		Run: *room.Run, Identity: p.Identity, Role: p.Role, Muted: p.Muted, Bot: p.Bot,
		Suspended: p.Suspended, Banned: p.BannedAt != nil || p.Removed, Live: room.Status() == Live,
	}
}
