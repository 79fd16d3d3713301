package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// reader attends a room by its socket as docs/room-socket.md says, and keeps
// what it was told.
type reader struct {
	room      room
	forgetful bool          // a control: does not say how far it came
	grown     chan struct{} // has room for one: told when there is more

	mu      sync.Mutex
	epoch   string
	seq     int64
	entries []entry
	anew    int // how often the server said to begin anew
}

type entry struct {
	Seq  int64  `json:"seq"`
	Kind string `json:"kind"`
	Body struct {
		Text string `json:"text"`
	} `json:"body"`
}

type frame struct {
	Type    string  `json:"type"`
	Epoch   string  `json:"epoch"`
	Resumed bool    `json:"resumed"`
	Entries []entry `json:"entries"`
}

// Between being cut off, and before coming back.
const (
	stayMin, stayMax = time.Second, 5 * time.Second
	backMin, backMax = 20 * time.Millisecond, 500 * time.Millisecond
)

// attend connects again and again until the context ends, and is cut off at
// random.
func (r *reader) attend(ctx context.Context) {
	for ctx.Err() == nil {
		r.visit(ctx)
		wait(ctx, backMin+rand.N(backMax-backMin))
	}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// visit is one connection, from the handshake to the cut.
func (r *reader) visit(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stayMin+rand.N(stayMax-stayMin))
	defer cancel()
	socket, _, err := websocket.DefaultDialer.DialContext(ctx, r.address(), http.Header{"Authorization": {"Bearer " + r.room.token}})
	if err != nil {
		return
	}
	// Cut as a network is: without a word.
	defer context.AfterFunc(ctx, func() { socket.NetConn().Close() })()
	defer socket.Close()
	for {
		_, text, err := socket.ReadMessage()
		if err != nil {
			return
		}
		var f frame
		if json.Unmarshal(text, &f) == nil {
			r.take(f)
		}
	}
}

func (r *reader) address() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := strings.Replace(r.room.url, "http", "ws", 1) + "/live"
	if r.epoch == "" || r.forgetful {
		return at
	}
	return at + "?" + url.Values{"epoch": {r.epoch}, "after": {strconv.FormatInt(r.seq, 10)}}.Encode()
}

func (r *reader) take(f frame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch f.Type {
	case "hello":
		if !f.Resumed && r.epoch != "" {
			r.anew++
		}
		r.epoch = f.Epoch
	case "log":
		r.entries = append(r.entries, f.Entries...)
		if n := len(f.Entries); n > 0 {
			r.seq = f.Entries[n-1].Seq
		}
		select {
		case r.grown <- struct{}{}:
		default:
		}
	}
}

// has says whether the line was seen.
func (r *reader) has(text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.entries) - 1; i >= 0; i-- {
		if r.entries[i].Body.Text == text {
			return true
		}
	}
	return false
}
