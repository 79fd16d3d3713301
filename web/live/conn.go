package live

import (
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

// conn is one visitor's connection. It is the net.Conn that gorilla reads
// from; gorilla's own writes end in Write.
//
// It is live or behind. A live connection has everything the room has, and the
// room writes each new frame to it at once, without waiting. When the kernel
// does not take all of a frame, the connection is behind: a goroutine of its
// own finishes the frame, then takes from the room what is missing until
// nothing is, and ends. Nothing is queued for it meanwhile. A new connection is
// one that is far behind.
type conn struct {
	net.Conn
	room *room
	who  Visitor
	slot int             // of the ping wheel
	ws   *websocket.Conn // set before it is ready
	raw  syscall.RawConn // nil when frames cannot be written without waiting, as with TLS in this process
	heed allowance       // of the reading goroutine

	index int   // in the room's list; with next guarded by the room's lock
	next  *conn // another of the same person

	mu        sync.Mutex
	ready     bool   // the handshake is done
	busy      bool   // its goroutine writes, and nobody else may
	held      bool   // whether it may stay is being asked
	greeted   bool   // hello was sent
	shut      bool   // the close frame was sent, or the socket is closed
	peerShut  bool   // the peer's close frame has come
	moderates bool   // is shown its own view whenever a seat changed
	epoch     string // of the log that sent counts in
	sent      int64  // the last entry that was handed over
	version   uint64 // the last cue that was handed over
	rest      []byte // of a frame that the kernel took in part
	torn      bool   // what is being written begins inside a frame
	control   []byte // a ping or pong that is due
	life      sign
	you       []byte // the latest personal view, not sent yet
	end       *ending
}

// sign is how far asking for a sign of life has come.
type sign int8

const (
	calm       sign = iota
	pingDue         // to be written
	pingTaken       // being written
	pongWanted      // in time
)

// begin makes the connection ready once the handshake is done.
func (c *conn) begin(ws *websocket.Conn, you []byte, moderates bool) {
	c.ws = ws
	ws.SetReadLimit(maxFrame)
	ws.SetPingHandler(c.onPing)
	ws.SetPongHandler(c.onPong)
	ws.SetCloseHandler(func(int, string) error { return nil }) // answered where reading ends
	if tcp := tcpOf(c.Conn); tcp != nil {
		tcp.SetWriteBuffer(c.room.hub.Limits.Send)
	}
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		c.raw, _ = tcp.SyscallConn()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.you == nil { // what was read on a notice is newer
		c.you, c.moderates = you, moderates
	}
	c.ready = true
	c.start()
	if c.shut { // abandoned meanwhile
		c.Conn.Close()
	}
}

// start puts the connection's goroutine to work. The lock is held.
func (c *conn) start() {
	if c.ready && !c.busy && !c.shut {
		c.busy = true
		go c.work()
	}
}

func (c *conn) nudge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start()
}

// hold keeps the log from the connection until it is known whether it may stay.
func (c *conn) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = true
}

// stay lifts the hold, and shows the visitor their view.
func (c *conn) stay(you []byte, moderates, lift bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.you, c.moderates = you, moderates
	c.held = c.held && !lift
	c.start()
}

// finish closes the connection. The first reason counts, but one that may wait
// for the log gives way to one that may not.
func (c *conn) finish(e ending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end != nil && (e.last || !c.end.last) {
		return
	}
	c.end = &e
	c.held = c.held && !e.last
	if c.busy && !e.last { // whatever it waits to write is not for them any more
		c.SetWriteDeadline(time.Now())
	}
	c.start()
}

// abandon closes the socket without a word.
func (c *conn) abandon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shut = true
	if c.ready {
		c.Conn.Close()
	}
}

// watches says whether others' seats concern the visitor.
func (c *conn) watches() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moderates
}

// ping asks the peer for a sign of life. The time to answer begins when it was
// written: if we are late, the peer is not to blame.
func (c *conn) ping() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life != calm {
		return
	}
	c.life = pingDue
	c.control = appendFrame(c.control, pingFrame, nil)
	c.start()
}

func (c *conn) pong(payload []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.control = appendFrame(c.control, pongFrame, payload)
	c.start()
}

func (c *conn) code() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end == nil {
		return websocket.CloseAbnormalClosure
	}
	return c.end.code
}

// tcpOf is the TCP connection below, if there is one.
func tcpOf(c net.Conn) *net.TCPConn {
	for {
		switch below := c.(type) {
		case *net.TCPConn:
			return below
		case interface{ NetConn() net.Conn }:
			c = below.NetConn()
		default:
			return nil
		}
	}
}
