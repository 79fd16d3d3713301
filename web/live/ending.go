package live

import "salon/internal/fault"

// Close codes of our own. docs/room-socket.md says what a client does with each.
const (
	codeStopping  = 3001 // resume within the window that the reason names
	codeUnread    = 3003 // stop: not what this socket takes
	codeSlow      = 3008 // resume
	codeSilent    = 3012 // resume
	codeFlood     = 3013 // stop
	codeSignedOut = 4401 // sign in again
	codeRefused   = 4403 // stop; the reason is the refusal
	codeOver      = 4410 // stop; everything was delivered
)

// ending is why a connection closes.
type ending struct {
	code   int
	reason string
	last   bool // once the log has been delivered to its end
}

// endingOf is how a refusal ends a connection, or nil when the error is none
// and the right stays open.
func endingOf(err error) *ending {
	f := fault.Of(err)
	switch {
	case f == nil || f.Kind.Class == fault.Unavailable:
		return nil
	case f.Kind.Class == fault.Unauthenticated:
		return &ending{code: codeSignedOut, reason: f.Kind.Slug}
	case f.Kind.Class == fault.Gone:
		return &ending{code: codeOver, reason: f.Kind.Slug, last: true}
	}
	return &ending{code: codeRefused, reason: f.Kind.Slug}
}
