package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"salon/rooms"
	"salon/web/live"
)

// salon is the product's hub, with a room that is kept in memory.
type salon struct {
	hub  *live.Hub
	room uuid.UUID

	mu      sync.Mutex
	entries []rooms.LogEntry
}

func newSalon(ctx context.Context) talker {
	s := &salon{room: uuid.New()}
	s.hub = live.New(live.Config{
		Source: s, Log: slog.Default(), Origin: func(*http.Request) string { return "" },
		Refuse: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadRequest)
		},
	})
	go s.hub.Run(ctx)
	return s
}

func (s *salon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.hub.Serve(w, r, s.room, live.Visitor{Account: uuid.New()})
}

func (s *salon) connections() int { return s.hub.Connections() }

func (s *salon) entry(text string) rooms.LogEntry {
	body, _ := json.Marshal(map[string]string{"text": text})
	return rooms.LogEntry{Seq: int64(len(s.entries)) + 1, Kind: rooms.KindNotice, At: time.Now().UTC(), Body: body}
}

func (s *salon) frameOverhead() int {
	text, _ := json.Marshal(s.entry(""))
	return len(`{"type":"log","entries":[]}`) + len(text)
}

func (s *salon) say(text string) {
	s.mu.Lock()
	s.entries = append(s.entries, s.entry(text))
	s.mu.Unlock()
	s.hub.Heard("log " + s.room.String())
}

func (s *salon) Head(context.Context, uuid.UUID) (rooms.Head, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return rooms.Head{Epoch: "bench", Seq: int64(len(s.entries))}, nil
}

func (s *salon) Log(_ context.Context, _ uuid.UUID, after int64, limit int) ([]rooms.LogEntry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries[after:min(len(s.entries), int(after)+limit)], nil
}

func (s *salon) State(context.Context, uuid.UUID) (json.RawMessage, error) {
	return json.RawMessage(`{}`), nil
}

func (s *salon) You(context.Context, uuid.UUID, live.Visitor) (json.RawMessage, bool, error) {
	return json.RawMessage(`{}`), false, nil
}

func (s *salon) MayStay(context.Context, uuid.UUID, live.Visitor) error { return nil }
func (s *salon) Seen(context.Context, uuid.UUID, []live.Visitor) error  { return nil }
