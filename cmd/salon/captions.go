package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"salon/captions"
	"salon/captions/speech/voskchild"
	"salon/rooms"
)

// captionSettings are who turns speech into lines.
type captionSettings struct {
	Captions      string            `default:"vosk" enum:"vosk,agents,elsewhere,none" env:"SALON_CAPTIONS" help:"What turns speech into captions: vosk, in this process and its children; agents, which are LiveKit agents of yours that publish lk.transcription; elsewhere, which are processes of salon captions run; or none."`
	CaptionsOut   string            `name:"captions-out" default:"off" enum:"off,finals,all" env:"SALON_CAPTIONS_OUT" help:"Captions that go out as lk.transcription, too, for other LiveKit clients: off, finals or all. Every word then passes through the media server once more for everyone."`
	VoskLibrary   string            `name:"vosk-library" env:"SALON_VOSK_LIBRARY" type:"path" help:"libvosk.so. Default: speech/libvosk.so beside the program."`
	CaptionModels map[string]string `name:"caption-model" mapsep:"," env:"SALON_CAPTION_MODELS" help:"Folders of the Vosk models of languages, such as fr=/srv/models/fr,de=/srv/models/de, beside those that were installed (salon captions install) and those beside the program (speech/model-en)."`

	CaptionChildren int `name:"caption-children" default:"0" env:"SALON_CAPTION_CHILDREN" help:"Most processes that recognise speech for one model; each carries 8 voices. 0: one for each core."`
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

// openCaptions starts the engines and the worker. Without a model the rooms go
// on without captions, and everyone is told.
func (h *house) openCaptions(ctx context.Context) error {
	if err := h.openCaptionsOut(); err != nil {
		return err
	}
	if h.settings.Captions == "none" || h.settings.Captions == "elsewhere" {
		if h.settings.Captions == "elsewhere" {
			h.captions.elsewhere()
			h.later(h.background(h.missWorkers))
		}
		return nil
	}
	engines, err := openEngines(ctx, h.settings.captionSettings, h.settings.Data, h.log)
	if err != nil {
		return err
	}
	h.later(engines.stop)
	h.captioned = engines.way()
	all := &captionRooms{service: h.service, frames: h}
	worker := newCaptionWorker(engines.Engines, all, strings.Replace(h.inner, "http", "ws", 1), h.control, h.pool, h.log)
	h.captions.set(worker)
	h.later(h.background(worker.Run))
	return nil
}

// captionRooms is the rooms as the worker sees them.
type captionRooms struct {
	service *rooms.Service
	frames  frames
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
	c.frames.Broadcast(room.ID, "partial "+who.ID.String(), nil)
	return c.service.Said(ctx, room.ID, who.ID, line)
}

func (c *captionRooms) Show(room captions.Room, identity string, partial captions.Partial) {
	who, err := c.voice(context.Background(), room.Run, identity)
	if err != nil {
		return // it is shown when it is known who says it
	}
	frame, err := captions.Frame(captions.Speaker(who), partial)
	if err == nil {
		c.frames.Broadcast(room.ID, "partial "+who.ID.String(), frame)
	}
}

func (c *captionRooms) Gap(ctx context.Context, room captions.Room) error {
	return c.service.CaptionsGap(ctx, room.ID)
}

// Tell implements captions.Rooms.
func (c *captionRooms) Tell(room captions.Room, status captions.Status) {
	frame, err := json.Marshal(statusFrame{"captions", status})
	if err == nil {
		c.frames.Broadcast(room.ID, statusKey, frame)
	}
}

// captionsNow is what is known of the captions in this process: the worker,
// once there is one, or what those elsewhere say of themselves.
type captionsNow struct {
	mu     sync.Mutex
	worker *captions.Worker
	others map[uuid.UUID]told // nil unless others caption
}

// told is what a worker elsewhere said of a room.
type told struct {
	status captions.Status
	at     time.Time
}

func (c *captionsNow) set(w *captions.Worker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.worker = w
}

// get is the worker of this process, nil without.
func (c *captionsNow) get() *captions.Worker {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.worker
}

func (c *captionsNow) elsewhere() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.others = map[uuid.UUID]told{}
}

// Status is what readers of a room are told.
func (c *captionsNow) Status(room uuid.UUID, language string) captions.Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.worker != nil {
		return c.worker.Status(room, language)
	}
	if c.others == nil {
		return captions.Status{State: "off", Language: language}
	}
	if last, known := c.others[room]; known && time.Since(last.at) < statusLife {
		return last.status
	}
	return captions.Status{State: "starting", Language: language}
}

// tell takes what a worker elsewhere says of a room.
func (c *captionsNow) tell(room uuid.UUID, frame []byte) {
	var said statusFrame
	if json.Unmarshal(frame, &said) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.others != nil {
		c.others[room] = told{said.Status, time.Now()}
	}
}

// missed forgets what nobody repeats any more, and returns of which rooms.
func (c *captionsNow) missed() (silent map[uuid.UUID]captions.Status) {
	c.mu.Lock()
	defer c.mu.Unlock()
	silent = map[uuid.UUID]captions.Status{}
	for id, last := range c.others {
		if time.Since(last.at) > statusLife {
			delete(c.others, id)
			silent[id] = captions.Status{State: "starting", Language: last.status.Language}
		}
	}
	return silent
}

// missWorkers tells readers when the worker of their room says nothing more.
func (h *house) missWorkers(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		for room, status := range h.captions.missed() {
			(&captionRooms{frames: h}).Tell(captions.Room{ID: room}, status)
		}
	}
}

// heard takes a notice of the database.
func (c *captionsNow) heard(notice string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.worker != nil {
		changes(c.worker)(notice)
	}
}

// captionWay is who captions, in a word.
func (h *house) captionWay() string {
	if h.settings.Captions == "none" || h.settings.Captions == "elsewhere" {
		return h.settings.Captions
	}
	return h.captioned
}
