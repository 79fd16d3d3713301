// Package sfu runs the real LiveKit server as a library, in this process. It is the only
// package that imports livekit-server. Salon itself runs it in a child: see sfuchild.
package sfu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/livekit/livekit-server/pkg/config"
	"github.com/livekit/livekit-server/pkg/routing"
	"github.com/livekit/livekit-server/pkg/service"
	"github.com/livekit/livekit-server/pkg/telemetry/prometheus"
	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/logger"
)

// StopBound is how long a server may take to send everybody away.
const StopBound = 10 * time.Second

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
	if err := WaitReady(ctx, c); err != nil {
		cancel(nil)
		s.abandon()
		return nil, fmt.Errorf("start livekit: %w", err)
	}
	return s, nil
}

// URL is where its API and signalling answer, on this machine only.
func (s *Server) URL() string { return s.url }

// Ended is closed when the server has ended, for whatever reason; Err then says why.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// Err is why the server ended, nil when it was told to. It is valid once Ended is closed.
func (s *Server) Err() error { return s.endErr }

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
	// Before it runs, LiveKit's Stop does nothing; not forced, it would wait for the
	// participants to leave, for ever.
	if until(s.ended, s.livekit.IsRunning) {
		s.livekit.Stop(true)
	}
}

// abandon ends a server that did not come up.
func (s *Server) abandon() {
	ctx, cancel := context.WithTimeout(context.Background(), StopBound)
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

// until looks again and again, there being no signal, until ok or done. It says which.
func until(done <-chan struct{}, ok func() bool) bool {
	for !ok() {
		select {
		case <-done:
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return true
}

// WaitReady returns when GET / answers 200 to a token of ours. The token matters: on a
// port that was taken already, somebody else's LiveKit would be healthy too.
func WaitReady(ctx context.Context, c Config) error {
	token, err := auth.NewAccessToken(c.Key, c.Secret).SetValidFor(time.Hour).ToJWT()
	if err != nil {
		return err
	}
	var got string
	if !until(ctx.Done(), func() bool { got = answer(ctx, c.url()+"/", token); return got != "" }) {
		return context.Cause(ctx)
	}
	if got != "OK" {
		return fmt.Errorf("port %d has another server: it says %q to our token", c.HTTPPort, got)
	}
	return nil
}

// answer is "OK" from a healthy server that knows our token, "" from one that is not
// there or not healthy yet, and the status from one that will never be ours.
func answer(ctx context.Context, url, token string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 100)) // what is cut short is no "OK"
	switch {
	case resp.StatusCode == http.StatusNotAcceptable:
		return ""
	case resp.StatusCode == http.StatusOK && string(body) == "OK":
		return "OK"
	}
	return resp.Status
}
