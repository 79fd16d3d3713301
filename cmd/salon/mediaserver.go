package main

import (
	"context"
	"fmt"
	"os"

	"salon/internal/sfu"
	"salon/internal/sfu/sfuchild"
	"salon/internal/supervise"
	"salon/rooms/media"
)

// mediaServer is the LiveKit server in use: ours, a child process of this one
// so that it cannot take web and money along, or an external one.
type mediaServer struct {
	config media.Config
	start  func(ctx context.Context, onReady func()) error
	stop   func() error
	pid    func() int
}

func (h *house) mediaServer() (*mediaServer, error) {
	if h.settings.LiveKitURL != "" {
		return &mediaServer{
			config: media.Config{URL: h.settings.LiveKitURL, Key: h.settings.LiveKitKey, Secret: h.settings.LiveKitSecret, Agents: h.agents()},
			start:  func(_ context.Context, onReady func()) error { onReady(); return nil },
			stop:   func() error { return nil },
			pid:    func() int { return 0 },
		}, nil
	}
	config, err := h.ownConfig()
	if err != nil {
		return nil, err
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find our own binary: %w", err)
	}
	var child *supervise.Child
	return &mediaServer{
		config: media.Config{URL: fmt.Sprintf("http://127.0.0.1:%d", config.HTTPPort), Key: config.Key, Secret: config.Secret, Agents: h.agents()},
		start: func(ctx context.Context, onReady func()) error {
			child = sfuchild.New(exe, config, h.log, onReady)
			return child.Start(ctx)
		},
		stop: func() error { return child.Stop() },
		pid:  func() int { return child.PID() },
	}, nil
}

func (h *house) ownConfig() (sfu.Config, error) {
	keys, err := sfuchild.LoadKeys(h.settings.Data)
	if err != nil {
		return sfu.Config{}, err
	}
	port, udp, tcp, err := sfu.FreePorts()
	if err != nil {
		return sfu.Config{}, err
	}
	config := sfu.Config{
		HTTPPort: port, UDPPort: udp, TCPPort: tcp, NodeIP: h.settings.PublicIP,
		Loopback: h.settings.PublicIP == "", Key: keys.Key, Secret: keys.Secret,
		LogLevel: "error", WebhookURL: h.inner + "/webhooks/livekit",
	}
	if h.ports.UDP != 0 {
		config.UDPPort = h.ports.UDP
	}
	if h.ports.TCP != 0 {
		config.TCPPort = h.ports.TCP
	}
	return config, nil
}

// sfuCommand is the media server's own process.
type sfuCommand struct{}

// Run serves until told to stop. Its settings come on standard input, so that
// no secret is in a command line or an environment.
func (sfuCommand) Run(ctx context.Context) error { return sfuchild.Run(ctx, os.Stdin) }
