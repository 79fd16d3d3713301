package ticketing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
)

// stripe is as much of Stripe as the tests of this package ask about: what it
// says, not how it says it.
type stripe struct {
	mu       sync.Mutex
	answers  map[string]any // by idempotency key
	requests map[string]string
	accounts map[string]*Account
	sessions map[string]*Session
	payments map[string]*Payment
	refunds  map[string]*Refund
	next     int
	calls    []string
	broken   map[string][]breakage // by call
}

// breakage is what goes wrong with one call: before it does anything, or after.
type breakage struct {
	err   error
	after bool
}

func newStripe() *stripe {
	return &stripe{answers: map[string]any{}, requests: map[string]string{}, accounts: map[string]*Account{}, sessions: map[string]*Session{},
		payments: map[string]*Payment{}, refunds: map[string]*Refund{}, broken: map[string][]breakage{}}
}

// breaks lets the next calls of a name go wrong.
func (s *stripe) breaks(call string, err error, after bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken[call] = append(s.broken[call], breakage{err, after})
}

func (s *stripe) id(prefix string) string {
	s.next++
	return fmt.Sprint(prefix, s.next)
}

// made does a call once for each key, and breaks it where it should be.
func made[T any](s *stripe, call, key string, request any, do func() (T, error)) (t T, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
	var fault breakage
	if all := s.broken[call]; len(all) > 0 {
		fault, s.broken[call] = all[0], all[1:]
	}
	if fault.err != nil && !fault.after {
		return t, fault.err
	}
	text := fmt.Sprintf("%+v", request)
	if kept, known := s.answers[key]; known && key != "" {
		if s.requests[key] != text {
			return t, fmt.Errorf("%w: %s with another request", ErrKeySpent, key)
		}
		t = kept.(T)
	} else {
		if t, err = do(); err != nil {
			return t, err
		}
		if key != "" {
			s.answers[key], s.requests[key] = t, text
		}
	}
	if fault.err != nil {
		var none T
		return none, fault.err
	}
	return t, nil
}

func (s *stripe) count(call string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if c == call {
			n++
		}
	}
	return n
}

func (s *stripe) CreateAccount(_ context.Context, key string, n NewAccount) (string, error) {
	return made(s, "account", key, n, func() (string, error) {
		id := s.id("acct_")
		s.accounts[id] = &Account{ID: id, Due: []string{"external_account"}}
		return id, nil
	})
}

func (s *stripe) AccountLink(_ context.Context, account string, to LinkTo) (string, error) {
	return made(s, "link", "", nil, func() (string, error) { return s.id("https://connect.example/" + account + "/"), nil })
}

func (s *stripe) Account(_ context.Context, id string) (Account, error) {
	return made(s, "read account", "", nil, func() (Account, error) {
		if s.accounts[id] == nil {
			return Account{}, ErrUnknown
		}
		return *s.accounts[id], nil
	})
}

func (s *stripe) CreateSession(_ context.Context, key string, c Checkout) (Session, error) {
	session, err := made(s, "checkout", key, c, func() (*Session, error) {
		if a := s.accounts[c.Destination]; a == nil || !a.CanSell() {
			return nil, ErrRefused
		}
		p := &Payment{ID: s.id("pi_"), Status: PaymentPending, Amount: c.Amount, Currency: c.Currency, Fee: c.Fee, Destination: c.Destination}
		s.payments[p.ID] = p
		x := &Session{ID: s.id("cs_"), Status: SessionOpen, Payment: p.ID, Order: c.Order, Offer: c.Offer, Buyer: c.Buyer,
			Amount: c.Amount, Currency: c.Currency, CreatedAt: time.Now()}
		x.URL = "https://checkout.example/" + x.ID
		s.sessions[x.ID] = x
		return x, nil
	})
	if err != nil {
		return Session{}, err
	}
	return *session, nil
}

func (s *stripe) Session(_ context.Context, id string) (Session, error) {
	return made(s, "read session", "", nil, func() (Session, error) {
		if s.sessions[id] == nil {
			return Session{}, ErrUnknown
		}
		return *s.sessions[id], nil
	})
}

