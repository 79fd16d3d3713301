package live

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"salon/internal/fault"
)

const (
	handshakeTimeout = 5 * time.Second
	retryAfter       = 5 * time.Second
)

// upgrader keeps a connection small: the buffer for reading holds a control
// frame, and that for writing is borrowed. Compression is off, as a client
// could make us inflate more than it sends.
var upgrader = websocket.Upgrader{
	HandshakeTimeout: handshakeTimeout,
	ReadBufferSize:   512, WriteBufferSize: 1024, WriteBufferPool: &sync.Pool{},
	CheckOrigin: func(*http.Request) bool { return true }, // mayOpen has
}

// Serve makes the request a visitor's connection. The caller has found out who
// they are and let them in; a refusal is answered before the upgrade. The query
// says how far the reader has come: after, an entry's number, in the log that
// epoch names.
//
// Serve returns when the handshake is done, so that what net/http keeps for a
// request is freed.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, id uuid.UUID, v Visitor) {
	if !h.mayOpen(r, v) {
		h.Refuse(w, r, errOrigin)
		return
	}
	if !websocket.IsWebSocketUpgrade(r) {
		h.Refuse(w, r, errNoSocket)
		return
	}
	c := h.newConn(r, v)
	if err := h.enter(c, id); err != nil {
		h.Refuse(w, r, err)
		return
	}
	// From here on the connection is told what changes, so that nothing is
	// missed between the answers and the upgrade.
	you, moderates, err := h.admit(r.Context(), c)
	if err != nil {
		c.room.remove(c)
		h.Refuse(w, r, err)
		return
	}
	h.upgrade(w, r, c, you, moderates)
}

func (h *Hub) newConn(r *http.Request, v Visitor) *conn {
	query := r.URL.Query()
	c := &conn{who: v, epoch: strings.Clone(query.Get("epoch"))}
	after, err := strconv.ParseInt(query.Get("after"), 10, 64)
	if c.sent = after; err != nil || after < 0 {
		c.epoch, c.sent = "", 0 // whatever they have, it is not of a log of ours
	}
	return c
}

// enter adds the connection to the room, which is opened if need be.
func (h *Hub) enter(c *conn, id uuid.UUID) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.draining {
		return &fault.Fault{Kind: errStopping, RetryAfter: retryAfter}
	}
	r := h.rooms[id]
	if r == nil {
		r = newRoom(h, id)
		h.rooms[id] = r
		go r.run()
	}
	c.room, c.slot = r, int(h.entered.Add(1)%slots)
	r.add(c)
	return nil
}

func (h *Hub) admit(ctx context.Context, c *conn) (you []byte, moderates bool, err error) {
	if err := h.Source.MayStay(ctx, c.room.id, c.who); err != nil {
		return nil, false, err
	}
	if err := c.room.know(ctx, c.epoch, c.sent); err != nil {
		return nil, false, err
	}
	raw, moderates, err := h.Source.You(ctx, c.room.id, c.who)
	return wrapped("you", raw), moderates, err
}

func (h *Hub) upgrade(w http.ResponseWriter, r *http.Request, c *conn, you []byte, moderates bool) {
	u := upgrader
	u.Error = func(w http.ResponseWriter, r *http.Request, _ int, reason error) {
		h.Refuse(w, r, &fault.Fault{Kind: errNoSocket, Cause: reason})
	}
	ws, err := u.Upgrade(hijacker{w, c}, r, nil)
	if err != nil { // and answered
		c.room.remove(c)
		return
	}
	c.begin(ws, you, moderates)
	go c.read()
}

// hijacker puts the connection between gorilla and the network.
type hijacker struct {
	http.ResponseWriter
	conn *conn
}

// Hijack is what gorilla calls.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	below, buffers, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.conn.Conn = below
	return h.conn, buffers, nil
}
