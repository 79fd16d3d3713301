package web

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"salon/rooms"
)

// Limits bounds what one person, or one address while not signed in, may ask.
type Limits struct {
	PerSecond        float64 // requests; bursts of five seconds' worth pass
	GuessesPerMinute float64 // sign-ups and sign-ins per address; bursts of a minute's worth pass
}

const burstSeconds = 5

// maxTracked bounds the memory of the limiter; past it, whoever has been
// quiet long enough to have a full allowance again is forgotten.
const maxTracked = 10_000

type limiter struct {
	limits Limits
	mu     sync.Mutex
	who    map[string]*rate.Limiter
}

func newLimiter(limits Limits) *limiter {
	return &limiter{limits: limits, who: map[string]*rate.Limiter{}}
}

// What one person may make us ask of Stripe, which takes so many calls of
// everybody together: whoever asks without end keeps others from paying.
const (
	stripeAsksPerSecond = 1
	stripeAsksBurst     = 10
)

// wait is how long the requester must wait, zero when they may go on.
func (l *limiter) wait(access Access, who requester) time.Duration {
	address := rooms.NetworkOf(who.address)
	key, each, burst := "a "+address, l.limits.PerSecond, l.limits.PerSecond*burstSeconds
	if who.signedIn {
		key = "p " + who.AccountID.String()
	}
	switch {
	case access.Guess:
		key, each, burst = "g "+address, l.limits.GuessesPerMinute/60, l.limits.GuessesPerMinute
	case access.AsksStripe && who.signedIn:
		key, each, burst = "s "+who.AccountID.String(), stripeAsksPerSecond, stripeAsksBurst
	}
	now := time.Now()
	reservation := l.of(key, each, burst, now).ReserveN(now, 1)
	delay := reservation.DelayFrom(now)
	if delay > 0 {
		reservation.CancelAt(now)
	}
	return delay
}

func (l *limiter) of(key string, each, burst float64, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.who[key]
	if one == nil {
		if len(l.who) >= maxTracked {
			l.forget(now)
		}
		one = rate.NewLimiter(rate.Limit(each), int(math.Ceil(burst)))
		l.who[key] = one
	}
	return one
}

func (l *limiter) forget(now time.Time) {
	for key, one := range l.who {
		if one.TokensAt(now) >= float64(one.Burst()) {
			delete(l.who, key)
		}
	}
}
