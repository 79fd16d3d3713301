package accounts

import (
	"slices"

	"github.com/google/uuid"
)

// Scope is one thing an API token may do. A session may do them all.
type Scope string

// The scopes.
const (
	ScopeRead   Scope = "read"   // see what the account sees
	ScopeFollow Scope = "follow" // follow, unfollow, vouch
	ScopeRooms  Scope = "rooms"  // host, join and act in rooms
)

// Scopes is every scope there is.
var Scopes = []Scope{ScopeRead, ScopeFollow, ScopeRooms}

// Caller is who sent a request and by what right.
type Caller struct {
	AccountID uuid.UUID
	Handle    string
	Admin     bool
	SessionID uuid.UUID // zero when an API token was used
	Renewed   bool      // the session was just made to last longer
	Scopes    []Scope   // of the API token

	CredentialID uuid.UUID // of the session or the API token
	Bot          bool      // the API token is marked as a machine's

	MustVerify bool // sign-up goes by mail domain here, and the account's address is not proved
}

// HasSession says whether the caller signed in, rather than sent a token.
func (c Caller) HasSession() bool { return c.SessionID != uuid.Nil }

// May says whether the caller's credential covers the scope.
func (c Caller) May(scope Scope) bool {
	return c.HasSession() || slices.Contains(c.Scopes, scope)
}
