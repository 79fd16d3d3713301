package voskchild

import (
	"encoding/json"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"salon/captions/speech"
)

// How much sound, and in how many pieces, may wait for the child. Past it the
// engine is too slow, and the stream is given up.
const (
	maxBehind = 20 * time.Second
	maxQueued = 2048
)

var errSlow = errors.New("speech: the engine does not keep up")

// stream is one voice in a child.
type stream struct {
	conn    net.Conn
	in      *json.Decoder
	pulse   *pulse
	events  chan speech.Event
	work    chan piece
	greeted chan struct{} // closed when the child has greeted
	gone    chan struct{} // closed when nothing more will be read
	closed  chan struct{} // closed by Close
	once    sync.Once

	ahead atomic.Int64 // samples the child has not taken yet
	taken atomic.Int64 // samples it has
	used  atomic.Int64 // nanoseconds, for them
}

type piece struct {
	pcm   []int16 // none: a final is asked for
	guess bool
}

// newStream speaks to the child at the other end, which greets first.
func newStream(conn net.Conn, p *pulse) *stream {
	s := &stream{
		conn: conn, in: json.NewDecoder(conn), pulse: p,
		events: make(chan speech.Event, 64), work: make(chan piece, maxQueued),
		greeted: make(chan struct{}), gone: make(chan struct{}), closed: make(chan struct{}),
	}
	p.begin(s)
	go s.send()
	go s.read()
	return s
}

func (s *stream) over() bool {
	select {
	case <-s.gone:
		return true
	default:
		return false
	}
}

func (s *stream) Write(pcm []int16, guess bool) error {
	if s.Backlog() > maxBehind {
		return errSlow
	}
	for len(pcm) > maxSamples { // an answer to each, so that a long one is no stall
		if err := s.write(piece{pcm[:maxSamples], guess}); err != nil {
			return err
		}
		pcm = pcm[maxSamples:]
	}
	return s.write(piece{pcm, guess})
}

func (s *stream) Flush() error { return s.write(piece{}) }

func (s *stream) write(p piece) error {
	if len(s.work) == cap(s.work) { // else there is room: we alone fill it
		return errSlow
	}
	if !s.pulse.asked(s) {
		return net.ErrClosed
	}
	s.ahead.Add(int64(len(p.pcm)))
	s.work <- p
	return nil
}

func (s *stream) Backlog() time.Duration { return sound(s.ahead.Load()) }

func (s *stream) Used() (recognized, computing time.Duration) {
	return sound(s.taken.Load()), time.Duration(s.used.Load())
}

func sound(samples int64) time.Duration { return time.Duration(samples) * time.Second / speech.Rate }

func (s *stream) Events() <-chan speech.Event { return s.events }

func (s *stream) Close() error {
	s.once.Do(func() { close(s.closed) })
	return s.conn.Close()
}

// send writes what waits; it ends with the connection.
func (s *stream) send() {
	for {
		select {
		case <-s.gone:
			return
		case p := <-s.work:
			if writeSamples(s.conn, p.pcm, p.guess) != nil {
				s.conn.Close()
				return
			}
		}
	}
}

// read tells what the child understood, until either side closes. Nobody need
// listen any more after Close.
func (s *stream) read() {
	defer s.conn.Close()
	defer close(s.events)
	defer s.pulse.end(s)
	if _, err := s.next(); err != nil {
		return
	}
	close(s.greeted)
	for {
		a, err := s.next()
		if err != nil {
			return
		}
		if a.Text == "" && !a.Final {
			continue
		}
		select {
		case s.events <- a.Event:
		case <-s.closed:
			return
		}
	}
}

func (s *stream) next() (a answer, err error) {
	if err := s.in.Decode(&a); err != nil {
		return a, err
	}
	s.pulse.answered(s)
	s.ahead.Add(-int64(a.Taken))
	s.taken.Add(int64(a.Taken))
	s.used.Add(int64(a.Used))
	a.Until = sound(s.taken.Load())
	return a, nil
}
