package ticketing

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/fault"
)

// deskTimeout bounds one transaction of the desk.
const deskTimeout = 10 * time.Second

// maxGroup is how many asks are answered together, maxGroups how many groups of
// one offer at once, and maxQueue how many wait for an offer before the others
// are told to come again.
const (
	maxGroup  = 256
	maxGroups = 2
	maxQueue  = 4096
)

// desk answers those who want a seat. Whoever waits for one offer is answered
// together, in one transaction, because a hundred who lock one row each wait for
// ninety-nine others. Nobody waits when nobody else does.
// Any number of desks, in any number of processes, take their turns at the row.
type desk struct {
	pool     *pgxpool.Pool
	settings Settings
	mu       sync.Mutex
	crowds   map[uuid.UUID]*crowd // by offer, while somebody wants a seat of it
}

type asking struct {
	ctx context.Context
	Ask
	done chan<- answered
}

type answered struct {
	order Order
	err   error
}

// ask returns the order that holds the seat. A caller who goes away before
// their group was begun takes no seat; later, the seat may be taken all the
// same, and asking again finds it.
func (d *desk) ask(ctx context.Context, a Ask) (Order, error) {
	done := make(chan answered, 1)
	if !d.enqueue(asking{ctx, a, done}) {
		return Order{}, saleBusy()
	}
	select {
	case one := <-done:
		return one.order, one.err
	case <-ctx.Done():
		return Order{}, ctx.Err()
	}
}

func (d *desk) enqueue(a asking) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.crowds == nil {
		d.crowds = map[uuid.UUID]*crowd{}
	}
	c := d.crowds[a.Offer]
	if c == nil {
		c = &crowd{}
		d.crowds[a.Offer] = c
	}
	if len(c.waiting) >= maxQueue {
		return false
	}
	c.waiting = append(c.waiting, a)
	if c.workers < maxGroups && c.ripe() && !c.busy(a) {
		c.workers++
		go d.work(a.Offer, c)
	}
	return true
}

// work answers group after group while there are any to be begun.
func (d *desk) work(offer uuid.UUID, c *crowd) {
	for {
		d.gather(c)
		g := d.next(offer, c)
		if g == nil {
			return
		}
		all := d.answer(g)
		d.mu.Lock()
		c.done(g, all)
		d.mu.Unlock()
	}
}

// gather lets those go first who are about to ask: others whose turn it is, and
// who were just told and ask for somebody else. Nobody is waited for.
func (d *desk) gather(c *crowd) {
	for before := -1; ; runtime.Gosched() {
		d.mu.Lock()
		waiting := len(c.waiting)
		d.mu.Unlock()
		if waiting <= before {
			return
		}
		before = waiting
	}
}

func (d *desk) next(offer uuid.UUID, c *crowd) *group {
	d.mu.Lock()
	defer d.mu.Unlock()
	g := c.next()
	if g != nil {
		return g
	}
	if c.workers--; c.workers == 0 {
		delete(d.crowds, offer)
	}
	return nil
}

// answer answers a group together and, should that fail, each alone: what is
// wrong with one is not the others' fault, and whether a lost transaction had
// been committed is found by the ids. When one alone fails too, the database is
// to blame, and the rest are not made to wait for it. It says whether everybody
// was given a seat at once.
func (d *desk) answer(g *group) (all bool) {
	j, err := d.reserve(g.asks, g.each)
	if err == nil || fault.Of(err) != nil {
		d.tell(g.asks, j, err)
		return err == nil && j.all()
	}
	for i := range g.asks {
		alone := g.asks[i : i+1]
		if j, err = d.reserve(alone, true); err != nil && fault.Of(err) == nil {
			d.tell(g.asks[i:], j, err)
			return false
		}
		d.tell(alone, j, err)
	}
	return false
}

func (d *desk) tell(group []asking, j judged, err error) {
	for i, a := range group {
		if err != nil {
			a.done <- answered{err: err}
			continue
		}
		order, err := j.answer(i, a.Ask, d.settings)
		a.done <- answered{order, err}
	}
}

// reserve gives a group its seats, or judges each in it.
func (d *desk) reserve(group []asking, each bool) (j judged, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), deskTimeout)
	defer cancel()
	if !each {
		if j, err = d.reserveAll(ctx, group); !errors.Is(err, errNotAll) {
			return j, err
		}
	}
	return d.reserveEach(ctx, group)
}
