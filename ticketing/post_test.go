package ticketing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// post keeps letters where the transaction that wrote them ends up.
type post struct{}

func (post) TicketLetterTx(ctx context.Context, tx pgx.Tx, l Letter) error {
	text := fmt.Sprintf("%s %s %s %d+%d%s %s", l.Occasion, l.Title, l.Seller, l.Amount, l.Tax, l.Currency, l.Why)
	if l.StartsAt == nil {
		text += "no time"
	}
	_, err := tx.Exec(ctx, `insert into outbox (id, recipient, subject, text) values ($1, $2, $3, $4)`, uuid.Must(uuid.NewV7()), l.To.String(), l.Order.String(), text)
	return err
}

// written lists the letters somebody was sent, oldest first, and fails unless
// they are about their order.
func (b *bundle) written(who uuid.UUID) []string {
	b.t.Helper()
	rows, _ := b.pool.Query(b.ctx, `select text from outbox x join orders o on o.id::text = x.subject and o.account_id::text = x.recipient where recipient = $1 order by x.id`, who.String())
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	b.must(err)
	return all
}

func (b *bundle) letters(who uuid.UUID, want ...string) {
	b.t.Helper()
	if got := b.written(who); !slices.Equal(got, want) {
		b.t.Errorf("letters: %q, want %q", got, want)
	}
}

func setupPost(t *testing.T) *bundle {
	b := setup(t)
	b.WriteBy(post{})
	return b
}

