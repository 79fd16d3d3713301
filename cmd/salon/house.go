package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/accounts"
	"salon/cmd/salon/demo"
	"salon/internal/jobs"
	"salon/internal/postgres"
	"salon/rooms"
	"salon/rooms/media"
	"salon/ticketing"
	"salon/web"
	"salon/web/app"
	"salon/web/live"
)

// house is the whole product in one process, with the parts it starts itself.
type house struct {
	settings  settings
	ports     mediaPorts
	keepsMail bool // keep mails for development rather than send none
	simulates bool // without a key, sell tickets through a simulated Stripe
	showsDemo bool // make people and a room up, for trying out
	log       *slog.Logger

	databaseURL string
	pool        *pgxpool.Pool
	listener    net.Listener
	public      *url.URL
	inner       string            // URL for our own media server and the demo
	serveInside func()            // once control is there
	jobs        *jobs.Runner      // nil without
	errands     *ticketing.Worker // nil without tickets
	sales       *sales            // nil without tickets
	mail        accounts.Mail     // nil without
	outbox      web.OutboxSource  // nil unless mails are kept
	control     *media.Control
	service     *rooms.Service
	demo        *demo.Demo // nil without
	live        *live.Hub
	captions    captionsNow
	captioned   string                  // by what
	outward     atomic.Pointer[outward] // nil unless captions go out, too
	server      *http.Server
	mediaURL    string
	sfuPID      func() int // of the media server we started; 0 without
	opened      atomic.Bool
	failed      chan error // a part without which there is no house
	announcing  sync.Mutex
	announced   bool // guarded by announcing: the run file is there

	undo []func() error // what stop does, last first
}

// mediaPorts are where browsers send sound; 0 takes any that is free.
type mediaPorts struct{ UDP, TCP int }

// open starts every part, in order; whatever was started is stopped again
// when a later part fails.
func (h *house) open(ctx context.Context) (err error) {
	h.failed = make(chan error, 1)
	defer func() {
		if err != nil {
			err = errors.Join(err, h.stop())
		}
	}()
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"data directory", func(context.Context) error { return h.settings.makeData() }},
		{"database", h.openDatabase},
		{"listen", h.listen},
		{"listen inside", h.listenInside},
		{"jobs", h.openJobs},
		{"media server", h.openMedia},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	h.opened.Store(true)
	return nil
}

// errOpening is why a house that answers already is not ready.
var errOpening = errors.New("still starting")

func (h *house) whenOpened(context.Context) error {
	if h.opened.Load() {
		return nil
	}
	return errOpening
}

func (h *house) later(undo func() error) { h.undo = append(h.undo, undo) }

// stop undoes open, last part first. It is safe to repeat.
func (h *house) stop() error {
	var failed []error
	for i := len(h.undo) - 1; i >= 0; i-- {
		failed = append(failed, h.undo[i]())
	}
	h.undo = nil
	return errors.Join(failed...)
}

func (h *house) openDatabase(ctx context.Context) error {
	h.databaseURL = h.settings.DatabaseURL
	if h.databaseURL == "" {
		cluster, err := postgres.StartCluster(ctx, postgres.ClusterConfig{Dir: h.settings.Data, Log: h.log})
		if err != nil {
			return err
		}
		h.later(cluster.Stop)
		h.databaseURL = cluster.URL()
	}
	if err := postgres.Migrate(ctx, h.databaseURL); err != nil {
		return err
	}
	pool, err := postgres.Connect(ctx, h.databaseURL)
	if err != nil {
		return err
	}
	h.pool = pool
	h.later(func() error { pool.Close(); return nil })
	return nil
}

func (h *house) listen(context.Context) (err error) {
	if h.listener, err = net.Listen("tcp", h.settings.Listen); err != nil {
		return err
	}
	h.later(func() error { h.listener.Close(); return nil })
	if h.public, err = h.settings.publicURL(h.listener.Addr().String()); err != nil {
		return err
	}
	secure, err := h.settings.tlsSettings.config(h.settings.Data)
	if err == nil && secure != nil {
		h.listener = tls.NewListener(h.listener, secure)
	}
	return err
}

// listenInside opens an address on this machine for our own media server's
// events and the demo's voices: the public one may speak TLS under a name they
// would not trust.
func (h *house) listenInside(context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: drainTime}
	h.inner = "http://" + listener.Addr().String()
	h.later(func() error {
		err := server.Close() // and the listener, once it serves
		listener.Close()
		return err
	})
	h.serveInside = func() {
		server.Handler = h.insideHandler()
		go server.Serve(listener) // ends with Close
	}
	return nil
}

// How long a job that one process does lies idle when that process
// is gone.
const (
	leaseLife   = time.Minute
	keeperLease = 15 * time.Second // rooms wait for their host no longer than people would
)

// drainTime is how long requests under way may take to end when we stop.
const drainTime = 5 * time.Second