func (s *stripe) ExpireSession(_ context.Context, id string) (Session, error) {
	return made(s, "expire", "", nil, func() (Session, error) {
		if s.sessions[id].Status == SessionOpen {
			s.sessions[id].Status = SessionExpired
		}
		return *s.sessions[id], nil
	})
}

func (s *stripe) Payment(_ context.Context, id string) (Payment, error) {
	return made(s, "read payment", "", nil, func() (Payment, error) { return *s.payments[id], nil })
}

func (s *stripe) Refund(_ context.Context, key string, r NewRefund) (Refund, error) {
	refund, err := made(s, "refund", key, r, func() (*Refund, error) {
		p := s.payments[r.Payment]
		if p.Disputed || p.Amount-p.Refunded < r.Amount {
			return nil, fmt.Errorf("%w: charge_already_refunded", ErrRefused)
		}
		return s.refund(p, r.Amount, r.Refund, true), nil
	})
	if err != nil {
		return Refund{}, err
	}
	return *refund, nil
}

func (s *stripe) refund(p *Payment, amount int64, id uuid.UUID, reverse bool) *Refund {
	p.Refunded += amount
	if reverse {
		p.Reversed += amount
		p.FeeRefunded = p.Fee * p.Refunded / p.Amount
	}
	r := &Refund{ID: s.id("re_"), Refund: id, Payment: p.ID, Amount: amount, Status: RefundSucceeded}
	s.refunds[r.ID] = r
	return r
}

func (s *stripe) RecentSessions(context.Context, time.Time) ([]Session, error) {
	return made(s, "list sessions", "", nil, func() (all []Session, err error) {
		for _, x := range s.sessions {
			one := *x
			one.Paid = s.payments[x.Payment].Status == PaymentSucceeded
			all = append(all, one)
		}
		return all, nil
	})
}

func (s *stripe) RecentRefunds(context.Context, time.Time) ([]Refund, error) {
	return made(s, "list refunds", "", nil, func() (all []Refund, err error) {
		for _, r := range s.refunds {
			all = append(all, *r)
		}
		return all, nil
	})
}

func (s *stripe) RecentDisputes(context.Context, time.Time) ([]Dispute, error) {
	return made(s, "list disputes", "", nil, func() (all []Dispute, err error) {
		for _, p := range s.payments {
			if p.Disputed {
				all = append(all, Dispute{p.ID, p.Withdrawn})
			}
		}
		return all, nil
	})
}

// errGone is an answer that never came.
var errGone = errors.New("connection reset")

// What buyers, banks and operators do at Stripe.

func (s *stripe) sessionOf(order uuid.UUID) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.sessions {
		if x.Order == order {
			return x
		}
	}
	return nil
}

func (s *stripe) sessionsOf(order uuid.UUID) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.sessions {
		if x.Order == order {
			n++
		}
	}
	return n
}

// pay is a buyer who pays, if the page still takes it.
func (s *stripe) pay(order uuid.UUID) *Payment {
	return s.complete(order, PaymentSucceeded)
}

func (s *stripe) complete(order uuid.UUID, status PaymentStatus) *Payment {
	x := s.sessionOf(order)
	if x == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.payments[x.Payment]
	if x.Status != SessionOpen {
		return nil
	}
	x.Status = SessionComplete
	s.answer(p, status)
	return p
}

// answer is what a bank says in the end.
func (s *stripe) answer(p *Payment, status PaymentStatus) {
	if p.Status = status; status == PaymentSucceeded {
		p.Charge = s.id("ch_")
		p.Processing = &Processing{Amount: Rate{290, 30}.of(p.Amount), Currency: p.Currency}
	}
}

func (s *stripe) change(order uuid.UUID, how func(p *Payment)) {
	x := s.sessionOf(order)
	s.mu.Lock()
	defer s.mu.Unlock()
	how(s.payments[x.Payment])
}

// ends adds up what became of the payments: how many of them went back.
func (s *stripe) ends() (paid, refunded int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.payments {
		if p.Status == PaymentSucceeded && p.Refunded == p.Amount {
			refunded++
		} else if p.Status == PaymentSucceeded {
			paid++
		}
	}
	return paid, refunded
}
