package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"salon/cmd/salon/demo"
	"salon/web"
)

// newDemo prepares what dev makes up; nil where nothing is.
func (h *house) newDemo() web.Demo {
	if !h.showsDemo {
		return nil
	}
	h.demo = demo.New(demo.Config{
		Pool: h.pool, Accounts: h.people(), Rooms: h.service, URL: h.inner, Voices: voicesFolder(), Log: h.log,
	})
	return h.demo
}

// openDemo lets the made-up people in, once the media server is there. A
// server whose gate does not let them host runs without.
func (h *house) openDemo(ctx context.Context) error {
	if h.demo == nil {
		return nil
	}
	h.later(func() error { h.demo.Stop(); return nil })
	if err := h.demo.Start(ctx); err != nil {
		h.log.Warn("no demo room", "error", err)
	}
	return nil
}

func (h *house) demoState() string {
	switch {
	case h.demo.Room() == uuid.Nil:
		return "removed"
	case h.demo.Silent():
		return "made-up people; their room is silent, because flite and opus-tools are missing"
	}
	return "made-up people, and a room in which two recordings speak"
}

// voicesFolder is beside the program: make records the voices there.
func voicesFolder() string {
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	return filepath.Join(filepath.Dir(exe), "voices")
}
