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
	ErrVouchGate   = fault.Define("vouch-gate", fault.Forbidden)
	ErrVouchSelf   = fault.Define("vouch-self", fault.Conflict)
	ErrGateRules   = fault.Define("gate-rules", fault.Invalid)
	ErrNotStarted  = fault.Define("room-not-started", fault.Conflict)
	ErrStarted     = fault.Define("room-already-started", fault.Conflict)
	ErrCancelled   = fault.Define("room-cancelled", fault.Gone)
	ErrStartsAt    = fault.Define("starts-at", fault.Invalid)
	ErrEnded       = fault.Define("room-ended", fault.Gone)
	ErrSuspended   = fault.Define("suspended", fault.Forbidden)
	ErrBanned      = fault.Define("banned", fault.Forbidden)
	ErrNotAllowed  = fault.Define("not-allowed", fault.Forbidden)
	ErrNotInvited  = fault.Define("not-invited", fault.Conflict)
	ErrOnStage     = fault.Define("already-on-stage", fault.Conflict)
	ErrRoomsADay   = fault.Define("rooms-a-day", fault.TooMany)
	ErrTooManyRoom = fault.Define("too-many-rooms", fault.Conflict)
)

// Role is what a person is in a room.
type Role string

// The roles.
const (
	Host     Role = "host"
	Speaker  Role = "speaker"
	Listener Role = "listener"
)

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
	Muted        bool // by the host: may not publish
	Bot          bool
	Suspended    bool // the account, on the whole server
	HandRaisedAt *time.Time
	InvitedAt    *time.Time
	BannedAt     *time.Time
	JoinedAt     *time.Time
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
	Banned    bool
	Live      bool // the room is
}

// MayEnter says whether the person may be connected at all.
func (s Seat) MayEnter() bool { return s.Live && !s.Banned && !s.Suspended }
