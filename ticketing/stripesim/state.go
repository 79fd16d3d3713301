package stripesim

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// base is what all kept things have. Owner is the connected account they belong
// to, "" for the platform. Fields whose names begin with _ are the simulator's
// own: they are kept in snapshots and never shown.
type base struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	Owner   string `json:"_owner,omitempty"`
}

func (b *base) head() *base { return b }

type resource interface{ head() *base }

// optional is a text that is null in JSON when there is none.
type optional string

func (o optional) MarshalJSON() ([]byte, error) {
	if o == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(o))
}

// state is all the simulator knows. It is used under Server.mu only. What is
// exported goes into snapshots; everything refers to everything by id.
type state struct {
	Offset       time.Duration // of our time from the real one
	Platform     *account
	Accounts     []*account
	Links        []*accountLink
	Sessions     []*session
	Intents      []*paymentIntent
	Charges      []*charge
	Transactions []*balanceTransaction
	Transfers    []*transfer
	Reversals    []*transferReversal
	Fees         []*applicationFee
	FeeRefunds   []*feeRefund
	Refunds      []*refund
	Disputes     []*dispute
	Payouts      []*payout
	Events       []*event
	Endpoints    []*webhookEndpoint
	Deliveries   []*delivery // not made yet, or to be made again
	Answers      map[string]*keptAnswer

	config   *Config
	url      string // where we answer
	now      time.Time
	agenda   agenda
	index    map[string]resource
	cause    cause // what the events of now come from
	rules    []*WebhookRule
	declines []string    // codes of the next payments to decline
	outbox   []*delivery // due, in order
}

// cause is the request that an event comes from; Stripe leaves it null for what
// a buyer or time itself does.
type cause struct {
	ID  optional `json:"id"`
	Key optional `json:"idempotency_key"`
}

func newState(config *Config) *state {
	st := &state{config: config, Answers: map[string]*keptAnswer{}, now: time.Now()}
	st.Platform = st.newAccount()
	st.Platform.Type, st.Platform.Email = "standard", "platform@example.com"
	st.open(st.Platform)
	st.wire()
	return st
}

// wire prepares a state that came from a snapshot or is new: the index, and what
// is due.
func (st *state) wire() {
	st.index = map[string]resource{st.Platform.ID: st.Platform}
	indexAll(st, st.Accounts)
	indexAll(st, st.Sessions)
	indexAll(st, st.Intents)
	indexAll(st, st.Charges)
	indexAll(st, st.Transactions)
	indexAll(st, st.Transfers)
	indexAll(st, st.Reversals)
	indexAll(st, st.Fees)
	indexAll(st, st.FeeRefunds)
	indexAll(st, st.Refunds)
	indexAll(st, st.Disputes)
	indexAll(st, st.Payouts)
	indexAll(st, st.Events)
	indexAll(st, st.Endpoints)
	for _, s := range st.Sessions {
		st.expireLater(s)
	}
	for _, c := range st.Charges {
		st.settleLater(c)
	}
	for _, r := range st.Refunds {
		st.finishLater(r)
	}
	for _, t := range st.Transactions {
		st.availableLater(t)
	}
	for _, d := range st.Deliveries {
		st.deliverLater(d)
	}
	maps.DeleteFunc(st.Answers, func(_ string, kept *keptAnswer) bool { return kept.Answer == nil })
	for key := range st.Answers {
		st.forgetLater(key)
	}
}

// serveAt sets where the pages are, which may be elsewhere after a restart.
func (st *state) serveAt(url string) {
	st.url = url
	for _, s := range st.Sessions {
		if s.Status == "open" {
			s.URL = optional(st.pageOf(s))
		}
	}
}

func indexAll[T resource](st *state, all []T) {
	for _, r := range all {
		st.index[r.head().ID] = r
	}
}

// base begins a new thing that belongs to owner.
func (st *state) base(prefix, object, owner string) base {
	return base{ID: newID(prefix), Object: object, Created: st.now.Unix(), Owner: owner}
}

// add keeps a new thing.
func add[T resource](st *state, list *[]T, r T) T {
	*list = append(*list, r)
	st.index[r.head().ID] = r
	return r
}

// remove forgets a thing.
func remove[T resource](st *state, list *[]T, id string) {
	*list = slices.DeleteFunc(*list, func(r T) bool { return r.head().ID == id })
	delete(st.index, id)
}

// find returns what has this id and belongs to the account that asks. param is
// the parameter that named it.
func find[T resource](st *state, owner, id, what, param string) (T, error) {
	r, ok := st.index[id].(T)
	if !ok || r.head().Owner != owner {
		return r, missingResource(what, id, param)
	}
	return r, nil
}

// must returns what another thing refers to.
func must[T resource](st *state, id optional) T { return st.index[string(id)].(T) }
