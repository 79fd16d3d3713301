package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/captions"
	"salon/captions/listener"
	"salon/internal/postgres"
	"salon/internal/sfu/sfuchild"
	"salon/rooms"
	"salon/rooms/media"
)

// captionsCommand is everything about turning speech into lines.
type captionsCommand struct {
	Run     captionsRun     `cmd:"" help:"Caption the rooms of a running server (--captions elsewhere) in a process of its own, on this machine or on another."`
	Install captionsInstall `cmd:"" help:"Add a language: fetch its model, or take one from this machine, try it, and put it where the server finds it."`
	Bench   captionsBench   `cmd:"" help:"Tell how well a model understands recordings of your own, and what it costs."`
}

// captionsRun is the worker in a process of its own. Any number may run: each
// room is captioned by one, and another takes over when it dies.
type captionsRun struct {
	Data          string `default:"salon-data" env:"SALON_DATA" type:"path" help:"Data directory of the running server, where its database and media server are found and installed models are."`
	DatabaseURL   string `env:"DATABASE_URL" help:"PostgreSQL to use. Default: the one of the server running on --data."`
	LiveKitURL    string `name:"livekit-url" env:"LIVEKIT_URL" help:"LiveKit server to use, http(s)://. Default: the one of the server running on --data."`
	LiveKitKey    string `name:"livekit-key" env:"LIVEKIT_API_KEY" help:"API key of the LiveKit server in --livekit-url."`
	LiveKitSecret string `name:"livekit-secret" env:"LIVEKIT_API_SECRET" help:"API secret of the LiveKit server in --livekit-url."`
	captionSettings
}

// Run captions until it is told to stop.
func (c *captionsRun) Run(ctx context.Context) (err error) {
	if c.Captions == "none" || c.Captions == "elsewhere" {
		return fmt.Errorf("--captions %s leaves this process nothing to do; use vosk or agents", c.Captions)
	}
	database, mediaServer, err := c.find()
	if err != nil {
		return err
	}
	pool, err := postgres.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer pool.Close()
	log := slog.Default()
	store := rooms.NewStore(pool)
	control, err := media.New(mediaServer, store, postgres.NewLease(pool, "media-sweep", leaseLife), log)
	if err != nil {
		return err
	}
	bus := newNotifier(pool, log)
	all := &captionRooms{service: rooms.NewService(store, nil, control), frames: bus}
	found, err := openEngines(ctx, c.captionSettings, c.Data, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, found.stop()) }()
	worker := newCaptionWorker(found.Engines, all, strings.Replace(mediaServer.URL, "http", "ws", 1), control, pool, log)
	for _, loop := range []func(context.Context) error{
		bus.Run, worker.Run, func(ctx context.Context) error { return tellStatus(ctx, all, worker) },
		(&postgres.Listener{Heard: changes(worker), Missed: worker.Changed, Pool: pool, Log: log}).Run,
	} {
		stop := inBackground(loop)
		defer func() { err = errors.Join(err, stop()) }()
	}
	fmt.Println("Captioning:", found.way())
	<-ctx.Done()
	return nil
}

// find is where the database and the media server are.
func (c *captionsRun) find() (database string, server media.Config, err error) {
	server = media.Config{URL: c.LiveKitURL, Key: c.LiveKitKey, Secret: c.LiveKitSecret, Agents: c.Captions == "agents"}
	if c.DatabaseURL != "" && c.LiveKitURL != "" {
		return c.DatabaseURL, server, nil
	}
	text, err := os.ReadFile(runFilePath(c.Data))
	if err != nil {
		return "", server, fmt.Errorf("no server is running on %s; start it, or give --database-url and --livekit-url: %w", c.Data, err)
	}
	var file runFile
	if err := json.Unmarshal(text, &file); err != nil {
		return "", server, fmt.Errorf("read %s: %w", runFilePath(c.Data), err)
	}
	if c.DatabaseURL != "" {
		file.DatabaseURL = c.DatabaseURL
	}
	if c.LiveKitURL == "" {
		keys, err := sfuchild.LoadKeys(c.Data)
		if err != nil {
			return "", server, err
		}
		server.URL, server.Key, server.Secret = file.MediaURL, keys.Key, keys.Secret
	}
	return file.DatabaseURL, server, nil
}

// newCaptionWorker is the worker with its ear at a media server.
func newCaptionWorker(engines captions.Engines, all *captionRooms, signalling string, passes listener.Passes, pool *pgxpool.Pool, log *slog.Logger) *captions.Worker {
	open := listener.New
	if engines.Agents {
		open = listener.NewAgents
	}
	return captions.NewWorker(engines, all, open(signalling, passes), func(room uuid.UUID) captions.Lease {
		return postgres.NewLease(pool, "captions "+room.String(), captions.LeaseLife)
	}, log)
}

// changes looks at the rooms when the database tells that one changed: who
// sits in the captioner's chair is a column of it.
func changes(worker *captions.Worker) func(notice string) {
	return func(notice string) {
		if strings.HasPrefix(notice, "room ") {
			worker.Changed()
		}
	}
}

// tellStatus says again and again how the captions of each room are: when it
// stops, readers learn that.
func tellStatus(ctx context.Context, all *captionRooms, worker *captions.Worker) error {
	tick := time.NewTicker(statusEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		live, err := all.Live(ctx)
		if err != nil {
			continue // it is asked again soon
		}
		for _, room := range live {
			// Whoever does not attend a room says nothing of it: another may.
			if status := worker.Status(room.ID, room.Language); status.State != "starting" {
				all.Tell(room, status)
			}
		}
	}
}
