package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"salon/captions"
)

// readers are sockets of the room. The first reads what comes, the others note
// only when which frame came: they must not take from the server what they
// measure.
type readers struct {
	conns []*websocket.Conn
	all   sync.WaitGroup
	on    atomic.Bool // captions are
	ready chan struct{}

	mu     sync.Mutex
	frames []frame
	came   []map[uint64]time.Time // to each but the first
}

// frame is something that the first reader got.
type frame struct {
	at   time.Time
	hash uint64
	said struct {
		Type    string
		State   struct{ Captions captions.Status }
		Segment string // of a partial
		Text    string
		Entries []struct {
			Kind string
			Body struct{ Segment, Text string }
		}
	}
}

var seed = maphash.MakeSeed()

func (s *stage) gather(n int) (*readers, error) {
	r := &readers{ready: make(chan struct{})}
	address := strings.Replace(s.product.URL, "http", "ws", 1) + s.path + "/live"
	header := http.Header{"Cookie": {s.host.Cookie()}, "Origin": {s.product.URL}}
	for i := range n {
		conn, _, err := websocket.DefaultDialer.Dial(address, header)
		if err != nil {
			r.close()
			return nil, fmt.Errorf("reader %d: %w", i+1, err)
		}
		r.conns = append(r.conns, conn)
		if i == 0 {
			r.all.Go(func() { r.read(conn) })
			continue
		}
		came := map[uint64]time.Time{}
		r.came = append(r.came, came)
		r.all.Go(func() { r.note(conn, came) })
	}
	return r, nil
}

func (r *readers) read(conn *websocket.Conn) {
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			return
		}
		f := frame{at: time.Now(), hash: maphash.Bytes(seed, text)}
		if json.Unmarshal(text, &f.said) != nil {
			continue
		}
		if f.said.State.Captions.State == "on" && !r.on.Swap(true) {
			close(r.ready)
		}
		r.mu.Lock()
		r.frames = append(r.frames, f)
		r.mu.Unlock()
	}
}

func (r *readers) note(conn *websocket.Conn, came map[uint64]time.Time) {
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if bytes.HasPrefix(text, []byte(`{"type":"partial"`)) || bytes.HasPrefix(text, []byte(`{"type":"log"`)) {
			came[maphash.Bytes(seed, text)] = time.Now()
		}
	}
}

// close ends the sockets; then what they got can be looked at.
func (r *readers) close() {
	for _, conn := range r.conns {
		conn.Close()
	}
	r.all.Wait()
}

// events are the words that the first reader got, with the hash of the frame
// they came in.
func (r *readers) events(began time.Time) (events []event, hashes []uint64) {
	for _, f := range r.frames {
		at := f.at.Sub(began)
		if f.said.Type == "partial" {
			events, hashes = append(events, event{At: at, Segment: f.said.Segment, Text: f.said.Text}), append(hashes, f.hash)
		}
		for _, e := range f.said.Entries {
			if e.Kind == "caption" {
				events, hashes = append(events, event{At: at, Segment: e.Body.Segment, Text: e.Body.Text, Final: true}), append(hashes, f.hash)
			}
		}
	}
	return events, hashes
}
