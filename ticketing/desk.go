package ticketing

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// deskTimeout bounds one transaction of the desk.
const deskTimeout = 10 * time.Second

// maxGroup is how many asks are answered at once, and maxQueue how many wait
// for one offer before the others are told to come again.
const (
	maxGroup = 256
	maxQueue = 4096
)

// desk answers those who want a seat. Whoever waits for one offer is answered
// together, by one goroutine and in one transaction, because a hundred who lock
// one row each wait for ninety-nine others. Nobody waits when nobody else does.
// Any number of desks, in any number of processes, take their turns at the row.
type desk struct {
	pool     *pgxpool.Pool
	settings Settings
	mu       sync.Mutex
	offers   map[uuid.UUID][]asking // an offer with a key has a goroutine at work
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
	if d.offers == nil {
		d.offers = map[uuid.UUID][]asking{}
	}
	queue, working := d.offers[a.Offer]
	if len(queue) >= maxQueue {
		return false
	}
	d.offers[a.Offer] = append(queue, a)
	if !working {
		go d.work(a.Offer)
	}
	return true
}

// work answers group after group until nobody waits.
func (d *desk) work(offer uuid.UUID) {
	for {
		group := d.take(offer)
		if len(group) == 0 {
			return
		}
		d.answer(group)
	}
}

// take takes the next group from the queue: no two of one person or with one
// id, because the second must see what became of the first.
func (d *desk) take(offer uuid.UUID) (group []asking) {
	d.mu.Lock()
	defer d.mu.Unlock()
	seen := map[uuid.UUID]bool{}
	var left []asking
	for i, a := range d.offers[offer] {
		if len(group) == maxGroup {
			left = append(left, d.offers[offer][i:]...)
			break
		}
		switch {
		case a.ctx.Err() != nil: // gone, and takes no seat
		case seen[a.ID] || seen[a.Account]:
			left = append(left, a)
		default:
			seen[a.ID], seen[a.Account] = true, true
			group = append(group, a)
		}
	}
	d.offers[offer] = left
	if len(group) == 0 {
		delete(d.offers, offer)
	}
	return group
}

// answer answers a group together and, should that fail, each alone: what is
// wrong with one is not the others' fault, and whether a lost transaction had
// been committed is found by the ids. When one alone fails too, the database is
// to blame, and the rest are not made to wait for it.
func (d *desk) answer(group []asking) {
	j, err := d.reserve(group)
	if err == nil || fault.Of(err) != nil {
		d.tell(group, j, err)
		return
	}
	for i := range group {
		alone := group[i : i+1]
		if j, err = d.reserve(alone); err != nil && fault.Of(err) == nil {
			d.tell(group[i:], j, err)
			return
		}
		d.tell(alone, j, err)
	}
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

func (d *desk) reserve(group []asking) (j judged, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), deskTimeout)
	defer cancel()
	asks := make([]Ask, len(group))
	for i, a := range group {
		asks[i] = a.Ask
	}
	err = postgres.InTx(ctx, d.pool, func(tx pgx.Tx) error {
		j, err = reserveTx(ctx, tx, d.settings, asks)
		return err
	})
	if postgres.Constraint(err) == "orders_account_id_fkey" && len(group) == 1 {
		err = ErrNoBuyer
	}
	return j, err
}
