// Package rooms is a room's life: who may host it, who is in it and on its
// stage, and what each of them may do. Rows decide; what the media server
// allows follows from them, through the Media a Service is given.
package rooms

import (
	"time"

	"github.com/google/uuid"

	"salon/internal/fault"
)

// Refusals of this package.
var (
	ErrNotFound    = fault.Define("room-not-found", fault.NotFound)
	ErrNoAccount   = fault.Define("person-not-found", fault.NotFound)
	ErrNotThere    = fault.Define("not-in-room", fault.NotFound)
	ErrHostGate    = fault.Define("host-gate", fault.Forbidden)
	ErrSellingGate = fault.Define("selling-gate", fault.Forbidden)
	ErrVouchGate   = fault.Define("vouch-gate", fault.Forbidden)
	ErrVouchSelf   = fault.Define("vouch-self", fault.Conflict)
	ErrGateRules   = fault.Define("gate-rules", fault.Invalid)
	ErrNotStarted  = fault.Define("room-not-started", fault.Conflict)
	ErrStarted     = fault.Define("room-already-started", fault.Conflict)
	ErrCancelled   = fault.Define("room-cancelled", fault.Gone)
	ErrStartsAt    = fault.Define("starts-at", fault.Invalid)
	ErrTimeSold    = fault.Define("time-sold", fault.Conflict)
	ErrEnded       = fault.Define("room-ended", fault.Gone)
	ErrNotAllowed  = fault.Define("not-allowed", fault.Forbidden)
	ErrRoomsADay   = fault.Define("rooms-a-day", fault.TooMany)
	ErrTooManyRoom = fault.Define("too-many-rooms", fault.Conflict)

	// At the door, in the order of the entry gates.
	ErrSuspended     = fault.Define("suspended", fault.Forbidden)
	ErrBanned        = fault.Define("banned", fault.Forbidden)
	ErrRemoved       = fault.Define("removed", fault.Forbidden) // with RetryAfter
	ErrBlocked       = fault.Define("blocked", fault.Forbidden)
	ErrLocked        = fault.Define("room-locked", fault.Forbidden)
	ErrNoTicket      = fault.Define("no-ticket", fault.Forbidden)
	ErrGuestTicket   = fault.Define("guest-ticket", fault.Forbidden)
	ErrFull          = fault.Define("room-full", fault.Unavailable)
	ErrInvitedOnly   = fault.Define("invited-only", fault.Forbidden)
	ErrFollowersOnly = fault.Define("followers-only", fault.Forbidden)
	ErrNoGuests      = fault.Define("no-guests", fault.Forbidden)
	ErrGuestBanned   = fault.Define("guest-banned", fault.Forbidden)
	ErrGuestsFrom    = fault.Define("too-many-guests", fault.TooMany)
	ErrDoorBusy      = fault.Define("door-busy", fault.Unavailable) // with RetryAfter

	// On and around the stage.
	ErrNotInvited    = fault.Define("not-invited", fault.Conflict)
	ErrOnStage       = fault.Define("already-on-stage", fault.Conflict)
	ErrStageFull     = fault.Define("stage-full", fault.Conflict)
	ErrCohostsFull   = fault.Define("cohosts-full", fault.Conflict)
	ErrHardMuted     = fault.Define("hard-muted", fault.Forbidden)
	ErrNoHand        = fault.Define("no-hand", fault.Conflict)
	ErrNoQuestion    = fault.Define("no-question", fault.Conflict)
	ErrQueueClosed   = fault.Define("queue-closed", fault.Forbidden)
	ErrSpeakInvited  = fault.Define("speak-invited", fault.Forbidden)
	ErrSpeakFollowed = fault.Define("speak-followed", fault.Forbidden)
	ErrNoReactions   = fault.Define("no-reactions", fault.Forbidden)

	// At the captioner's chair.
	ErrNotInChair   = fault.Define("not-in-chair", fault.Conflict)
	ErrNotSpeaking  = fault.Define("not-on-stage", fault.Conflict)
	ErrNoCorrection = fault.Define("not-a-caption", fault.Conflict)

	ErrNoEntry      = fault.Define("entry-not-found", fault.NotFound)
	ErrNoReport     = fault.Define("report-not-found", fault.NotFound)
	ErrReportClosed = fault.Define("report-closed", fault.Conflict)
)

