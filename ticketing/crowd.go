package ticketing

import (
	"slices"

	"github.com/google/uuid"
)

// crowd is everyone who wants a seat of one offer.
//
// Two groups are answered at once: one is written while the other is counted. A
// group costs as much as some thirty seats, however small it is, so the second
// is not begun before it is as large as the first.
type crowd struct {
	waiting []asking
	groups  []*group // being answered
	workers int      // goroutines that answer them
	refused bool     // the last group was not given all it asked for, so the next is judged one by one
}

// group is some who are answered together: no two of one person or with one id,
// because the second must see what became of the first.
type group struct {
	asks     []asking
	names    map[uuid.UUID]bool // ids, and people
	networks map[Network]bool
	each     bool // to be judged one by one
}

// ripe says whether a group may be begun.
func (c *crowd) ripe() bool {
	if len(c.groups) == 0 {
		return len(c.waiting) > 0
	}
	return len(c.waiting) >= len(c.groups[0].asks)
}

// next takes a group out of the crowd, or nil if none is to be begun.
func (c *crowd) next() *group {
	if !c.ripe() {
		return nil
	}
	most := min(len(c.waiting), maxGroup)
	g := &group{names: make(map[uuid.UUID]bool, 2*most), networks: make(map[Network]bool, most), each: c.refused}
	var left []asking
	for i, a := range c.waiting {
		if len(g.asks) == maxGroup {
			left = append(left, c.waiting[i:]...)
			break
		}
		switch {
		case a.ctx.Err() != nil: // gone, and takes no seat
		case g.names[a.ID], g.names[a.Account], c.busy(a):
			left = append(left, a)
		default:
			g.add(a)
		}
	}
	if len(c.groups) > 0 && len(g.asks) < len(c.groups[0].asks) { // too many wait for who is in it
		return nil
	}
	c.waiting = left
	if len(g.asks) == 0 {
		return nil
	}
	c.groups = append(c.groups, g)
	return g
}

// busy says whether an ask has to wait for a group that is being answered: it is
// of the same person, or counts against the limit of the same network.
func (c *crowd) busy(a asking) bool {
	return slices.ContainsFunc(c.groups, func(g *group) bool {
		return g.names[a.ID] || g.names[a.Account] || g.networks[a.Network]
	})
}

// done takes note that a group was answered.
func (c *crowd) done(g *group, all bool) {
	c.groups = slices.DeleteFunc(c.groups, func(other *group) bool { return other == g })
	c.refused = !all
}

func (g *group) add(a asking) {
	g.asks = append(g.asks, a)
	g.names[a.ID], g.names[a.Account], g.networks[a.Network] = true, true, true
}
