package live

import (
	"encoding/binary"
	"errors"
	"os"
	"syscall"
	"time"
)

// writer writes without waiting. It is made once for many connections, as what
// a RawConn calls must be a function.
type writer struct {
	frame []byte
	n     int
	call  func(fd uintptr) bool
}

func newWriter() *writer {
	w := &writer{}
	w.call = func(fd uintptr) bool {
		w.n, _ = syscall.Write(int(fd), w.frame) // whoever finishes the frame meets the error again
		return true
	}
	return w
}

// try returns what of the frame was not taken.
func (w *writer) try(raw syscall.RawConn, frame []byte) []byte {
	w.frame, w.n = frame, 0
	raw.Write(w.call)
	return frame[max(0, w.n):]
}

// offer writes a frame to a live connection. Others find it in the room.
func (c *conn) offer(w *writer, f *frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.greeted || c.busy || c.held || c.end != nil || f.hasReached(c) {
		return
	}
	if c.raw == nil || f.skipsFor(c) {
		c.start()
		return
	}
	f.reach(c)
	if c.rest = w.try(c.raw, f.bytes); len(c.rest) > 0 {
		c.start()
	}
}

// work writes what the connection lacks until it lacks nothing.
func (c *conn) work() {
	var older []line
	for {
		b, need := c.gather(older)
		if older = nil; len(need.lines) > 0 {
			b = appendLog(b, need.lines)
		}
		if err := c.put(b); errors.Is(err, errOver) {
			continue // nothing of it was written: on to the close frame
		} else if err != nil {
			c.cut(err)
			return
		}
		if need.nothing {
			return
		}
		if need.entries {
			var err error
			if older, err = c.room.fetch(need.after); err != nil {
				c.stall(err)
				return
			}
		}
	}
}

// stall waits for the room to try again what failed.
func (c *conn) stall(err error) {
	c.room.hub.Log.Warn("read the log of a room", "room", c.room.id, "error", err)
	c.mu.Lock()
	c.busy = false
	c.mu.Unlock()
	c.room.soon(due{nudge: true})
}

// put writes, waiting for the reader as long as the limits allow.
func (c *conn) put(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if err := c.allow(); err != nil {
		return err
	}
	n, err := c.Conn.Write(b)
	c.Conn.SetWriteDeadline(time.Time{}) // an expired one would fail every later write
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err != nil && n == 0 && !c.torn && c.end != nil && !c.shut:
		return errOver
	case err != nil:
		return err
	case c.shut && c.peerShut:
		c.Conn.Close()
	case c.shut:
		c.Conn.SetReadDeadline(time.Now().Add(grace))
	case c.life == pingTaken:
		c.life = pongWanted
		c.Conn.SetReadDeadline(time.Now().Add(c.room.hub.Limits.Silence))
	}
	return nil
}

// Why a write that was due is left.
var (
	errOver = errors.New("the connection ends")
	errTorn = errors.New("the connection ends inside a frame")
)

// allow sets the deadline of a write, unless the connection has ended since.
func (c *conn) allow() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end != nil && !c.end.last && !c.shut {
		if c.torn {
			return errTorn
		}
		return errOver
	}
	return c.Conn.SetWriteDeadline(time.Now().Add(c.room.hub.Limits.Write))
}

// cut closes the socket at once: its last frame cannot be finished, so no close
// frame can follow. What the kernel still holds for the reader is thrown away.
func (c *conn) cut(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.finish(ending{code: codeSlow, reason: "slow"})
	}
	c.mu.Lock()
	c.shut = true
	c.mu.Unlock()
	if tcp := tcpOf(c.Conn); tcp != nil {
		tcp.SetLinger(0)
		tcp.Close()
	}
	c.Conn.Close()
}

// Write takes what gorilla writes by itself after the handshake: close frames
// about what it cannot read. They go the way of all others, so that none lands
// inside a half-written frame.
func (c *conn) Write(b []byte) (int, error) {
	c.mu.Lock()
	ready := c.ready
	c.mu.Unlock()
	if !ready {
		return c.Conn.Write(b)
	}
	if len(b) >= 4 && b[0] == closeFrame {
		c.finish(ending{code: int(binary.BigEndian.Uint16(b[2:])), reason: string(b[4:])})
	}
	return len(b), nil
}
