package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

// devCommand starts everything with embedded defaults.
type devCommand struct {
	settings
	Demo bool `default:"true" negatable:"" env:"SALON_DEMO" help:"Make up people and a room with two recorded voices."`
}

// Run starts the house on any free media ports and says where it is.
func (c *devCommand) Run(ctx context.Context) error {
	return run(ctx, &house{settings: c.settings, log: slog.Default(), keepsMail: true, simulates: true, showsDemo: c.Demo})
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
	h.announce()
	if err := h.greet(ctx); err != nil && ctx.Err() == nil { // else told to stop meanwhile, which is no failure
		return errors.Join(err, h.stop())
	}
	var failed error
	select {
	case <-ctx.Done():
		fmt.Println("Stopping.")
	case failed = <-h.failed:
	}
	return errors.Join(failed, h.stop())
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
	MediaURL    string `json:"media_url"`
	StripeURL   string `json:"stripe_url,omitempty"` // of the simulated one
	StripeKey   string `json:"stripe_key,omitempty"`
	PID         int    `json:"pid"`
	SFUPID      int    `json:"sfu_pid"`
}

func runFilePath(data string) string { return filepath.Join(data, "run.json") }

// announce writes the run file and keeps it true until the house stops.
func (h *house) announce() {
	h.announcing.Lock()
	defer h.announcing.Unlock()
	h.announced = true
	h.writeRunFile()
	h.later(func() error {
		h.announcing.Lock()
		defer h.announcing.Unlock()
		h.announced = false
		return os.Remove(runFilePath(h.settings.Data))
	})
}

// writeRunFile writes it whole or not at all, readable by its owner only: an
// external database's URL carries its password. The server runs on without it.
func (h *house) writeRunFile() {
	file := runFile{URL: h.public.String(), DatabaseURL: h.databaseURL, MediaURL: h.mediaURL, PID: os.Getpid(), SFUPID: h.sfuPID()}
	if h.sales != nil && h.sales.stripe.URL != "" {
		file.StripeURL, file.StripeKey = h.sales.stripe.URL, h.sales.stripe.Key
	}
	text, err := json.Marshal(file)
	path := runFilePath(h.settings.Data)
	if err == nil {
		err = os.WriteFile(path+".new", append(text, '\n'), 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		h.log.Warn("run file not written, admin commands need --database-url", "error", err)
	}
}
