package ticketing

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
)

// only lets one host sell, and counts who was asked about.
type only struct {
	may   uuid.UUID
	asked int
}

var errNotYou = errors.New("not you")

func (o *only) MaySell(_ context.Context, account uuid.UUID) error {
	o.asked++
	if account != o.may {
		return errNotYou
	}
	return nil
}

// Who may sell is asked before seats cost something, and not again.
func TestSellingForMoneyIsAsked(t *testing.T) {
	b := setup(t)
	host, other := b.seller("host"), b.seller("other")
	room, others := b.room(host, 48*time.Hour), b.room(other, 48*time.Hour)
	gate := &only{may: host}
	b.AskWhoSells(gate)
	set := func(who, room uuid.UUID, n NewOffer) error {
		_, err := b.SetOffer(b.ctx, who, room, n)
		return err
	}
	b.want("refused", set(other, others, usual(2)), errNotYou)
	b.want("for nothing", set(other, others, NewOffer{Currency: "usd", Cap: 2}), nil)
	b.want("free until now", set(other, others, usual(2)), errNotYou)
	if n := b.number(`select count(*) from offers where price > 0`); n != 0 || gate.asked != 2 {
		t.Errorf("%d offers, asked %d times", n, gate.asked)
	}
	b.want("another's room", set(other, room, usual(2)), ErrNotSeller)
	b.want("who may", set(host, room, usual(2)), nil)
	gate.may = uuid.Nil
	b.want("a sale that goes on", set(host, room, usual(3)), nil)
	if gate.asked != 3 {
		t.Errorf("asked %d times", gate.asked)
	}
}
