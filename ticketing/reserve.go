package ticketing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
)

// Ask is a wish for one seat.
type Ask struct {
	ID      uuid.UUID // of the order to be, made by the client: asking again is asking once
	Offer   uuid.UUID
	Account uuid.UUID
	Address string // network of whoever asks, for limits; forgotten when the hold ends
}

// verdict is what a group's statement says of one ask.
type verdict string

// The verdicts, in the words of the statement below.
const (
	verdictHeld    verdict = "held"
	verdictKnown   verdict = "known"   // this id has an order already
	verdictOver    verdict = "over"    // the room is, its sale was called off, or its seller shut out
	verdictEarly   verdict = "early"   // the sale is not open yet
	verdictClosed  verdict = "closed"  // it is not any more
	verdictSeated  verdict = "seated"  // the person has a seat
	verdictAccount verdict = "account" // the person holds too many
	verdictAddress verdict = "address" // people from this address do
	verdictFull    verdict = "full"    // no seat is left
)

// judged are the verdicts on a group, in its order, and what those who were
// given seats hold.
type judged struct {
	verdicts   []verdict
	price      int64
	currency   string
	now, until time.Time
}

// lockOffer puts everyone who takes seats of an offer in a row. What follows it
// in the transaction sees what the one before committed: a statement takes its
// snapshot when it begins, and this one is over by then.
//
// It also keeps the next statement from reading whole tables. Postgres keeps the
// plan it once made, and on a morning with few orders that is the best one; by
// noon it reads thousands for each ask. For the same reason the subqueries have
// limits, and name states as the one index does that they should use.
const lockOffer = `select set_config('enable_seqscan', 'off', true) from offers where id = $1 for update`

// reserve judges a group of asks for one offer and takes seats for those that
// may have one, in the order they came. No two are of one person, or of one id.
//
// Ids that are known come first: whoever asks again is told of their order and
// takes no second seat. Then all who may not have one fall out, and only then
// are the others numbered and the free seats given, so that nobody is refused
// for a seat that another did not take.
const reserve = `
	with moment as (select clock_timestamp() as now),
	offer as (
	  select f.id, f.price, f.currency, f.refund_hours, f.cap - f.taken as free, now, now + $7::interval as until, case
	      when f.cancelled_at is not null or r.id is null or r.ended_at is not null or r.cancelled_at is not null
	        or exists (select from accounts seller where seller.id = f.host_id and seller.suspended_at is not null) then 'over'
	      when f.opens_at > now then 'early'
	      when f.closes_at <= now then 'closed' end as shut
	  from offers f left join rooms r on r.id = f.room_id, moment where f.id = $1),
	asked as materialized (
	  select a.*, case
	      when (select true from orders where id = a.id limit 1) then 'known'
	      when shut is not null then shut
	      when (select true from orders o where o.account_id = a.account_id and o.offer_id = offer.id and o.state in ('held', 'paying', 'paid') limit 1) then 'seated'
	      when (select count(*) from (select from orders o where o.account_id = a.account_id and o.state in ('held', 'paying', 'paid') and o.state <> 'paid' limit $5) held) >= $5 then 'account'
	    end as verdict
	  from unnest($2::uuid[], $3::uuid[], $4::text[]) with ordinality as a (id, account_id, address, n), offer),
	addressed as materialized (
	  select id, account_id, address, n, case
	      when verdict is not null then verdict
	      when count(*) filter (where verdict is null) over (partition by address order by n)
	        + (select count(*) from (select from orders o where o.address = a.address limit $6) held) > $6 then 'address'
	    end as verdict
	  from asked a),
	judged as materialized (
	  select id, account_id, address, n, case
	      when verdict is not null then verdict
	      when count(*) filter (where verdict is null) over (order by n) > (select free from offer) then 'full'
	      else 'held' end as verdict
	  from addressed),
	taken as (
	  insert into orders (id, offer_id, account_id, price, currency, refund_hours, address, held_at, expires_at)
	  select j.id, offer.id, account_id, price, currency, refund_hours, address, now, until from judged j, offer where verdict = 'held'),
	counted as (
	  update offers set taken = taken + given from (select count(*) as given from judged where verdict = 'held') g where id = $1 and given > 0)
	select array_agg(verdict order by n), price, currency, now, until from judged, offer group by price, currency, now, until`

// reserveTx judges a group of asks in one go. The offer stays locked until the
// transaction ends.
func reserveTx(ctx context.Context, tx pgx.Tx, settings Settings, group []Ask) (j judged, err error) {
	all := make([]uuid.UUID, len(group))
	accounts := make([]uuid.UUID, len(group))
	addresses := make([]string, len(group))
	for i, a := range group {
		all[i], accounts[i], addresses[i] = a.ID, a.Account, a.Address
	}
	batch := &pgx.Batch{}
	batch.Queue(lockOffer, group[0].Offer)
	batch.Queue(reserve, group[0].Offer, all, accounts, addresses, settings.HoldsPerAccount, settings.HoldsPerAddress, settings.Hold)
	results := tx.SendBatch(ctx, batch)
	defer results.Close()
	if tag, err := results.Exec(); err != nil {
		return j, fmt.Errorf("lock offer: %w", err)
	} else if tag.RowsAffected() == 0 {
		return j, ErrNoOffer
	}
	if err := results.QueryRow().Scan(&j.verdicts, &j.price, &j.currency, &j.now, &j.until); err != nil {
		return j, fmt.Errorf("reserve seats: %w", err)
	}
	return j, results.Close()
}

// answer turns the verdict on one ask into what the asker is told. An order that
// is known must still be read.
func (j judged) answer(i int, a Ask, settings Settings) (Order, error) {
	switch j.verdicts[i] {
	case verdictHeld:
		return Order{ID: a.ID, OfferID: &a.Offer, AccountID: &a.Account, State: OnHold, Price: j.price, Currency: j.currency,
			HeldAt: j.now, ExpiresAt: j.until}, nil
	case verdictAccount:
		return Order{}, ErrManyHolds.With(fault.Params{"limit": settings.HoldsPerAccount})
	case verdictAddress:
		return Order{}, ErrManyFromHere.With(fault.Params{"limit": settings.HoldsPerAddress})
	}
	return Order{}, map[verdict]error{
		verdictKnown: errKnown, verdictOver: ErrSaleOver, verdictEarly: ErrSaleEarly, verdictClosed: ErrSaleClosed,
		verdictSeated: ErrHaveSeat, verdictFull: ErrSoldOut,
	}[j.verdicts[i]]
}

// errKnown: there is an order with this id.
var errKnown = errors.New("order is known")

// saleBusy asks people to come again in a moment.
func saleBusy() error { return &fault.Fault{Kind: ErrSaleBusy, RetryAfter: time.Second} }
