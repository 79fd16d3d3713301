// Package sfu runs the real LiveKit server as a library, in this process or, as Salon
// does, in a supervised child of the same binary: LiveKit calls os.Exit on a panic it
// recovered, and that must not take web and money along. It is the only package that
// imports livekit-server.
package sfu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/livekit/livekit-server/pkg/config"
	"github.com/livekit/livekit-server/pkg/routing"
	"github.com/livekit/livekit-server/pkg/service"
	"github.com/livekit/livekit-server/pkg/telemetry/prometheus"
	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/logger"
)

// stopBound is how long a server may take to send everybody away.
const stopBound = 10 * time.Second

// Server is a LiveKit server in this process.
type Server struct {
	url      string
	livekit  *service.LivekitServer
	stopOnce sync.Once
	ended    chan struct{} // closed when the server has ended, for whatever reason
	endErr   error         // why, valid after ended
}

// Start starts a server and returns when it answers. The context bounds the start only.
// Its metrics land on Prometheus' default registry, its log goes to stderr.
func Start(ctx context.Context, c Config) (*Server, error) {
	s, err := build(c)
	if err != nil {
		return nil, fmt.Errorf("set up livekit: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		s.endErr = s.livekit.Start()
		cancel(errors.Join(errors.New("it ended"), s.endErr))
		close(s.ended)
	}()
	if err := waitReady(ctx, c); err != nil {
		cancel(nil)
		s.abandon()
		return nil, fmt.Errorf("start livekit: %w", err)
	}
	return s, nil
}

// URL is where its API and signalling answer, on this machine only.
func (s *Server) URL() string { return s.url }

// Stop disconnects everybody and ends the server. It waits until that is done or the
// context ends, and may be called again.
func (s *Server) Stop(ctx context.Context) error {
	s.stopOnce.Do(func() { go s.stop() })
	select {
	case <-s.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop livekit: %w", context.Cause(ctx))
	}
}

func (s *Server) stop() {
	for !s.livekit.IsRunning() { // until then LiveKit's Stop does nothing
		select {
		case <-s.ended:
			return
		case <-pollAgain():
		}
	}
	// Not forced, it would wait for the participants to leave, for ever.
	s.livekit.Stop(true)
}

// abandon ends a server that did not come up.
func (s *Server) abandon() {
	ctx, cancel := context.WithTimeout(context.Background(), stopBound)
	defer cancel()
	if s.Stop(ctx) == nil && s.endErr != nil {
		// It failed before its own clean-up: nothing else closes the media sockets.
		s.livekit.RoomManager().Stop()
	}
}

func build(c Config) (*Server, error) {
	conf, err := c.livekit()
	if err != nil {
		return nil, err
	}
	node, err := routing.NewLocalNode(conf)
	if err != nil {
		return nil, err
	}
	if err := initProcess(conf, node); err != nil {
		return nil, err
	}
	lk, err := service.InitializeServer(conf, node)
	if err != nil {
		return nil, err
	}
	return &Server{url: c.url(), livekit: lk, ended: make(chan struct{})}, nil
}

var processOnce sync.Once

// initProcess sets what LiveKit has only once per process: the first server's log level
// and the node its metrics are labelled with stay.
func initProcess(conf *config.Config, node routing.LocalNode) (err error) {
	processOnce.Do(func() {
		// What config.InitLoggerFromConfig does, without taking slog's default.
		var log logger.ZapLogger
		if log, err = logger.NewZapLogger(&conf.Logging.Config); err != nil {
			return
		}
		logger.SetLogger(log, "livekit")
		err = prometheus.Init(string(node.NodeID()), node.NodeType())
	})
	return err
}

// pollAgain is the pause between two looks at a server that gives no signal.
func pollAgain() <-chan time.Time { return time.After(20 * time.Millisecond) }

// waitReady returns when GET / answers 200 to a token of ours. The token matters: on a
// port that was taken already, somebody else's LiveKit would be healthy too.
func waitReady(ctx context.Context, c Config) error {
	token, err := auth.NewAccessToken(c.Key, c.Secret).SetValidFor(time.Hour).ToJWT()
	if err != nil {
		return err
	}
	for {
		switch got := answer(ctx, c.url()+"/", token); {
		case got == "200 OK: OK":
			return nil
		case strings.HasPrefix(got, "401 "):
			return fmt.Errorf("another LiveKit, with other keys, has port %d", c.HTTPPort)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-pollAgain():
		}
	}
}

// answer is the status and the beginning of the body that GET gets, "" while it gets none.
func answer(ctx context.Context, url, token string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return ""
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 2)) // what is cut short is no "OK"
	return resp.Status + ": " + string(body)
}