// openMedia starts the services, the web server and the media server, which
// need one another: the media server tells the web server what happens in
// rooms, and rooms command the media server.
func (h *house) openMedia(ctx context.Context) error {
	sfu, err := h.mediaServer()
	if err != nil {
		return err
	}
	h.mediaURL = sfu.config.URL
	store := rooms.NewStore(h.pool)
	lease := postgres.NewLease(h.pool, "media-sweep", leaseLife)
	if h.control, err = media.New(sfu.config, store, lease, h.log); err != nil {
		return err
	}
	if err := h.openTickets(ctx, store); err != nil {
		return err
	}
	if err := h.startJobs(ctx); err != nil {
		return err
	}
	h.serveInside()
	if err := h.serve(store); err != nil {
		return err
	}
	h.later(h.background(h.control.Run))
	h.sfuPID = sfu.pid
	if err := sfu.start(ctx, h.mediaReady); err != nil {
		return err
	}
	h.later(sfu.stop)
	if err := h.openCaptions(ctx); err != nil {
		return err
	}
	return h.openDemo(ctx)
}

// mediaReady is called each time the media server comes up: it knows no room
// then, and it is another process than before.
func (h *house) mediaReady() {
	h.control.Restarted()
	h.announcing.Lock()
	defer h.announcing.Unlock()
	if h.announced {
		h.writeRunFile()
	}
}

func (h *house) serve(store *rooms.Store) error {
	proxies, err := h.settings.proxies()
	if err != nil {
		return err
	}
	people := h.people()
	gate := rooms.NewGate(h.pool, followers{people})
	watchman := rooms.NewWatchman(gate, people, postgres.NewLease(h.pool, "gate-watch", leaseLife), h.log)
	h.later(h.background(watchman.Run))
	h.service = rooms.NewService(store, gate, h.control)
	if h.sales != nil {
		h.later(h.background(h.recheck))
	}
	edge := web.New(web.Config{
		PublicURL: h.public, Version: version(), Limits: h.settings.limits(), TrustedProxies: proxies, Log: h.log,
		Accounts: people, HostGate: gate, Rooms: h.service, Demo: h.newDemo(), Captions: &h.captions,
		Signalling: h.control.NewGate(web.Refuse), SignallingPaths: media.GatePaths,
		MediaEvents: h.control.Webhook(web.Refuse), Metrics: h.metrics(), Tickets: h.tickets(), TicketMode: h.ticketMode(), Sold: ticketing.NewStore(h.pool), PaymentEvents: h.paymentEvents(),
		App: app.FS(), Outbox: h.outbox,
		Ready: []web.Check{{Name: "database", Probe: h.pool.Ping}, {Name: "media", Probe: h.control.Ping}, {Name: "start", Probe: h.whenOpened}},
	})
	h.live = edge.Live
	h.later(h.background(h.live.Run))
	h.later(h.background((&postgres.Listener{Heard: h.heard, Missed: h.live.Missed, Pool: h.pool, Log: h.log}).Run))
	keeper := rooms.NewKeeper(h.service, h.control, postgres.NewLease(h.pool, "host-keeper", keeperLease), h.settings.HostGrace, h.log)
	h.later(h.background(keeper.Run))
	h.server = edge.HTTPServer()
	go func() {
		if err := h.server.Serve(h.listener); !errors.Is(err, http.ErrServerClosed) {
			h.failed <- fmt.Errorf("web server: %w", err)
		}
	}()
	h.later(func() error {
		sockets, done := context.WithTimeout(context.Background(), drainTime)
		defer done()
		if err := h.live.Drain(sockets); err != nil {
			h.log.Warn("sockets cut off", "error", err)
		}
		h.control.CloseSockets()
		ctx, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		if err := h.server.Shutdown(ctx); err != nil {
			return h.server.Close()
		}
		return nil
	})
	return nil
}

// heard passes a notice of the database on to who waits for it.
func (h *house) heard(notice string) {
	if room, key, frame, ok := frameOf(notice); ok {
		if key == statusKey {
			h.captions.tell(room, frame)
		}
		h.Broadcast(room, key, frame)
		return
	}
	h.live.Heard(notice)
	h.captions.heard(notice)
	h.sales.heard(notice)
	h.outward.Load().heard(notice)
}

// Broadcast implements frames: words that are shown and forgotten go to the
// sockets of this process, and out where the operator wants that.
func (h *house) Broadcast(room uuid.UUID, key string, frame []byte) {
	h.live.Broadcast(room, key, frame)
	h.outward.Load().show(room, frame)
}

// background runs a loop until stop.
func (h *house) background(loop func(context.Context) error) (stop func() error) {
	return inBackground(loop)
}

// inBackground runs a loop until the returned stop is called.
func inBackground(loop func(context.Context) error) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- loop(ctx) }()
	return func() error { cancel(); return <-done }
}

// followers lets the host gate count what package accounts knows.
type followers struct{ accounts *accounts.Service }

func (f followers) ReachTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, need int) (rooms.Reach, error) {
	r, err := f.accounts.ReachTx(ctx, tx, account, need)
	return rooms.Reach(r), err
}
