// Package web is the HTTP edge: the API with its OpenAPI description, sign-in
// cookies, problems in the reader's language, and the pages.
package web

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"

	"salon/accounts"
	"salon/captions"
	"salon/rooms"
	"salon/ticketing"
	"salon/web/live"
)

// Config is what the edge is built from.
type Config struct {
	PublicURL *url.URL // where browsers reach us; decides cookie name and Secure
	Version   string
	Limits    Limits

	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	Log            *slog.Logger

	Accounts *accounts.Service
	Rooms    *rooms.Service
	HostGate *rooms.Gate
	Tickets  *ticketing.Service // nil where none are sold
	Sold     *ticketing.Store   // what was sold, also where nothing is any more

	TicketMode string // simulated, test or live; without Tickets nothing is asked of it

	Captions Captions // who is turning speech into lines; nil: nobody

	Signalling      http.Handler // the gate in front of the media server
	SignallingPaths []string
	MediaEvents     http.Handler // the media server's webhooks
	PaymentEvents   PaymentEvents
	Metrics         http.Handler // the server's figures
	App             fs.FS        // the built browser app
	Outbox          OutboxSource // mails that are kept instead of sent; nil without, as on every real server
	Demo            Demo         // made-up people and a room; nil without
	Ready           []Check
}

// PaymentEvents receive Stripe's webhooks, by their paths; nil without tickets.
type PaymentEvents map[string]http.Handler

// Captions knows whether a room is captioned.
type Captions interface {
	Status(room uuid.UUID, language string) captions.Status
}

// Check is one thing that must answer before we call ourselves ready.
type Check struct {
	Name  string
	Probe func(context.Context) error
}

// Server answers HTTP requests.
type Server struct {
	Config
	api     huma.API
	mux     *http.ServeMux
	routes  []Route
	access  Access // of the operation being registered
	limiter *limiter
	handler http.Handler

	// Live holds the room sockets. Whoever runs the server runs it beside, and
	// drains it before the server is shut down.
	Live *live.Hub
}

// New returns the server with every route registered.
func New(config Config) *Server {
	s := &Server{Config: config, mux: http.NewServeMux(), limiter: newLimiter(config.Limits)}
	s.Live = s.newHub()
	s.api = humago.New(guardedMux{s}, apiConfig(config.Version))
	s.accountRoutes()
	s.sessionRoutes()
	s.tokenRoutes()
	s.peopleRoutes()
	s.hostGateRoutes()
	s.roomRoutes()
	s.stageRoutes()
	s.exportRoutes()
	s.captionLookRoutes()
	s.mailRoutes()
	s.invitationRoutes()
	s.moderationRoutes()
	s.roomLogRoutes()
	s.rulesRoutes()
	s.chairRoutes()
	s.searchRoutes()
	s.ticketRoutes()
	s.sellerRoutes()
	s.sellingGateRoutes()
	s.alarmRoutes()
	s.guestRoutes()
	s.socketRoutes()
	s.transcriptRoutes()
	s.serverInfoRoutes()
	s.ownerRoutes()
	s.demoRoutes()
	s.plainRoutes()
	s.outboxRoutes()
	s.metricsRoutes()
	s.handler = s.middleware()
	return s
}

func apiConfig(version string) huma.Config {
	c := huma.DefaultConfig("Salon", version)
	c.Info.Description = "Live audio rooms. Refusals are application/problem+json with a kind, a sentence in the language you accept, and a next step."
	// Our own routes serve the description and, later, its page: huma's page
	// loads scripts from elsewhere.
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: cookieName(true), Description: "set by signing in; named " + cookieName(false) + " over plain HTTP"},
		"token":   {Type: "http", Scheme: "bearer", Description: "an API token, limited to its scopes"},
	}
	return c
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Times after which a connection that does nothing is closed. There is no
// limit on writing: sockets are long-lived and have limits of their own.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
)

// HTTPServer wraps the server with the limits of a public listener.
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler: s, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
}
