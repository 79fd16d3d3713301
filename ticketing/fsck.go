package ticketing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Finding is one thing that ought not to be.
type Finding struct {
	Invariant string // I1 to I9 and I14, which docs/money.md explains
	Subject   string // the id of an offer, order, ticket, host or session
	Detail    string
	Safe      bool // Repair can mend it without anybody deciding anything
}

// repair mends what a query found.
type repair func(s *Service, ctx context.Context, subject string) error

// byID is a repair of what has an id of ours.
func byID(mend func(s *Service, ctx context.Context, id uuid.UUID) error) repair {
	return func(s *Service, ctx context.Context, subject string) error {
		id, err := uuid.Parse(subject)
		if err != nil {
			return err
		}
		return mend(s, ctx, id)
	}
}

// check is a query of findings: subject and detail.
type check struct {
	invariant string
	sql       string
	mend      repair // nil: a person must look
}

// grossOfOrders is what each order brought in and did not give back.
const grossOfOrders = `select order_id, currency, -sum(amount) as gross from ledger_entries where account = 'buyer' group by order_id, currency`

// checks are the invariants that rows alone can break.
var checks = []check{
	{"I1", `
		select f.id, format('%s seats are taken, %s are counted, of %s', count(o.id), f.taken, f.cap)
		from offers f left join orders o on o.offer_id = f.id and o.state in ('held', 'paying', 'paid')
		group by f.id having count(o.id) <> f.taken or count(o.id) > f.cap`, byID((*Service).recount)},
	{"I1", `
		select o.id, 'its offer is not there' from orders o
		where o.offer_id is not null and not exists (select from offers f where f.id = o.offer_id)`, nil},
	{"I1", `
		select o.id, 'its buyer is not there' from orders o
		where o.account_id is not null and not exists (select from accounts a where a.id = o.account_id)`, byID((*Service).forgetBuyer)},
	{"I2", `
		select min(id::text)::uuid, format('%s active tickets of one person for one room', count(*))
		from tickets where voided_at is null group by room_id, account_id having count(*) > 1 and room_id is not null and account_id is not null`, nil},
	{"I2", `
		select min(order_id::text)::uuid, format('%s orders for one payment', count(*))
		from payments group by payment_id having count(*) > 1 and payment_id is not null`, nil},
	{"I3", `
		select o.id, format('paid, and %s, without a ticket', o.state)
		from orders o where o.state = 'paid' and not exists (select from tickets t where t.order_id = o.id and t.voided_at is null)`, nil},
	{"I3", `
		select o.id, format('paid, and %s', o.state)
		from orders o join payments p on p.order_id = o.id
		where p.paid_at is not null and o.state not in ('paid', 'refunding', 'refunded', 'disputed')`, byID((*Service).resettle)},
	{"I3", `
		select o.id, 'its money should go back, and nobody sends it'
		from orders o where o.state = 'refunding' and not exists (select from refunds r where r.order_id = o.id and r.state in ('asked', 'sent'))
		  and not exists (select from refunds r where r.order_id = o.id and r.state = 'failed')`, byID((*Service).resend)},
	{"I3", `
		select o.id, 'its refund failed, and a person must find another way'
		from orders o where o.state = 'refunding' and not exists (select from refunds r where r.order_id = o.id and r.state in ('asked', 'sent'))
		  and exists (select from refunds r where r.order_id = o.id and r.state = 'failed')`, nil},
	{"I4", `
		select o.id, format('the ticket is good, and the order is %s', o.state)
		from orders o join tickets t on t.order_id = o.id where t.voided_at is null and o.state <> 'paid'`, byID((*Service).closeDoor)},
	{"I5", `
		select o.id, 'more went back than was paid'
		from orders o join ledger_entries e on e.order_id = o.id and e.account = 'buyer'
		group by o.id having sum(e.amount) > 0`, nil},
	{"I5", `
		select o.id, 'more of the cut went back than was taken'
		from orders o join ledger_entries e on e.order_id = o.id and e.account = 'cut'
		group by o.id having sum(e.amount) < 0`, nil},
	{"I6", `
		select order_id, format('transaction %s is off by %s %s', n, sum(amount), currency)
		from ledger_entries group by order_id, n, currency having sum(amount) <> 0`, nil},
	{"I6", `
		select t.order_id, format('transaction %s has no entries', t.n)
		from ledger_transactions t where not exists (select from ledger_entries e where e.order_id = t.order_id and e.n = t.n)`, nil},
	{"I6", `
		select order_id, format('%s transactions are numbered up to %s', count(*), max(n))
		from ledger_transactions group by order_id having count(*) <> max(n)`, nil},
	{"I6", `
		select coalesce(c.host_id, b.host_id), format('sold %s %s by the ledger, %s by the count', coalesce(b.gross, 0), coalesce(b.currency, c.currency), coalesce(c.gross, 0))
		from host_sales c full join (
		  select f.host_id, e.currency, sum(greatest(e.gross, 0)) as gross
		  from (` + grossOfOrders + `) e join orders o on o.id = e.order_id join offers f on f.id = o.offer_id
		  where f.host_id is not null group by f.host_id, e.currency) b
		using (host_id, currency) where coalesce(b.gross, 0) <> coalesce(c.gross, 0)`, byID((*Service).recountHost)},
	{"I7", `
		select order_id, format('gross %s, fee %s', gross, fee) from payments where fee < 0 or fee > gross or gross <> (split->>'gross')::bigint`, nil},
	{"I9", `
		select id, format('%s was taken %s and nothing came of it', type, received_at)
		from stripe_events where applied_at is null and received_at < now() - interval '10 minutes'`, (*Service).applyEvent},
	{"I14", `
		select id, format('%s until %s', state, expires_at) from orders
		where network is not null and expires_at < now() - interval '60 seconds'`, byID((*Service).endHold)},
}

