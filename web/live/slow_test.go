package live

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

// What a reader who takes nothing may cost: the kernel's buffers, here and at
// the reader, of which the kernel grants twice what is asked, and a chunk.
const budget = 2*(64<<10) + 2*(64<<10) + chunk

func TestSlowReadersHoldNobodyUpW3(t *testing.T) {
	t.Parallel()
	const each, batch, batches, size = 25, 20, 20, 4000
	s := newStand(t, newMemory(), Limits{Write: time.Second})
	var healthy []*reader
	for range 2 * each {
		healthy = append(healthy, s.visit(nil))
	}
	var slow []net.Conn
	for range 2 * each {
		slow = append(slow, s.raw(16<<10))
	}
	for i := range batches {
		s.source.write(s.room, batch, size)
		for _, c := range slow[:each] { // the others read nothing at all
			c.Read(make([]byte, 1))
		}
		for _, r := range healthy {
			r.reach(int64((i + 1) * batch))
		}
	}
	for range slow {
		if code := <-s.closed; code != codeSlow {
			t.Errorf("closed with %d", code)
		}
	}
	for _, r := range healthy {
		if r.log.faults() > 0 {
			t.Errorf("%+v", r.log)
		}
	}
	if n := s.hub.Connections(); n != len(healthy) {
		t.Errorf("%d connections are left", n)
	}
	for _, c := range slow {
		if n, _ := io.Copy(io.Discard, c); n > budget {
			t.Errorf("%d bytes of %d were kept for a reader who took none", n, batch*batches*size)
		}
	}
}

// A reader who pauses falls behind, and is brought up to date: every entry, and
// of the cues the latest.
func TestWhoFallsBehindGetsEveryEntryAndTheLatestCue(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{Write: time.Minute})
	late, prompt := s.visit(nil), s.visit(nil)
	late.until("you")
	const entries, size = 1500, 4000
	for i := range entries / 100 {
		s.source.write(s.room, 100, size)
		s.hub.Broadcast(s.room, "caption", []byte(`{"type":"caption","state":`+string('0'+rune(i%10))+`}`))
		prompt.reach(int64((i + 1) * 100))
	}
	s.hub.Broadcast(s.room, "caption", []byte(`{"type":"caption","state":"last"}`))
	captions, last := 0, ""
	for last != `"last"` || late.log.last < entries {
		m, closed := late.next()
		if closed != nil {
			t.Fatal(closed)
		}
		if m.Type == "caption" {
			captions++
			last = string(m.State)
		}
	}
	if late.log.faults() > 0 || captions > entries/100 {
		t.Errorf("%+v, %d captions", late.log, captions)
	}
}

func TestKeysOfCuesAreBounded(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{})
	s.visit(nil).until("state")
	for range 3 * maxCues {
		s.hub.Broadcast(s.room, uuid.NewString(), []byte(`{"type":"caption"}`))
	}
	s.hub.Broadcast(s.room, "last", []byte(`{"type":"caption"}`))
	r := s.hub.open(s.room)
	r.mu.Lock()
	if len(r.cue) != maxCues+1 || r.cue["state"] == nil || r.cue["+last"] == nil {
		t.Errorf("%d cues", len(r.cue))
	}
	r.mu.Unlock()
	s.hub.Broadcast(s.room, "last", nil)
	s.hub.Broadcast(uuid.New(), "nobody is there", []byte(`{}`))
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.cue) != maxCues {
		t.Errorf("%d cues", len(r.cue))
	}
}

// Without a raw way to the socket all is as before.
func TestTLSInThisProcess(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{Write: time.Second})
	secure := httptest.NewTLSServer(http.HandlerFunc(s.serve))
	t.Cleanup(secure.Close)
	over := "wss" + strings.TrimPrefix(secure.URL, "https") + "/"
	dialer := websocket.Dialer{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	var readers []*reader
	for range 8 {
		ws, _, err := dialer.Dial(over+"?"+url.Values{"who": {uuid.NewString()}}.Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ws.Close() })
		readers = append(readers, &reader{t: t, ws: ws})
	}
	stalled := readers[0]
	stalled.until("you")
	const batch, batches, size = 20, 20, 8000
	for i := range batches {
		s.source.write(s.room, batch, size)
		for _, r := range readers[1:] {
			r.reach(int64((i + 1) * batch))
		}
	}
	for _, r := range readers[1:] {
		if r.log.faults() > 0 {
			t.Errorf("%+v", r.log)
		}
	}
	if code := <-s.closed; code != codeSlow {
		t.Errorf("closed with %d", code)
	}
}
