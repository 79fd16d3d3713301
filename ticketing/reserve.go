package ticketing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// Ask is a wish for one seat.
type Ask struct {
	ID      uuid.UUID // of the order to be, made by the client: asking again is asking once
	Offer   uuid.UUID
	Account uuid.UUID
	Network Network // of whoever asks, for limits; forgotten when the hold ends
}

// verdict is what a group's statement says of one ask.
type verdict string

// The verdicts, in the words of the statement below.
const (
	verdictHeld    verdict = "held"
	verdictKnown   verdict = "known"   // this id has an order already
	verdictNobody  verdict = "nobody"  // there is no such account
	verdictOver    verdict = "over"    // the room is, its sale was called off, or its seller shut out
	verdictEarly   verdict = "early"   // the sale is not open yet
	verdictClosed  verdict = "closed"  // it is not any more
	verdictSeated  verdict = "seated"  // the person has a seat
	verdictAccount verdict = "account" // the person holds too many
	verdictNetwork verdict = "network" // people of this network do
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

// A group is given its seats by one of two ways. The first is the usual one: all
// may have theirs. Its orders are written before the offer is locked, so that
// two groups can be written at once, and are counted under the lock. The other
// locks the offer and judges each ask.
//
// Both are planned while there may be few orders, and run when there are many.
// What they look up is in subqueries of one row, which Postgres cannot turn into
// joins that read everything, and that name states as the one index does that
// they should use: in ('held', 'paying', 'paid'), though those that are paid do
// not count.

// enough says that seats are left for a whole group, and that the sale is open.
const enough = `
	f.taken + cardinality($2::uuid[]) <= f.cap and f.cancelled_at is null
	and (f.opens_at is null or f.opens_at <= now) and (f.closes_at is null or f.closes_at > now)`

// stands says that there will be something to hear, of somebody who may sell.
const stands = `
	(select true from rooms r where r.id = f.room_id and r.ended_at is null and r.cancelled_at is null limit 1)
	and (select suspended_at from accounts seller where seller.id = f.host_id limit 1) is null`

// seatAll writes an order for every ask of a group and counts them, or does
// nothing where it is clear already that not all may have one. Limits count what
// was held before it began. An id that is known, and a second seat for somebody,
// violate a unique index.
//
// The offer is locked by its update, and then looked at once more. Where the
// orders may not stand, because others were counted meanwhile, the terms are not
// those of a moment ago, or an account is gone, it counts less than nothing,
// which the schema refuses.
const seatAll = `
	with moment as materialized (select clock_timestamp() as now),
	terms as materialized (
	  select f.id, f.price, f.currency, f.refund_hours, now from offers f, moment
	  where f.id = $1 and ` + enough + ` and ` + stands + `),
	written as (
	  insert into orders (id, offer_id, account_id, price, currency, refund_hours, network, held_at, expires_at)
	  select a.id, terms.id, account_id, price, currency, refund_hours, network, now, now + $5::interval
	  from terms, unnest($2::uuid[], $3::uuid[], $4::bigint[]) a (id, account_id, network)
	  where (select true from accounts buyer where buyer.id = a.account_id limit 1)
	    and not exists (
	      select from orders o where o.account_id = any($3::uuid[]) and o.state in ('held', 'paying', 'paid') and o.state <> 'paid'
	      group by o.account_id having count(*) >= $6)
	    and not exists (
	      select from orders o where o.network = any($4::bigint[])
	      group by o.network having count(*) + cardinality(array_positions($4::bigint[], o.network)) > $7)
	  returning true)
	update offers f set taken = case
	    when ` + enough + ` and written = cardinality($2::uuid[])
	      and terms.price = f.price and terms.currency = f.currency and terms.refund_hours is not distinct from f.refund_hours
	    then f.taken + written else -1 end
	from terms, (select count(*) as written from written) counted
	where f.id = $1 and written > 0
	returning f.price, f.currency, now, now + $5::interval`

// lockOffer puts everyone who takes seats of an offer in a row. What follows it
// in the transaction sees what the one before committed: a statement takes its
// snapshot when it begins, and this one is over by then.
const lockOffer = `select from offers where id = $1 for update`

// judgeEach judges a group of asks for one offer and takes seats for those that
// may have one, in the order they came. No two are of one person, or of one id.
//
// Ids that are known come first: whoever asks again is told of their order and
// takes no second seat. Then all who may not have one fall out, and only then
// are the others numbered and the free seats given, so that nobody is refused
// for a seat that another did not take.
const judgeEach = `
	with moment as (select clock_timestamp() as now),
	offer as (
	  select f.id, f.price, f.currency, f.refund_hours, f.cap - f.taken as free, now, now + $7::interval as until, case
	      when f.cancelled_at is not null or (` + stands + `) is not true then 'over'
	      when f.opens_at > now then 'early'
	      when f.closes_at <= now then 'closed' end as shut
	  from offers f, moment where f.id = $1),
	asked as materialized (
	  select a.*, case
	      when (select true from orders where id = a.id limit 1) then 'known'
	      when shut is not null then shut
	      when (select true from accounts buyer where buyer.id = a.account_id limit 1) is null then 'nobody'
	      when (select true from orders o where o.account_id = a.account_id and o.offer_id = offer.id and o.state in ('held', 'paying', 'paid') limit 1) then 'seated'
	      when (select count(*) from (select from orders o where o.account_id = a.account_id and o.state in ('held', 'paying', 'paid') and o.state <> 'paid' limit $5) held) >= $5 then 'account'
	    end as verdict
	  from unnest($2::uuid[], $3::uuid[], $4::bigint[]) with ordinality as a (id, account_id, network, n), offer),
	placed as materialized (
	  select id, account_id, network, n, case
	      when verdict is not null then verdict
	      when count(*) filter (where verdict is null) over (partition by network order by n)
	        + (select count(*) from (select from orders o where o.network = a.network limit $6) held) > $6 then 'network'
	    end as verdict
	  from asked a),
	judged as materialized (
	  select id, account_id, network, n, case
	      when verdict is not null then verdict
	      when count(*) filter (where verdict is null) over (order by n) > (select free from offer) then 'full'
	      else 'held' end as verdict
	  from placed),
	taken as (
	  insert into orders (id, offer_id, account_id, price, currency, refund_hours, network, held_at, expires_at)
	  select j.id, offer.id, account_id, price, currency, refund_hours, network, now, until from judged j, offer where verdict = 'held'),
	counted as (
	  update offers set taken = taken + given from (select count(*) as given from judged where verdict = 'held') g where id = $1 and given > 0)
	select array_agg(verdict order by n), price, currency, now, until from judged, offer group by price, currency, now, until`

// columns are a group as the statements take it.
type columns struct {
	offer         pgtype.UUID
	ids, accounts pgtype.FlatArray[pgtype.UUID]
	networks      pgtype.FlatArray[int64]
}

func columnsOf(group []asking) columns {
	c := columns{pgtype.UUID{Bytes: group[0].Offer, Valid: true}, make([]pgtype.UUID, len(group)), make([]pgtype.UUID, len(group)), make([]int64, len(group))}
	for i, a := range group {
		c.ids[i] = pgtype.UUID{Bytes: a.ID, Valid: true}
		c.accounts[i] = pgtype.UUID{Bytes: a.Account, Valid: true}
		c.networks[i] = int64(a.Network)
	}
	return c
}

// errNotAll: not everybody of a group may have a seat, and nobody was given one.
var errNotAll = errors.New("not all may have a seat")

// reserveAll gives everyone in a group a seat, or answers errNotAll.
func (d *desk) reserveAll(ctx context.Context, group []asking) (j judged, err error) {
	if crowded(group, d.settings.HoldsPerAddress) {
		return j, errNotAll
	}
	c := columnsOf(group)
	err = d.pool.QueryRow(ctx, seatAll, c.offer, c.ids, c.accounts, c.networks, d.settings.Hold, d.settings.HoldsPerAccount, d.settings.HoldsPerAddress).
		Scan(&j.price, &j.currency, &j.now, &j.until)
	switch constraint := postgres.Constraint(err); {
	case errors.Is(err, pgx.ErrNoRows), constraint == "offers_never_oversold", constraint == "orders_pkey", constraint == "orders_one_seat", postgres.RolledBack(err):
		return j, errNotAll
	case err != nil:
		return j, fmt.Errorf("reserve seats: %w", err)
	}
	j.verdicts = slices.Repeat([]verdict{verdictHeld}, len(group))
	return j, nil
}

// crowded says whether more of a group are of one network than may be.
func crowded(group []asking, limit int) bool {
	if len(group) <= limit {
		return false
	}
	from := make(map[Network]int, len(group))
	for _, a := range group {
		if from[a.Network]++; from[a.Network] > limit {
			return true
		}
	}
	return false
}

// reserveEach judges each of a group, in one transaction too.
func (d *desk) reserveEach(ctx context.Context, group []asking) (j judged, err error) {
	c := columnsOf(group)
	batch := &pgx.Batch{}
	batch.Queue(lockOffer, c.offer)
	batch.Queue(judgeEach, c.offer, c.ids, c.accounts, c.networks, d.settings.HoldsPerAccount, d.settings.HoldsPerAddress, d.settings.Hold)
	results := d.pool.SendBatch(ctx, batch)
	defer results.Close()
	if tag, err := results.Exec(); err != nil {
		return j, fmt.Errorf("lock offer: %w", err)
	} else if tag.RowsAffected() == 0 {
		return j, ErrNoOffer
	}
	if err := results.QueryRow().Scan(&j.verdicts, &j.price, &j.currency, &j.now, &j.until); err != nil {
		return j, fmt.Errorf("judge asks: %w", err)
	}
	if err := results.Close(); err != nil {
		return j, fmt.Errorf("commit seats: %w", err)
	}
	return j, nil
}

// all says whether everybody was given a seat.
func (j judged) all() bool {
	return !slices.ContainsFunc(j.verdicts, func(v verdict) bool { return v != verdictHeld })
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
	case verdictNetwork:
		return Order{}, ErrManyFromHere.With(fault.Params{"limit": settings.HoldsPerAddress})
	}
	refusal, known := map[verdict]error{
		verdictKnown: errKnown, verdictNobody: ErrNoBuyer, verdictOver: ErrSaleOver, verdictEarly: ErrSaleEarly, verdictClosed: ErrSaleClosed,
		verdictSeated: ErrHaveSeat, verdictFull: ErrSoldOut,
	}[j.verdicts[i]]
	if !known {
		return Order{}, fmt.Errorf("unknown verdict %q", j.verdicts[i])
	}
	return Order{}, refusal
}

// errKnown: there is an order with this id.
var errKnown = errors.New("order is known")

// saleBusy asks people to come again in a moment.
func saleBusy() error { return &fault.Fault{Kind: ErrSaleBusy, RetryAfter: time.Second} }