// Fsck looks for everything that ought not to be: first among the rows alone,
// then by asking Stripe about every payment (I8), which takes a while.
func (s *Service) Fsck(ctx context.Context) (all []Finding, err error) {
	for _, c := range checks {
		found, err := s.find(ctx, c)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	compared, err := s.compareAll(ctx)
	return append(all, compared...), err
}

func (s *Service) find(ctx context.Context, c check) ([]Finding, error) {
	rows, _ := s.pool.Query(ctx, `select subject::text, detail from (`+c.sql+`) as found (subject, detail)`)
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f Finding, err error) {
		f.Invariant, f.Safe = c.invariant, c.mend != nil
		return f, row.Scan(&f.Subject, &f.Detail)
	})
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", c.invariant, err)
	}
	return found, nil
}

// compareAll asks Stripe about every payment, and compares what it says with the
// ledger. What was paid lately and is not known here is found too.
func (s *Service) compareAll(ctx context.Context) (all []Finding, err error) {
	unheard, err := s.unheardSessions(ctx)
	if err != nil {
		return nil, err
	}
	for _, session := range unheard {
		all = append(all, Finding{Invariant: "I3", Subject: session, Detail: "paid at Stripe, and not here", Safe: true})
	}
	sessions, err := s.sessions(ctx, `select session_id from payments where session_id is not null order by created_at`)
	if err != nil {
		return nil, err
	}
	for _, session := range sessions {
		detail, err := s.compare(ctx, session)
		switch {
		case errors.Is(err, ErrUnknown): // of another account, or of the other mode
			all = append(all, Finding{Invariant: "I8", Subject: session, Detail: "Stripe does not know it"})
		case err != nil:
			return all, err
		case detail != "":
			all = append(all, Finding{Invariant: "I8", Subject: session, Detail: detail, Safe: true})
		}
	}
	return all, nil
}

func (s *Service) compare(ctx context.Context, session string) (string, error) {
	said, err := s.Ask(ctx, session)
	if err != nil || said.Payment == nil {
		return "", err
	}
	row, err := one[paymentRow](ctx, s.pool, errNoPayment, selectPayment+` where session_id = $1`, session)
	if err != nil {
		return "", err
	}
	has, err := balancesOf(ctx, s.pool, `order_id = $1`, row.OrderID)
	if err != nil {
		return "", err
	}
	return difference(has, standing(row.splitOf(*said.Payment), *said.Payment)), nil
}

// difference tells which accounts are not what they should be, "" when all are.
func difference(has, want balances) string {
	var off []string
	for l, amount := range want {
		if has[l] != amount {
			off = append(off, fmt.Sprintf("%s has %d and should have %d %s", l.Account, has[l], amount, l.Currency))
		}
	}
	for l, amount := range has {
		if _, known := want[l]; !known && amount != 0 {
			off = append(off, fmt.Sprintf("%s has %d and should have none %s", l.Account, amount, l.Currency))
		}
	}
	slices.Sort(off)
	return strings.Join(off, ", ")
}
