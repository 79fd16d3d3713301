package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"salon/rooms"
)

// patience bounds one reading from the database.
const patience = 10 * time.Second

// todo is what one step does.
type todo struct {
	due
	leaving []leaver
	waiting []chan<- error
}

// take is what is due now. What was done a moment ago stays due.
func (r *room) take() (t todo) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t = todo{r.due, r.leaving, r.waiting}
	r.due, r.leaving, r.waiting = due{}, nil, nil
	now := time.Now()
	t.state, r.due.state = paced(t.state, now, &r.stateAt, stateEvery)
	t.others, r.due.others = paced(t.others, now, &r.othersAt, othersEvery)
	return t
}

func paced(wanted bool, now time.Time, last *time.Time, every time.Duration) (do, later bool) {
	if !wanted || now.Sub(*last) < every {
		return false, wanted
	}
	*last = now
	return true, false
}

func (r *room) step() {
	t := r.take()
	ctx, cancel := context.WithTimeout(r.hub.ctx, patience)
	defer cancel()
	err := r.readLog(ctx, t)
	for _, done := range t.waiting {
		done <- err
	}
	if t.state {
		err = errors.Join(err, r.readState(ctx))
	}
	r.spreadCues()
	if t.others {
		r.askOthers()
	}
	if t.nudge {
		r.nudge()
	}
	if err != nil && r.hub.ctx.Err() == nil {
		r.hub.Log.Warn("read a room", "room", r.id, "error", err)
	}
}

// readLog sends what came to the log, then lets those go who waited for its
// end. What fails is due again.
func (r *room) readLog(ctx context.Context, t todo) (err error) {
	if t.head {
		err = r.readHead(ctx)
	}
	if err == nil && (t.log || len(t.leaving) > 0) {
		err = r.pump(ctx)
	}
	if err != nil {
		r.mu.Lock()
		r.due.add(due{head: t.head, log: t.log})
		r.leaving = append(r.leaving, t.leaving...)
		r.mu.Unlock()
		return err
	}
	for _, l := range t.leaving {
		l.conn.finish(l.end)
	}
	return nil
}

// readHead finds out whether the log is the one we know. If not, everyone is
// greeted anew.
func (r *room) readHead(ctx context.Context) error {
	head, err := r.hub.Source.Head(ctx, r.id)
	if err != nil || head.Epoch == r.epoch { // only this goroutine changes the epoch
		return err
	}
	begin := max(0, head.Seq-latest)
	lines, err := r.read(ctx, begin, latest)
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.epoch, r.tail = head.Epoch, begin+int64(len(lines))
	r.ring.forget()
	r.ring.add(lines)
	r.mu.Unlock()
	r.nudge()
	return nil
}

// read is up to limit entries after a number, as they are sent.
func (r *room) read(ctx context.Context, after int64, limit int) ([]line, error) {
	lines, _, err := r.readMarked(ctx, after, limit)
	return lines, err
}

// readMarked says also whether the content of an earlier entry was withdrawn.
func (r *room) readMarked(ctx context.Context, after int64, limit int) (_ []line, withdrawn bool, _ error) {
	entries, err := r.hub.Source.Log(ctx, r.id, after, limit)
	if err != nil {
		return nil, false, err
	}
	for i, e := range entries {
		if e.Seq != after+1+int64(i) {
			return nil, false, fmt.Errorf("the log has a gap: %d comes after %d", e.Seq, after+int64(i))
		}
		withdrawn = withdrawn || e.Kind == rooms.KindWithdrawn
	}
	lines, err := linesOf(entries)
	return lines, withdrawn, err
}

// fetch reads what the ring does not hold, a few at a time for all rooms.
func (r *room) fetch(after int64) ([]line, error) {
	r.hub.fetches <- struct{}{}
	defer func() { <-r.hub.fetches }()
	ctx, cancel := context.WithTimeout(r.hub.ctx, patience)
	defer cancel()
	lines, err := r.read(ctx, after, latest)
	if err == nil && len(lines) == 0 {
		err = fmt.Errorf("the log ends at %d", after)
	}
	return lines, err
}

// pump sends what came to the log since it was last read.
func (r *room) pump(ctx context.Context) error {
	for {
		lines, withdrawn, err := r.readMarked(ctx, r.tail, latest) // only this goroutine moves the tail
		if err != nil {
			return err
		}
		if withdrawn { // nobody may be shown it again
			r.mu.Lock()
			r.ring.forget()
			r.mu.Unlock()
		}
		for rest := lines; len(rest) > 0; {
			n := fitting(rest, chunk)
			r.send(&frame{bytes: appendLog(nil, rest[:n]), first: rest[0].seq, last: rest[n-1].seq}, rest[:n])
			rest = rest[n:]
		}
		if len(lines) < latest {
			return nil
		}
	}
}

// readState sends the room's state if it is another.
func (r *room) readState(ctx context.Context) error {
	state, err := r.hub.Source.State(ctx, r.id)
	if err != nil {
		r.mu.Lock()
		r.due.state = true
		r.mu.Unlock()
		return err
	}
	r.setCue("state", wrapped("state", state))
	return nil
}

func (r *room) setCue(key string, frameBytes []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.cue[key]; old != nil && bytes.Equal(old.bytes, frameBytes) {
		return
	}
	r.version++
	r.cue[key] = &frame{bytes: frameBytes, version: r.version}
	r.dropOldCue()
}

func (r *room) nudge() {
	for _, c := range r.everyone() {
		c.nudge()
	}
}
