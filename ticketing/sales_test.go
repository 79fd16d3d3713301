package ticketing

import (
	"testing"

	"github.com/google/uuid"
)

// However many have or had a seat, page after page lists each of them once, also
// of those who came in the same moment.
func TestBuyersArePaged(t *testing.T) {
	b := setup(t)
	f := b.sale(5)
	last := b.buy(f, b.account("last"))
	const before = 2*MaxBuyers + 3
	b.exec(`
		insert into orders (id, offer_id, state, price, currency, held_at, expires_at, closed_at)
		select gen_random_uuid(), $1, 'refunded', 0, 'usd', now() - interval '1 hour', now(), now() from generate_series(1, $2::int)`, f.ID, before)
	b.exec(`
		insert into orders (id, offer_id, state, price, currency, held_at, expires_at, closed_at)
		select gen_random_uuid(), $1, 'expired', 0, 'usd', now(), now(), now() from generate_series(1, 10)`, f.ID)
	seen := map[uuid.UUID]bool{}
	var read []int
	for cursor := uuid.Nil; len(read) < 9; {
		counted, page, err := b.Buyers(b.ctx, *f.HostID, *f.RoomID, cursor, MaxBuyers)
		if err != nil || counted.Sold != 1 {
			t.Fatalf("%+v %v", counted, err)
		}
		if cursor == uuid.Nil && page[0].ID != last.ID {
			t.Errorf("the newest is %v", page[0].ID)
		}
		for _, buyer := range page {
			seen[buyer.ID] = true
			cursor = buyer.ID
		}
		read = append(read, len(page))
		if len(page) < MaxBuyers {
			break
		}
	}
	if len(seen) != before+1 || len(read) != 3 {
		t.Errorf("%d of %d on pages of %v", len(seen), before+1, read)
	}
	other := b.offer(*f.HostID, b.room(*f.HostID, 0), usual(1))
	for what, cursor := range map[string]uuid.UUID{"an order nobody made": uuid.New(), "another sale's": b.hold(other, b.account("elsewhere")).ID} {
		if _, page, err := b.Buyers(b.ctx, *f.HostID, *f.RoomID, cursor, MaxBuyers); err != nil || len(page) != 0 {
			t.Errorf("%s: %d %v", what, len(page), err)
		}
	}
}
