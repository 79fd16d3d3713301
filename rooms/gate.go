package rooms

import (
	"fmt"
	"slices"
	"time"
)

// PathKind names one way through a gate: that of who may host, or that of who
// may sell.
type PathKind string

// The ways.
const (
	PathEveryone  PathKind = "everyone"  // no condition
	PathFollowers PathKind = "followers" // at least Min followers that count
	PathVouchers  PathKind = "vouchers"  // at least Min eligible hosts vouch
	PathAllowed   PathKind = "allowed"   // an admin said so
	PathHosted    PathKind = "hosted"    // at least Min rooms of theirs were live in the last 30 days; for selling only
)

// Path is one way with its threshold; Min itself passes.
type Path struct {
	Kind PathKind `json:"kind"`
	Min  int      `json:"min,omitempty"`
}

// DefaultPaths is the gate of a new server: the threshold Twitter Spaces
// opened with in 2021, and two ways for whoever is trusted but not followed.
var DefaultPaths = []Path{{PathFollowers, 600}, {PathVouchers, 2}, {Kind: PathAllowed}}

// GateRules are the paths of a gate and how they are joined.
type GateRules struct {
	All   bool   `json:"all"` // each path is needed; else one is enough
	Paths []Path `json:"paths"`
}

// DefaultSelling lets whoever may host sell.
var DefaultSelling = GateRules{Paths: []Path{{Kind: PathEveryone}}}

// maxThreshold keeps a typing error from shutting the gate for good.
const maxThreshold = 100_000_000

// CheckPaths says what is wrong with a set of rules for hosting, or nil.
func CheckPaths(paths []Path) error {
	return checkPaths(paths, PathFollowers, PathVouchers)
}

// CheckSelling is CheckPaths for selling.
func CheckSelling(r GateRules) error {
	return checkPaths(r.Paths, PathFollowers, PathVouchers, PathHosted)
}

// checkPaths is told which paths have a threshold.
func checkPaths(paths []Path, thresholds ...PathKind) error {
	if len(paths) == 0 {
		return ErrGateRules.With(nil)
	}
	for i, p := range paths {
		counted := slices.Contains(thresholds, p.Kind)
		plain := p.Kind == PathEveryone || p.Kind == PathAllowed
		again := slices.ContainsFunc(paths[:i], func(q Path) bool { return q.Kind == p.Kind })
		if again || (!counted && !plain) || (plain && p.Min != 0) || (counted && (p.Min < 1 || p.Min > maxThreshold)) {
			return ErrGateRules.With(nil)
		}
	}
	return nil
}

// Snapshot is everything a gate decision looks at. It is stored with the
// decision, so that the same input gives the same answer years later.
type Snapshot struct {
	All       bool      `json:"all,omitempty"` // each path is needed
	Paths     []Path    `json:"paths"`
	At        time.Time `json:"at"`        // the database's clock
	Followers int       `json:"followers"` // whose accounts are old enough to count
	Pending   int       `json:"pending"`   // followers whose accounts are too young
	Next      int       `json:"next"`      // how many of the pending count from NextAt
	NextAt    time.Time `json:"next_at,omitzero"`
	Vouchers  int       `json:"vouchers"`
	Allowed   bool      `json:"allowed"`
	Hosted    int       `json:"hosted,omitempty"` // rooms of theirs that were live in the last 30 days
	Owner     bool      `json:"owner"`            // of this server: always passes
	Suspended bool      `json:"suspended"`
}

// Decision is the gate's answer, path by path.
type Decision struct {
	Passed bool
	All    bool // each path is needed
	Paths  []PathAnswer
}

// PathAnswer says how far the account is on one path.
type PathAnswer struct {
	Kind   PathKind
	Passed bool
	Have   int
	Need   int
	Next   int       // more that count without doing anything, from NextAt
	NextAt time.Time // zero when Next is
}

// Missing is how many are still wanted.
func (a PathAnswer) Missing() int { return max(0, a.Need-a.Have) }

// Decide is either gate: a pure function of the snapshot.
func Decide(s Snapshot) Decision {
	d := Decision{All: s.All}
	passed := 0
	for _, p := range s.Paths {
		answer := s.answer(p)
		d.Paths = append(d.Paths, answer)
		if answer.Passed {
			passed++
		}
	}
	enough := passed > 0 && (!s.All || passed == len(s.Paths))
	d.Passed = (enough || s.Owner) && !s.Suspended
	return d
}

func (s Snapshot) answer(p Path) PathAnswer {
	a := PathAnswer{Kind: p.Kind, Need: p.Min}
	switch p.Kind {
	case PathEveryone:
		a.Passed = true
	case PathAllowed:
		a.Passed = s.Allowed
	case PathFollowers:
		a.Have, a.Passed = s.Followers, s.Followers >= p.Min
		if !a.Passed {
			a.Next, a.NextAt = s.Next, s.NextAt
		}
	case PathVouchers:
		a.Have, a.Passed = s.Vouchers, s.Vouchers >= p.Min
	case PathHosted:
		a.Have, a.Passed = s.Hosted, s.Hosted >= p.Min
	default:
		panic(fmt.Sprintf("rooms: unknown gate path %q", p.Kind))
	}
	return a
}
