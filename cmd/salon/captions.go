package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/uuid"

	"salon/captions"
	"salon/captions/listener"
	"salon/captions/speech/voskchild"
	"salon/internal/postgres"
	"salon/rooms"
	"salon/web/live"
)

// captionSettings are who turns speech into lines.
type captionSettings struct {
	Captions      string            `default:"vosk" enum:"vosk,none" env:"SALON_CAPTIONS" help:"What turns speech into captions: vosk, on this machine, or none."`
	VoskLibrary   string            `name:"vosk-library" env:"SALON_VOSK_LIBRARY" type:"path" help:"libvosk.so. Default: speech/libvosk.so beside the program."`
	CaptionModels map[string]string `name:"caption-model" env:"SALON_CAPTION_MODELS" help:"Folder of the Vosk model of a language, such as fr=/srv/models/fr. Default: speech/model-en beside the program, for English."`
}

// speechCommand is the child that recognises speech.
type speechCommand struct{}

// Run serves streams until it is told to stop.
func (speechCommand) Run(ctx context.Context) error { return voskchild.Run(ctx, os.Stdin) }

// besideProgram is a path beside our own binary.
func besideProgram(elements ...string) string {
	exe, err := os.Executable()
	if err != nil {
		return filepath.Join(elements...)
	}
	return filepath.Join(append([]string{filepath.Dir(exe)}, elements...)...)
}

func (c captionSettings) library() string {
	if c.VoskLibrary != "" {
		return c.VoskLibrary
	}
	return besideProgram("speech", "libvosk.so")
}

// model is the language that is captioned and its folder.
func (c captionSettings) model() (language, folder string) {
	for language, folder := range c.CaptionModels {
		return language, folder
	}
	return "en", besideProgram("speech", "model-en")
}

func (c captionSettings) check() error {
	if len(c.CaptionModels) > 1 {
		return fmt.Errorf("--caption-model: one language a server so far")
	}
	return nil
}

// openCaptions starts the engine and the worker. Without a model the rooms go
// on without captions, and everyone is told.
func (h *house) openCaptions(ctx context.Context) error {
	if h.settings.Captions == "none" {
		return nil
	}
	language, folder := h.settings.model()
	socket, err := socketFolder()
	if err != nil {
		return err
	}
	h.later(func() error { return os.RemoveAll(socket) })
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	config := voskchild.Config{Socket: filepath.Join(socket, "speech"), Library: h.settings.library(), Model: folder}
	engine := voskchild.New(exe, config, []string{language}, h.log)
	if err := engine.Start(ctx); err != nil {
		h.captionsOff = err.Error()
		h.log.Warn("captions off", "error", err)
		return nil
	}
	h.later(engine.Stop)
	ear := listener.New(strings.Replace(h.inner, "http", "ws", 1), h.control)
	worker := captions.NewWorker(engine, &captionRooms{service: h.service, hub: h.live}, ear, func(room uuid.UUID) captions.Lease {
		return postgres.NewLease(h.pool, "captions "+room.String(), captions.LeaseLife)
	}, h.log)
	h.captions.set(worker)
	h.later(h.background(worker.Run))
	return nil
}

// socketFolder is a folder with a short path: sockets' paths are short.
func socketFolder() (string, error) { return os.MkdirTemp("", "salon-speech-") }

// captionRooms is the rooms as the worker sees them.
type captionRooms struct {
	service *rooms.Service
	hub     *live.Hub
	voices  sync.Map // run and identity → rooms.Who
}

func (c *captionRooms) Live(ctx context.Context) ([]captions.Room, error) {
	all, err := c.service.Live(ctx)
	list := make([]captions.Room, 0, len(all))
	for _, one := range all {
		list = append(list, captions.Room(one))
	}
	return list, err
}

func (c *captionRooms) voice(ctx context.Context, run, identity string) (rooms.Who, error) {
	key := run + " " + identity
	if who, known := c.voices.Load(key); known {
		return who.(rooms.Who), nil
	}
	who, err := c.service.Voice(ctx, run, identity)
	if err == nil {
		c.voices.Store(key, who)
	}
	return who, err
}

func (c *captionRooms) Keep(ctx context.Context, room captions.Room, identity string, line captions.Line) error {
	who, err := c.voice(ctx, room.Run, identity)
	if err != nil {
		return err
	}
	c.hub.Broadcast(room.ID, "partial "+identity, nil)
	return c.service.Said(ctx, room.ID, who.ID, line)
}

// partialFrame is what readers get of what is being said.
type partialFrame struct {
	Type    string    `json:"type"`
	Speaker rooms.Who `json:"speaker"`
	captions.Partial
}

func (c *captionRooms) Show(room captions.Room, identity string, partial captions.Partial) {
	who, err := c.voice(context.Background(), room.Run, identity)
	if err != nil {
		return // it is shown when it is known who says it
	}
	frame, err := json.Marshal(partialFrame{"partial", who, partial})
	if err == nil {
		c.hub.Broadcast(room.ID, "partial "+identity, frame)
	}
}

func (c *captionRooms) Gap(ctx context.Context, room captions.Room) error {
	return c.service.CaptionsGap(ctx, room.ID)
}

// captionsNow is the worker, once there is one.
type captionsNow struct {
	mu     sync.Mutex
	worker *captions.Worker
}

func (c *captionsNow) set(w *captions.Worker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.worker = w
}

// Status is what readers of a room are told.
func (c *captionsNow) Status(room uuid.UUID, language string) captions.Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.worker == nil {
		return captions.Status{State: "off", Language: language}
	}
	return c.worker.Status(room, language)
}

// captionWay is who captions, in a word.
func (h *house) captionWay() string {
	if h.captionsOff != "" {
		return "off: " + h.captionsOff
	}
	if h.settings.Captions == "none" {
		return "none"
	}
	language, _ := h.settings.model()
	return h.settings.Captions + ", " + language
}
