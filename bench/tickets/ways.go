package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/ticketing"
)

// way is one way to hold seats, one after the other for one person each.
type way struct {
	name string
	hold func(ctx context.Context, h *house, offer uuid.UUID, who person) (held bool, err error)
}

// ways are what is compared, in the order in which they take their turns. The
// other two know neither retries nor limits nor whether the sale is open: they
// do less than ours.
var ways = []way{{"salon", salon}, {"for update", forUpdate}, {"one statement", oneStatement}}

// reading is no way to hold seats, but what the database can do at best.
var reading = way{name: "pgbench -S"}

func salon(ctx context.Context, h *house, offer uuid.UUID, who person) (bool, error) {
	_, err := h.service.Hold(ctx, ticketing.Ask{ID: who.order, Offer: offer, Account: who.account, Network: who.network})
	if errors.Is(err, ticketing.ErrSoldOut) {
		return false, nil
	}
	return err == nil, err
}

func forUpdate(ctx context.Context, h *house, offer uuid.UUID, who person) (held bool, err error) {
	err = pgx.BeginFunc(ctx, h.pool, func(tx pgx.Tx) error {
		var taken, seats int
		if err := tx.QueryRow(ctx, `select taken, cap from offers where id = $1 for update`, offer).Scan(&taken, &seats); err != nil || taken >= seats {
			return err
		}
		_, err := tx.Exec(ctx, `insert into orders (id, offer_id, account_id, price, currency, network, expires_at)
			values ($1, $2, $3, 500, 'usd', $4, now() + interval '15 minutes')`, who.order, offer, who.account, who.network)
		if err != nil {
			return err
		}
		held = true
		_, err = tx.Exec(ctx, `update offers set taken = taken + 1 where id = $1`, offer)
		return err
	})
	return held, err
}

func oneStatement(ctx context.Context, h *house, offer uuid.UUID, who person) (bool, error) {
	tag, err := h.pool.Exec(ctx, `
		with free as (update offers set taken = taken + 1 where id = $2 and taken < cap returning id)
		insert into orders (id, offer_id, account_id, price, currency, network, expires_at)
		select $1, id, $3, 500, 'usd', $4, now() + interval '15 minutes' from free`, who.order, offer, who.account, who.network)
	return err == nil && tag.RowsAffected() == 1, err
}

// measure lets each way take its turn in each round.
func (h *house) measure(ctx context.Context, ways []way, rounds int, lasts time.Duration) (all, error) {
	said := all{}
	for range rounds {
		for _, w := range ways {
			m, err := h.turn(ctx, w, lasts)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", w.name, err)
			}
			fmt.Printf("%s: %.0f a second, p99 %.1f ms\n", w.name, m.rate, float64(m.p99)/float64(time.Millisecond))
			said[w.name] = append(said[w.name], m)
		}
	}
	return said, nil
}

func (h *house) turn(ctx context.Context, w way, lasts time.Duration) (m measured, err error) {
	if w.hold == nil {
		return h.read(ctx, lasts)
	}
	offer, err := h.room(ctx, 100_000)
	if err != nil {
		return m, err
	}
	few := 4 * h.clients
	if _, err := h.let(ctx, w, offer, h.people[:few], lasts); err != nil { // everything was used once
		return m, err
	}
	return h.let(ctx, w, offer, h.people[few:], lasts)
}

// let has all clients hold seats for one person after another, until the time or
// the people are over.
func (h *house) let(ctx context.Context, w way, offer uuid.UUID, people []person, lasts time.Duration) (m measured, err error) {
	var clients sync.WaitGroup
	var mu sync.Mutex
	var next, held atomic.Int64
	var took []time.Duration
	begin := time.Now()
	for range h.clients {
		clients.Go(func() {
			var mine []time.Duration
			for {
				i, began := int(next.Add(1)-1), time.Now()
				if i >= len(people) || began.Sub(begin) > lasts {
					break
				}
				got, failed := w.hold(ctx, h, offer, people[i])
				if failed != nil {
					mu.Lock()
					err = failed
					mu.Unlock()
					break
				}
				if got {
					held.Add(1)
				}
				mine = append(mine, time.Since(began))
			}
			mu.Lock()
			took = append(took, mine...)
			mu.Unlock()
		})
	}
	clients.Wait()
	if err != nil || len(took) == 0 {
		return m, err
	}
	slices.Sort(took)
	return measured{float64(held.Load()) / time.Since(begin).Seconds(), took[len(took)*99/100]}, nil
}

// sellOut offers fewer seats than people, and says how many more were held than
// there are, by what people were told, by the rows and by the count.
func (h *house) sellOut(ctx context.Context) (over int64, err error) {
	const seats = 5000
	offer, err := h.room(ctx, seats)
	if err != nil {
		return 0, err
	}
	var told atomic.Int64
	counting := way{"salon", func(ctx context.Context, h *house, offer uuid.UUID, who person) (bool, error) {
		held, err := salon(ctx, h, offer, who)
		if held {
			told.Add(1)
		}
		return held, err
	}}
	if _, err := h.let(ctx, counting, offer, h.people[:10*seats], time.Hour); err != nil {
		return 0, err
	}
	var rows, counted int64
	err = h.pool.QueryRow(ctx, `select (select count(*) from orders where offer_id = $1), taken from offers where id = $1`, offer).Scan(&rows, &counted)
	fmt.Printf("%d people for %d seats: %d were told they have one, %d have, %d are counted\n", 10*seats, seats, told.Load(), rows, counted)
	if err == nil && (told.Load() != rows || rows != counted || rows < seats) {
		err = errors.New("the seats do not add up")
	}
	return rows - seats, err
}
