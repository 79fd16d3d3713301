package live

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/gorilla/websocket"
)

// What a client may send. It has to send nothing but pongs and its close.
const (
	maxFrame  = 4096 // bytes
	maxFrames = 30   // in a minute, of any kind
	maxBytes  = maxFrames * (maxFrame + 16)
)

// grace is how long a peer has to read our close frame and close.
const grace = 3 * time.Second

var errFlood = errors.New("the client sends too much")

// allowance counts what a client sent within a minute. Only the reading
// goroutine touches it.
type allowance struct {
	since         time.Time
	frames, bytes int
}

func (a *allowance) take(frames, bytes int) error {
	if now := time.Now(); now.Sub(a.since) > time.Minute {
		*a = allowance{since: now}
	}
	a.frames += frames
	a.bytes += bytes
	if a.frames > maxFrames || a.bytes > maxBytes {
		return errFlood
	}
	return nil
}

// Read is what gorilla reads from. It bounds what fragments without end would
// carry past the count of frames.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err == nil {
		err = c.heed.take(0, n)
	}
	return n, err
}

// read reads until the connection is over. What comes is thrown away.
func (c *conn) read() {
	defer c.leave()
	for {
		kind, text, err := c.ws.NextReader()
		if err == nil {
			err = c.heed.take(1, 0)
		}
		if err == nil { // to its end, as the bound is that of a message
			_, err = io.Copy(io.Discard, text)
		}
		if err != nil {
			c.lost(err)
			return
		}
		if kind == websocket.BinaryMessage {
			c.finish(ending{code: codeUnread, reason: "text-only"})
		}
	}
}

func (c *conn) onPing(data string) error {
	if err := c.heed.take(1, 0); err != nil {
		return err
	}
	c.pong([]byte(data))
	return nil
}

func (c *conn) onPong(string) error {
	if err := c.heed.take(1, 0); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shut || c.life < pingTaken {
		return nil
	}
	c.life = calm
	return c.SetReadDeadline(time.Time{})
}

// lost answers the end of reading with a close frame, where one can still
// arrive, and gives it the time to.
func (c *conn) lost(err error) {
	var closed *websocket.CloseError
	if errors.As(err, &closed) && closed.Code == websocket.CloseAbnormalClosure {
		return // gone without a word
	}
	e := endingOfRead(err)
	c.mu.Lock()
	c.peerShut = closed != nil
	done := c.shut && e != nil // they answered ours, or did not in time
	c.mu.Unlock()
	if done {
		return
	}
	if e != nil {
		c.finish(*e)
	}
	c.linger()
}

// endingOfRead is what to say to a peer of whom no more is read; nothing when
// it is gone, or when gorilla has said it.
func endingOfRead(err error) *ending {
	var closed *websocket.CloseError
	var late net.Error
	switch {
	case errors.As(err, &closed):
		return &ending{code: websocket.CloseNormalClosure}
	case errors.Is(err, errFlood):
		return &ending{code: codeFlood, reason: "flood"}
	case errors.Is(err, websocket.ErrReadLimit):
		return &ending{code: websocket.CloseMessageTooBig}
	case errors.As(err, &late) && late.Timeout():
		return &ending{code: codeSilent, reason: "silent"}
	}
	return nil
}

// linger reads until the peer has closed: to close while something is unread
// would reset the connection, and take the close frame with it.
func (c *conn) linger() {
	c.SetReadDeadline(time.Now().Add(grace))
	io.Copy(io.Discard, c.Conn)
}

// leave is the only way out of a room.
func (c *conn) leave() {
	c.mu.Lock()
	c.shut = true
	c.mu.Unlock()
	c.Conn.Close()
	c.room.remove(c)
	c.room.hub.Log.Debug("socket closed", "room", c.room.id, "code", c.code())
}
