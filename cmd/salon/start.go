package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

// devCommand starts everything with embedded defaults.
type devCommand struct{ settings }

// Run starts the house on any free media ports and says where it is.
func (c *devCommand) Run(ctx context.Context) error {
	return run(ctx, &house{settings: c.settings, log: slog.Default()})
}

// serveCommand starts a server for people to use.
type serveCommand struct {
	settings
	MediaUDP int `name:"media-udp" default:"7882" env:"SALON_MEDIA_UDP" help:"UDP port of our own media server; open it in the firewall."`
	MediaTCP int `name:"media-tcp" default:"7881" env:"SALON_MEDIA_TCP" help:"TCP port of our own media server, for networks without UDP; open it in the firewall."`
}

// Run starts the house on fixed media ports.
func (c *serveCommand) Run(ctx context.Context) error {
	return run(ctx, &house{settings: c.settings, log: slog.Default(), ports: mediaPorts{UDP: c.MediaUDP, TCP: c.MediaTCP}})
}

// run starts the house, tells where it is, and stops it when ctx ends.
func run(ctx context.Context, h *house) error {
	if err := h.open(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // told to stop while starting: what had started is stopped
		}
		return err
	}
	h.announced.Store(true)
	h.announce()
	h.later(func() error { return os.Remove(runFilePath(h.settings.Data)) })
	fmt.Printf("Salon %s\n  data      %s\n  database  %s\n  media     %s\n  stop      Ctrl-C\n  open      %s\n",
		version(), h.settings.Data, own(h.settings.DatabaseURL), own(h.settings.LiveKitURL), h.public)
	<-ctx.Done()
	fmt.Println("Stopping.")
	return h.stop()
}

func own(external string) string {
	if external == "" {
		return "embedded"
	}
	return "external"
}

// runFile tells other commands of this program how to reach a running house.
type runFile struct {
	URL         string `json:"url"`
	DatabaseURL string `json:"database_url"`
	PID         int    `json:"pid"`
	SFUPID      int    `json:"sfu_pid"`
}

func runFilePath(data string) string { return filepath.Join(data, "run.json") }

// announce writes the run file, readable by its owner only: an external
// database's URL carries its password. The server runs on without it.
func (h *house) announce() {
	text, err := json.Marshal(runFile{URL: h.public.String(), DatabaseURL: h.databaseURL, PID: os.Getpid(), SFUPID: h.sfuPID()})
	if err == nil {
		err = os.WriteFile(runFilePath(h.settings.Data), append(text, '\n'), 0o600)
	}
	if err != nil {
		h.log.Warn("run file not written, admin commands need --database-url", "error", err)
	}
}
