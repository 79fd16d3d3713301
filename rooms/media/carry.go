package media

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Bounds of one signalling message, in bytes. A browser's largest is an offer
// of some tens of KiB; the server's grows with the number of participants.
const (
	maxFromBrowser = 512 << 10
	maxFromServer  = 8 << 20
)

const (
	handshakeTimeout = 5 * time.Second
	writeTimeout     = 10 * time.Second
)

var (
	dialer   = websocket.Dialer{HandshakeTimeout: handshakeTimeout}
	upgrader = websocket.Upgrader{HandshakeTimeout: handshakeTimeout} // same origin, or none
)

// carry copies messages both ways until either side ends. It copies message
// by message rather than byte by byte, so that what LiveKit v1.13 does not
// bound is bounded here.
func (g *Gate) carry(ctx context.Context, seat seatKey, browser, server *websocket.Conn) {
	pair := &socketPair{browser: browser, server: server}
	defer pair.close(websocket.CloseGoingAway)
	defer g.conns.add(seat, pair)()
	browser.SetReadLimit(maxFromBrowser)
	server.SetReadLimit(maxFromServer)
	var up sync.WaitGroup
	up.Go(func() {
		copyMessages(server, browser, nil)
		pair.close(websocket.CloseNormalClosure)
	})
	// The row may have changed while the join was under way: once the server
	// has answered it, look again.
	copyMessages(browser, server, func() { go g.Apply(ctx, seat.run, seat.identity) })
	pair.close(websocket.CloseGoingAway)
	up.Wait()
}

// copyMessages copies until src ends and passes its close code on. first, if
// any, is called after the first message.
func copyMessages(dst, src *websocket.Conn, first func()) {
	for {
		kind, from, err := src.NextReader()
		if err != nil {
			passClose(dst, err)
			return
		}
		dst.SetWriteDeadline(time.Now().Add(writeTimeout))
		if err := copyMessage(dst, kind, from); err != nil {
			passClose(src, err)
			return
		}
		if first != nil {
			first()
			first = nil
		}
	}
}

func copyMessage(dst *websocket.Conn, kind int, from io.Reader) error {
	to, err := dst.NextWriter(kind)
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		return err
	}
	return to.Close()
}

func passClose(to *websocket.Conn, err error) {
	code := websocket.CloseGoingAway
	var closed *websocket.CloseError
	if errors.As(err, &closed) && closed.Code != websocket.CloseNoStatusReceived && closed.Code != websocket.CloseAbnormalClosure {
		code = closed.Code
	}
	sendClose(to, code)
}

func sendClose(to *websocket.Conn, code int) {
	to.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
}

// socketPair is one browser's signalling and its way on to the media server.
type socketPair struct {
	browser, server *websocket.Conn
	once            sync.Once
}

func (p *socketPair) close(code int) {
	p.once.Do(func() {
		sendClose(p.browser, code)
		p.browser.Close()
		p.server.Close()
	})
}

// connections are the signalling sockets open through this gate.
type connections struct {
	mu    sync.Mutex
	seats map[seatKey]map[*socketPair]struct{}
}

func (c *connections) add(seat seatKey, pair *socketPair) (remove func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seats == nil {
		c.seats = map[seatKey]map[*socketPair]struct{}{}
	}
	if c.seats[seat] == nil {
		c.seats[seat] = map[*socketPair]struct{}{}
	}
	c.seats[seat][pair] = struct{}{}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.seats[seat], pair)
		if len(c.seats[seat]) == 0 {
			delete(c.seats, seat)
		}
	}
}

func (c *connections) closeSeat(seat seatKey) {
	c.closeWhere(func(s seatKey) bool { return s == seat })
}

func (c *connections) closeRun(run string) {
	c.closeWhere(func(s seatKey) bool { return s.run == run })
}

// closeWhere collects under the lock and closes outside it: a close may wait
// for the network.
func (c *connections) closeWhere(match func(seatKey) bool) {
	var pairs []*socketPair
	c.mu.Lock()
	for seat, open := range c.seats {
		if match(seat) {
			for pair := range open {
				pairs = append(pairs, pair)
			}
		}
	}
	c.mu.Unlock()
	for _, pair := range pairs {
		pair.close(websocket.ClosePolicyViolation)
	}
}

// CloseSockets closes every signalling socket, when the server stops.
func (c *Control) CloseSockets() {
	c.conns.closeWhere(func(seatKey) bool { return true })
}
