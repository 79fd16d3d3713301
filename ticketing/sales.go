package ticketing

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Standing is whether seats of an offer can be had at this moment.
type Standing string

// The standings.
const (
	SaleOpen    Standing = "open"
	SaleEarly   Standing = "early"    // opens later
	SaleClosed  Standing = "closed"   // the time to buy is over
	SaleSoldOut Standing = "sold-out" // every seat is held or sold; a hold may end
	SaleOver    Standing = "over"     // the sale was called off, the room is over, or its seller was shut out
)

// Sale is an offer as it stands now, by the database's clock.
type Sale struct {
	Offer
	Standing Standing
}

// saleOver says of an offer that nobody will hear what it sells: it was called
// off, the room is over, or its seller is shut out of the server and may open
// none.
const saleOver = `(cancelled_at is not null
	         or not exists (select from rooms r where r.id = room_id and r.ended_at is null and r.cancelled_at is null)
	         or exists (select from accounts seller where seller.id = host_id and seller.suspended_at is not null))`

const selectSale = `
	select ` + offerColumns + `,
	       case when ` + saleOver + ` then 'over'
	            when opens_at > now() then 'early' when closes_at <= now() then 'closed' when taken >= cap then 'sold-out' else 'open' end as standing
	from offers`

// Sale reads what a room sells and whether it can be had now, or answers
// ErrNoOffer.
func (s *Store) Sale(ctx context.Context, room uuid.UUID) (Sale, error) {
	return one[Sale](ctx, s.pool, ErrNoOffer, selectSale+` where room_id = $1`, room)
}

// Sales reads what some rooms sell, of those that sell anything.
func (s *Store) Sales(ctx context.Context, rooms []uuid.UUID) ([]Sale, error) {
	rows, _ := s.pool.Query(ctx, selectSale+` where room_id = any($1) and cancelled_at is null`, rooms)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Sale])
}

// Counted is where the seats of an offer are.
type Counted struct {
	Sold  int // tickets that are good, given ones with them
	Given int
	Held  int // by people who have not paid
}

// Buyer is one order as the host sees it.
type Buyer struct {
	Order
	Handle, Name *string // nil when the account was deleted
	Arrived      bool    // came in
}

// MaxBuyers bounds one page of buyers.
const MaxBuyers = 500

const countSeats = `
	select count(*) filter (where state = 'paid'), count(*) filter (where state = 'paid' and complimentary),
	       count(*) filter (where state in ('held', 'paying')) from orders o where offer_id = $1 and ` + soldOrHeld

const selectBuyers = `
	select o.id, o.offer_id, o.account_id, o.state, o.price, o.currency, o.complimentary, o.held_at, o.expires_at, o.extended, o.closed_at,
	       a.handle, a.display_name as name,
	       o.state = 'paid' and exists (select from participants p where p.room_id = $2 and p.account_id = o.account_id and p.joined_at is not null) as arrived
	from orders o left join accounts a on a.id = o.account_id
	where o.offer_id = $1 and ` + soldOrHeld + `
	  and ($4 = $5::uuid or (o.held_at, o.id) < (select last.held_at, last.id from orders last where last.id = $4 and last.offer_id = $1))
	order by o.held_at desc, o.id desc limit $3`

// Buyers counts a room's seats and lists so many of those who have or had one,
// newest first: for the host of the room and for admins. Whoever has read a page
// gives its last order as before, and uuid.Nil for the first page; before an order
// of another sale there is nobody.
func (s *Store) Buyers(ctx context.Context, reader, room, before uuid.UUID, limit int) (c Counted, all []Buyer, err error) {
	f, err := s.mayReadSale(ctx, reader, room)
	if err != nil {
		return c, nil, err
	}
	err = s.pool.QueryRow(ctx, countSeats, f.ID).Scan(&c.Sold, &c.Given, &c.Held)
	if err != nil {
		return c, nil, fmt.Errorf("count seats: %w", err)
	}
	rows, _ := s.pool.Query(ctx, selectBuyers, f.ID, room, min(limit, MaxBuyers), before, uuid.Nil)
	all, err = pgx.CollectRows(rows, pgx.RowToStructByName[Buyer])
	if err != nil {
		return c, nil, fmt.Errorf("list buyers: %w", err)
	}
	return c, all, nil
}

// mayReadSale returns a room's offer to whoever sells, and to admins.
func (s *Store) mayReadSale(ctx context.Context, reader, room uuid.UUID) (Offer, error) {
	f, err := s.Offer(ctx, room)
	if err != nil {
		return f, err
	}
	admin, err := isAdmin(ctx, s.pool, reader)
	if err == nil && !admin && (f.HostID == nil || *f.HostID != reader) {
		err = ErrNotSeller
	}
	return f, err
}

func isAdmin(ctx context.Context, q querier, account uuid.UUID) (bool, error) {
	rows, _ := q.Query(ctx, `select exists (select from accounts where id = $1 and admin)`, account)
	admin, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	if err != nil {
		return false, fmt.Errorf("read actor: %w", err)
	}
	return admin, nil
}

// Quote says where the money of one sale would go, if it were made now by this
// host.
func (s *Service) Quote(ctx context.Context, host uuid.UUID, price int64, currency string) (Split, error) {
	if err := s.priced(price, currency); err != nil {
		return Split{}, err
	}
	var before int64
	if err := s.pool.QueryRow(ctx, selectLifetime, host, currency).Scan(&before); err != nil {
		return Split{}, fmt.Errorf("read lifetime sales: %w", err)
	}
	return s.settings.Cut.Terms(currency).Split(before, price), nil
}

// PricesIn bound what a seat may cost that is not free.
func (s *Service) PricesIn(currency string) Prices { return s.settings.PricesIn(currency) }

// Held says for how long a seat is held, and for how much longer it can be asked
// for once.
func (s *Service) Held() (hold, extension time.Duration) {
	return s.settings.Hold, s.settings.Extension
}