// However often, and by how many, an order is settled: one letter.
func TestOneLetterForEachChange(t *testing.T) {
	b := setupPost(t)
	other := b.second()
	other.WriteBy(post{})
	host, buyer := b.seller("host"), b.account("buyer")
	f := b.offer(host, b.room(host, 48*time.Hour), NewOffer{Price: 1200, Currency: "eur", TaxBP: 2000, Cap: 2, RefundHours: new(24)})
	o := b.checkout(f, buyer)
	b.letters(buyer)
	b.stripe.pay(o.ID)
	settle := func() {
		for range 5 {
			b.must(b.settleOrder(o.ID))
		}
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				if err := []*Service{b.Service, other}[i%2].Settle(b.ctx, b.stripe.sessionOf(o.ID).ID); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	settle()
	receipt := "receipt Evening host 1200+200eur "
	b.letters(buyer, receipt)
	for range 2 {
		if _, err := b.Refund(b.ctx, buyer, o.ID); err != nil {
			t.Error(err)
		}
	}
	b.work()
	settle()
	b.state(o.ID, Refunded)
	b.letters(buyer, receipt, "refund Evening host 1200+0eur buyer")
	b.sound()
}

// What is rolled back was not written.
func TestNoLetterWithoutTheChange(t *testing.T) {
	b := setupPost(t)
	f, buyer := b.sale(1), b.account("buyer")
	o := b.checkout(f, buyer)
	b.stripe.pay(o.ID)
	failed := errors.New("no room in the log")
	err := b.settle(b.ctx, b.stripe.sessionOf(o.ID).ID, func(pgx.Tx) error { return failed })
	b.want("settle", err, failed)
	b.state(o.ID, Paying)
	b.letters(buyer)
	b.must(b.settleOrder(o.ID))
	b.letters(buyer, "receipt Evening host 500+0usd ")
}

// Nor is anything booked whose letter cannot be kept.
func TestNoChangeWithoutTheLetter(t *testing.T) {
	b := setup(t)
	f, buyer := b.sale(1), b.account("buyer")
	o := b.checkout(f, buyer)
	b.stripe.pay(o.ID)
	b.WriteBy(burnt{})
	b.want("settle", b.settleOrder(o.ID), errBurnt)
	b.state(o.ID, Paying)
}

type burnt struct{}

var errBurnt = errors.New("burnt")

func (burnt) TicketLetterTx(context.Context, pgx.Tx, Letter) error { return errBurnt }

func TestLettersSayWhyMoneyGoesBack(t *testing.T) {
	b := setupPost(t)
	host := b.seller("host")
	f := b.offer(host, b.room(host, 48*time.Hour), usual(9))
	people := b.people(5)
	receipt := "receipt Evening host 500+0usd "

	byHost := b.buy(f, people[0])
	_, err := b.Refund(b.ctx, host, byHost.ID)
	b.must(err)
	b.letters(people[0], receipt, "refund Evening host 500+0usd host")

	late := b.checkout(f, people[1])
	b.over(late.ID)
	b.must(b.Sweep(b.ctx))
	b.stripe.sessionOf(late.ID).Status = SessionOpen
	b.stripe.pay(late.ID)
	b.exec(`update offers set cap = taken + 1`)
	full := b.hold(f, people[2])
	b.exec(`update offers set cap = taken`)
	b.must(b.settleOrder(late.ID))
	b.letters(people[1], "refund Evening host 500+0usd late")
	_, err = b.Cancel(b.ctx, people[2], full.ID)
	b.must(err)
	b.letters(people[2])
	b.exec(`update offers set cap = 9`)

	outside := b.buy(f, people[3])
	b.stripe.change(outside.ID, func(p *Payment) { b.stripe.refund(p, 500, uuid.Nil, true) })
	b.must(b.settleOrder(outside.ID))
	b.letters(people[3], receipt, "refund Evening host 500+0usd outside")

	b.buy(f, people[4])
	b.must(b.CancelSale(b.ctx, host, *f.RoomID))
	b.work()
	b.work()
	b.letters(people[4], receipt, "refund Evening host 500+0usd room-cancelled")
	b.letters(people[0], receipt, "refund Evening host 500+0usd host")
	b.sound()
}

// What is free has no money to speak of, but whoever loses it is told.
func TestLettersAboutWhatIsFree(t *testing.T) {
	b := setupPost(t)
	host, buyer, friend := b.account("host"), b.account("buyer"), b.account("friend")
	room := b.room(host, 48*time.Hour)
	b.exec(`update rooms set starts_at = null`)
	f := b.offer(host, room, NewOffer{Currency: "eur", Cap: 5, RefundHours: new(0)})
	o := b.hold(f, buyer)
	_, err := b.Pay(b.ctx, buyer, o.ID, Return{})
	b.must(err)
	given := uuid.Must(uuid.NewV7())
	for range 2 {
		_, err := b.Give(b.ctx, host, room, friend, given)
		b.must(err)
	}
	b.letters(buyer, "receipt Evening host 0+0eur no time")
	b.letters(friend, "gift Evening host 0+0eur no time")
	_, err = b.Refund(b.ctx, buyer, o.ID)
	b.must(err)
	_, err = b.Refund(b.ctx, host, given)
	b.must(err)
	b.letters(buyer, "receipt Evening host 0+0eur no time")
	b.letters(friend, "gift Evening host 0+0eur no time", "refund Evening host 0+0eur hostno time")
}

// Money for an order that this database does not know goes back with a letter,
// too; repairing a refund that was lost writes no second one.
func TestALetterForMoneyNobodyExpected(t *testing.T) {
	b := setupPost(t)
	f, buyer := b.sale(2), b.account("buyer")
	o := b.checkout(f, buyer)
	b.stripe.pay(o.ID)
	session := b.stripe.sessionOf(o.ID)
	session.Offer = uuid.New()
	b.exec(`delete from stripe_calls where subject = $1`, o.ID)
	b.exec(`delete from payments`)
	b.exec(`delete from orders`)
	b.exec(`update offers set taken = 0`)
	b.must(b.Settle(b.ctx, session.ID))
	want := "refund   500+0usd unmatchedno time"
	b.letters(buyer, want)
	b.errands.take()
	b.exec(`update refunds set state = 'failed', closed_at = now()`)
	b.must(b.resend(b.ctx, o.ID))
	b.letters(buyer, want)
	if n := b.number(`select count(*) from refunds`); n != 2 {
		t.Errorf("%d refunds", n)
	}
}
