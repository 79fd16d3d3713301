package live

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// masked is a client's frame as RFC 6455 has it, with a key of zeros.
func masked(first byte, payload []byte) []byte {
	b := appendFrame(nil, first, payload)
	b[1] |= 0x80
	head := len(b) - len(payload)
	return append(append(append([]byte(nil), b[:head]...), 0, 0, 0, 0), payload...)
}

func many(n int, b []byte) (all []byte) {
	for range n {
		all = append(all, b...)
	}
	return all
}

// closeCode reads server frames until the close frame.
func closeCode(c net.Conn) (int, error) {
	r := bufio.NewReader(c)
	for {
		first, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		short, err := r.ReadByte()
		n := int64(short)
		switch short {
		case 126:
			var b [2]byte
			_, err = io.ReadFull(r, b[:])
			n = int64(binary.BigEndian.Uint16(b[:]))
		case 127:
			err = errors.New("a frame beyond 64 KiB")
		}
		if err != nil {
			return 0, err
		}
		payload := make([]byte, n)
		if _, err := io.ReadFull(r, payload); err != nil {
			return 0, err
		}
		if first == closeFrame {
			return int(binary.BigEndian.Uint16(payload)), nil
		}
	}
}

func TestWhatNoClientShouldSendW5(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{Silence: time.Hour}) // the neighbour is not looked after meanwhile
	neighbour := s.visit(nil)
	text := masked(textFrame, []byte("hi"))
	for name, c := range map[string]struct {
		sent []byte
		code int
	}{
		"a large frame":              {masked(textFrame, make([]byte, 1<<20)), websocket.CloseMessageTooBig},
		"one byte too many":          {masked(textFrame, make([]byte, maxFrame+1)), websocket.CloseMessageTooBig},
		"a length beyond all":        {[]byte{textFrame, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, websocket.CloseMessageTooBig},
		"large by fragments":         {append(masked(0x01, make([]byte, maxFrame)), masked(0x80, []byte("x"))...), websocket.CloseMessageTooBig},
		"fragments without end":      {append(masked(0x01, nil), many(maxBytes/4, masked(0x00, nil))...), codeFlood},
		"not masked":                 {appendFrame(nil, textFrame, []byte("hi")), websocket.CloseProtocolError},
		"binary":                     {masked(0x82, []byte{1, 2, 3}), codeUnread},
		"a reserved bit":             {masked(textFrame|0x40, []byte("deflated")), websocket.CloseProtocolError},
		"another reserved bit":       {masked(textFrame|0x10, nil), websocket.CloseProtocolError},
		"an unknown kind":            {masked(0x83, nil), websocket.CloseProtocolError},
		"an unknown control":         {masked(0x8b, nil), websocket.CloseProtocolError},
		"a continuation of nothing":  {masked(0x80, []byte("x")), websocket.CloseProtocolError},
		"text within a message":      {append(masked(0x01, []byte("x")), text...), websocket.CloseProtocolError},
		"a ping in fragments":        {masked(0x09, nil), websocket.CloseProtocolError},
		"a long ping":                {masked(pingFrame, make([]byte, 126)), websocket.CloseProtocolError},
		"a ping flood":               {many(2*maxFrames, masked(pingFrame, []byte("x"))), codeFlood},
		"a pong flood":               {many(2*maxFrames, masked(pongFrame, nil)), codeFlood},
		"a flood of text":            {many(maxFrames+1, text), codeFlood},
		"a close with one byte":      {masked(closeFrame, []byte{3}), websocket.CloseNormalClosure},
		"a close with a bad code":    {masked(closeFrame, []byte{3, 237}), websocket.CloseProtocolError},
		"a close that is not UTF-8":  {masked(closeFrame, []byte{3, 232, 0xff}), websocket.CloseProtocolError},
		"a close":                    {masked(closeFrame, []byte{3, 232}), websocket.CloseNormalClosure},
		"a close that says nothing":  {masked(closeFrame, nil), websocket.CloseNormalClosure},
		"text, then a close":         {append(many(maxFrames-1, text), masked(closeFrame, nil)...), websocket.CloseNormalClosure},
		"a message in two fragments": {append(append(masked(0x01, []byte("x")), masked(0x80, []byte("y"))...), masked(closeFrame, nil)...), websocket.CloseNormalClosure},
	} {
		client := s.raw(0)
		go client.Write(c.sent)
		if code, err := closeCode(client); code != c.code {
			t.Errorf("%s: %d %v, want %d", name, code, err, c.code)
		}
		client.Close()
		<-s.closed
	}
	s.source.write(s.room, 10, 100)
	neighbour.reach(10)
	if neighbour.log.faults() > 0 || s.hub.Connections() != 1 {
		t.Errorf("the neighbour: %+v, of %d", neighbour.log, s.hub.Connections())
	}
}

// A peer whose cable was pulled answers no ping.
func TestTheSilentAreLetGo(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{Ping: 100 * time.Millisecond, Silence: time.Second})
	neighbour := s.visit(nil)
	silent := s.raw(0)
	codes := make(chan int, 1)
	go func() {
		code, _ := closeCode(silent)
		codes <- code
	}()
	for open := true; open; { // the neighbour's client answers pings only while it reads
		s.source.write(s.room, 1, 10)
		neighbour.reach(int64(len(s.source.entries)))
		select {
		case code := <-codes:
			if open = false; code != codeSilent {
				t.Errorf("closed with %d", code)
			}
		default:
		}
	}
	if got := <-s.closed; got != codeSilent || s.hub.Connections() != 1 {
		t.Errorf("closed with %d, %d are left", got, s.hub.Connections())
	}
}

// A handshake that does not come is not waited for, and costs no seat.
func TestASlowHandshakeIsGivenUp(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{})
	neighbour := s.visit(nil)
	c, err := net.Dial("tcp", s.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websoc")
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err == nil && answer.StatusCode != http.StatusRequestTimeout {
		t.Errorf("%d", answer.StatusCode)
	}
	s.source.write(s.room, 1, 10)
	neighbour.reach(1)
	if n := s.hub.Connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
}
