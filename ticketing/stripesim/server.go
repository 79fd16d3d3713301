package stripesim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/stripe/stripe-go/v76"
	"golang.org/x/time/rate"
)

// Config is how a simulator behaves. The zero value is a good one.
type Config struct {
	Listen   string // loopback address with a port; default 127.0.0.1:0, any free port
	Key      string // the secret key clients give, sk_sim_… or sk_test_…; default one made up
	Snapshot string // file that keeps the state over restarts; "" keeps nothing

	// AccountVersion is the API version of the account, as its dashboard sets it.
	// Events carry it where an endpoint has none of its own; they look like those
	// of 2023-10-16 whatever it says. Default 2023-10-16.
	AccountVersion string

	WritesPerSecond float64        // above it requests that write get 429; 0 is no limit
	Fees            map[string]Fee // what Stripe keeps of payments, by currency; default 2.9 % and 30
	SettleAfter     time.Duration  // how long bank debits and slow refunds take; default 3 minutes
	AvailableAfter  time.Duration  // how long money is pending; default 48 hours
	// RetryWebhooks is how long to wait before each further attempt, after which
	// a webhook is given up; default 5 seconds, 1 minute, 10 minutes, 1 hour.
	RetryWebhooks []time.Duration
	// NoOverdraft refuses refunds that the platform's balance does not cover.
	// Otherwise the balance goes below zero, as Stripe lets it where it may debit
	// the platform's bank account.
	NoOverdraft bool

	Log *slog.Logger // default none

	saved func() // tests: called after each snapshot
}

func (c *Config) fill() error {
	c.Listen = cmp.Or(c.Listen, "127.0.0.1:0")
	c.Key = cmp.Or(c.Key, newID("sk_sim"))
	c.AccountVersion = cmp.Or(c.AccountVersion, stripe.APIVersion)
	c.SettleAfter = cmp.Or(c.SettleAfter, 3*time.Minute)
	c.AvailableAfter = cmp.Or(c.AvailableAfter, 48*time.Hour)
	if c.RetryWebhooks == nil {
		c.RetryWebhooks = []time.Duration{5 * time.Second, time.Minute, 10 * time.Minute, time.Hour}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if !simulated(c.Key) {
		return errors.New("the key must begin with sk_sim_ or sk_test_")
	}
	if !isLoopback(c.Listen) {
		return fmt.Errorf("%s is not a loopback address", c.Listen)
	}
	return nil
}

// isLoopback says whether an address with a port, or a host, is this machine's
// own.
func isLoopback(address string) bool {
	host := address
	if name, _, err := net.SplitHostPort(address); err == nil {
		host = name
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Server is a running simulator.
type Server struct {
	config  Config
	url     string
	http    *http.Server
	limiter *rate.Limiter // nil without a limit
	caller  *http.Client  // of webhooks

	ctx      context.Context // ends with Stop
	cancel   context.CancelFunc
	running  sync.WaitGroup
	stopOnce sync.Once
	stopped  chan struct{}
	stopErr  error

	wake  chan struct{} // the clockwork looks again what is due
	dirty chan struct{} // there is something to save

	mu       sync.Mutex
	changed  *sync.Cond // on mu: something that others wait for is different
	state    *state
	faults   []*Fault
	held     int           // requests that wait for the gate
	gate     chan struct{} // closed when the held are released
	sending  bool          // a webhook is on its way
	requests []Request
}

// Start starts a simulator and returns when it answers. The context bounds the
// start only.
func Start(ctx context.Context, config Config) (*Server, error) {
	if err := config.fill(); err != nil {
		return nil, fmt.Errorf("start the Stripe simulator: %w", err)
	}
	s := &Server{config: config, caller: newCaller(), stopped: make(chan struct{}), wake: make(chan struct{}, 1), dirty: make(chan struct{}, 1), gate: make(chan struct{})}
	s.changed = sync.NewCond(&s.mu)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if config.WritesPerSecond > 0 {
		s.limiter = rate.NewLimiter(rate.Limit(config.WritesPerSecond), max(1, int(config.WritesPerSecond)))
	}
	var err error
	if s.state, err = load(&s.config); err != nil {
		return nil, fmt.Errorf("start the Stripe simulator: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", config.Listen)
	if err != nil {
		return nil, fmt.Errorf("start the Stripe simulator: %w", err)
	}
	s.url = "http://" + listener.Addr().String()
	s.state.serveAt(s.url)
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(config.Log.Handler(), slog.LevelDebug)}
	s.running.Go(func() { _ = s.http.Serve(listener) })
	s.running.Go(s.clockwork)
	s.running.Go(s.dispatch)
	s.running.Go(s.saver)
	return s, nil
}

// URL is where the simulator answers, on this machine only.
func (s *Server) URL() string { return s.url }

// Key is the secret key clients have to give.
func (s *Server) Key() string { return s.config.Key }

// Stop saves the state and ends the server; requests that are held or on their
// way are cut off. It waits until that is done or the context ends, and may be
// called again.
func (s *Server) Stop(ctx context.Context) error {
	s.stopOnce.Do(func() { go s.stop() })
	select {
	case <-s.stopped:
		return s.stopErr
	case <-ctx.Done():
		return fmt.Errorf("stop the Stripe simulator: %w", context.Cause(ctx))
	}
}

func (s *Server) stop() {
	defer close(s.stopped)
	s.cancel()
	s.mu.Lock()
	s.changed.Broadcast()
	s.mu.Unlock()
	_ = s.http.Close()
	s.running.Wait()
	s.caller.CloseIdleConnections()
	s.stopErr = s.save()
}

// locked lets everything happen that is due, then fn, in one step for all
// others.
func (s *Server) locked(fn func(*state)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.runDue(s.clock())
	fn(s.state)
	s.state.runDue(s.state.now)
	s.changed.Broadcast()
	nudge(s.wake)
	nudge(s.dirty)
}

// clock is the simulator's time.
func (s *Server) clock() time.Time { return time.Now().Add(s.state.Offset) }

func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// clockwork wakes up whenever something is due.
func (s *Server) clockwork() {
	for {
		s.mu.Lock()
		next, planned := s.state.nextDue()
		wait := next.Sub(s.clock())
		s.mu.Unlock()
		var alarm <-chan time.Time
		if planned {
			alarm = time.After(wait)
		}
		select {
		case <-alarm:
			s.locked(func(*state) {})
		case <-s.wake:
		case <-s.ctx.Done():
			return
		}
	}
}
