package live

import "fmt"

// chunk is how much is gathered for a connection that is behind, in bytes.
const chunk = 64 << 10

// want is what is left to do when gather returns.
type want struct {
	nothing bool   // the goroutine is not needed any more
	lines   []line // to write: encoded without a lock, as many may be behind at once
	entries bool   // to fetch, after a number, as the room does not hold them
	after   int64
}

// gather collects what to write next. older are entries from the database that
// the last call wanted.
func (c *conn) gather(older []line) ([]byte, want) {
	c.room.mu.Lock()
	defer c.room.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	b := append([]byte(nil), c.rest...)
	c.torn, c.rest = len(b) > 0, nil
	switch {
	case c.shut:
		return nil, c.idle()
	case c.end != nil && !c.end.last:
		return c.goodbye(b)
	}
	b, c.control = append(b, c.control...), nil
	if c.life == pingDue {
		c.life = pingTaken
	}
	if c.held {
		return b, c.idleIf(b)
	}
	return c.missing(b, older)
}

// missing adds what the room has and the reader has not. Both locks are held.
func (c *conn) missing(b []byte, older []line) ([]byte, want) {
	r := c.room
	if !c.greeted || c.epoch != r.epoch {
		b, older = c.greet(b), nil
	}
	b, c.you = append(b, c.you...), nil
	b = c.cues(b)
	lines, fetch := c.lines(chunk-len(b), older)
	switch {
	case fetch:
		return b, want{entries: true, after: c.sent}
	case len(lines) > 0:
		return b, want{lines: lines}
	case c.end != nil:
		return c.goodbye(b)
	}
	return b, c.idleIf(b)
}

// idleIf ends the goroutine's work when there was nothing to write. Both locks
// are held, so that the room cannot add anything unnoticed.
func (c *conn) idleIf(b []byte) want {
	if len(b) > 0 {
		return want{}
	}
	return c.idle()
}

func (c *conn) idle() want {
	c.busy = false
	return want{nothing: true}
}

// goodbye adds the close frame, after which there is nothing.
func (c *conn) goodbye(b []byte) ([]byte, want) {
	c.shut = true
	return append(b, closing(*c.end)...), want{nothing: true}
}

// greet tells where the log begins for this reader. Both locks are held.
func (c *conn) greet(b []byte) []byte {
	r := c.room
	resumed := c.epoch == r.epoch && c.sent <= r.tail && r.tail-c.sent <= maxBehind
	if !resumed {
		c.sent = max(0, r.tail-latest)
	}
	c.epoch, c.greeted = r.epoch, true
	hello := fmt.Appendf(nil, `{"type":"hello","epoch":%q,"seq":%d,"from":%d,"resumed":%t,"ping":%d}`,
		r.epoch, r.tail, c.sent+1, resumed, int(r.hub.Limits.Ping.Seconds()))
	return appendFrame(b, textFrame, hello)
}

// cues adds the latest of every cue that the reader has not seen.
func (c *conn) cues(b []byte) []byte {
	for _, f := range c.room.cuesAfter(c.version) {
		b = append(b, f.bytes...)
		c.version = f.version
	}
	return b
}

// lines is what comes next in the log, up to a size, or that it must be fetched.
func (c *conn) lines(size int, older []line) (next []line, fetch bool) {
	if c.sent >= c.room.tail {
		return nil, false
	}
	if next = c.room.ring.after(c.sent); len(next) == 0 {
		if len(older) == 0 || older[0].seq != c.sent+1 {
			return nil, true
		}
		next = older
	}
	next = next[:fitting(next, size)]
	c.sent = next[len(next)-1].seq
	return next, false
}