// Role is what a person is in a room.
type Role string

// The roles. A guest has no account; an admin is one of this server's, whether
// or not they came into the room. A captioner was named by the host, and is one
// beside another role.
const (
	Host      Role = "host"
	Cohost    Role = "cohost"
	Speaker   Role = "speaker"
	Listener  Role = "listener"
	Guest     Role = "guest"
	Admin     Role = "admin"
	Captioner Role = "captioner"
)

// OnStage says whether the role's microphone may be heard.
func (r Role) OnStage() bool { return May(r, Publish) }

// rank orders the roles: a power over people reaches only those below.
func (r Role) rank() int {
	return map[Role]int{Admin: 4, Host: 3, Cohost: 2, Speaker: 1}[r]
}

// Status is where a room is in its life; it follows from its times.
type Status string

// The statuses.
const (
	Scheduled Status = "scheduled"
	Live      Status = "live"
	Ended     Status = "ended"
	Cancelled Status = "cancelled"
)

// Room is one room.
type Room struct {
	ID          uuid.UUID
	HostID      uuid.UUID
	HostName    string
	Handle      string // the host's
	Title       string
	Topics      []string
	Language    string
	Run         *string // name of its LiveKit room; nil until started
	Revision    int     // counts what was announced anew
	CreatedAt   time.Time
	StartsAt    *time.Time // announced; nil when the host starts it when they like
	StartedAt   *time.Time
	EndedAt     *time.Time
	CancelledAt *time.Time
	Rules
	HeirID     *uuid.UUID // takes over when the host is gone
	HostAwayAt *time.Time // since when nobody saw the host
}

// Rules are what the host may change about a room at any time.
type Rules struct {
	Entry       string // who may come in: everyone, followers of the host, or people who were invited
	WhoSpeaks   string // who may raise a hand: everyone, people the host follows, or nobody who is not invited
	Guests      bool   // people without an account may listen and read
	Locked      bool   // nobody new comes in
	HandsOpen   bool   // hands may be raised
	Reactions   bool
	Capacity    int // people and guests present at once
	MaxSpeakers int // beside host and co-hosts
	MaxCohosts  int
	KeepWords   string // live: not beyond the room; days: KeepDays, for who was there; public: for everyone
	KeepDays    int
}

// Status follows from the times.
func (r Room) Status() Status {
	switch {
	case r.CancelledAt != nil:
		return Cancelled
	case r.EndedAt != nil:
		return Ended
	case r.StartedAt != nil:
		return Live
	}
	return Scheduled
}

// open refuses what can only be done while the room is live.
func (r Room) open() error {
	switch r.Status() {
	case Ended:
		return ErrEnded
	case Cancelled:
		return ErrCancelled
	case Scheduled:
		return ErrNotStarted
	}
	return nil
}

// Person is one participant's row, with the name people know them by.
type Person struct {
	AccountID    uuid.UUID
	Handle       string
	DisplayName  string
	Identity     string
	Role         Role
	Muted        bool // may not publish
	HardMuted    bool // and cannot lift it alone
	Bot          bool
	Suspended    bool // the account, on the whole server
	HandRaisedAt *time.Time
	HandQuestion *string // what the person would ask
	InvitedAt    *time.Time
	BannedAt     *time.Time
	RemovedUntil *time.Time // may not come back before
	Removed      bool       // and that is still to come
	Listed       bool       // may enter a room for invited people
	Captioner    bool       // named by the host to write captions
	Staged       bool       // was on stage in this room
	JoinedAt     *time.Time
	SeenAt       *time.Time // connected, by socket or by sound
	Present      bool       // seen lately
}

// Seat is the part of a participant's row that decides what the media server
// must allow. Two equal seats need the same.
type Seat struct {
	Run       string
	Identity  string
	Role      Role
	Muted     bool
	Bot       bool
	Suspended bool
	Banned    bool // or removed, blocked, without the ticket the door asks for, or a guest where guests may not be
	Live      bool // the room is
}

// MayEnter says whether the person may be connected at all.
func (s Seat) MayEnter() bool { return s.Live && !s.Banned && !s.Suspended }
