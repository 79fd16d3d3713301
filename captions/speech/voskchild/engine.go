package voskchild

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"salon/captions/speech"
	"salon/internal/supervise"
)

// Engine is Vosk in a supervised child.
type Engine struct {
	config Config
	info   speech.Info
	child  *supervise.Child
	words  atomic.Pointer[string] // the last line the child wrote
}

// dialTimeout bounds how long a stream waits for its child.
const dialTimeout = 2 * time.Second

// greetTimeout is after which a child that greets nobody counts as stalled.
const greetTimeout = 5 * time.Second

// New returns the engine of one model, which knows these languages; exe is our
// own binary. Start it before use.
func New(exe string, c Config, languages []string, log *slog.Logger) *Engine {
	e := &Engine{config: c, info: speech.Info{Engine: "vosk", Model: filepath.Base(c.Model), Languages: languages, Local: true}}
	e.child = &supervise.Child{
		Name:    "speech",
		Command: func() *exec.Cmd { return command(exe, c) },
		Ready:   e.ready,
		Log:     log,
		// The child says nothing unless something is wrong.
		LineLevel: func(line string) slog.Level { e.words.Store(&line); return slog.LevelWarn },
	}
	return e
}

func command(exe string, c Config) *exec.Cmd {
	cmd := exec.Command(exe, "speech")
	line, _ := json.Marshal(c) // strings cannot fail
	cmd.Stdin = bytes.NewReader(append(line, '\n'))
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the terminal's Ctrl-C is for us
	return cmd
}

// Start loads the model in the child, or says why it cannot.
func (e *Engine) Start(ctx context.Context) error {
	for _, path := range []string{e.config.Library, filepath.Join(e.config.Model, "am", "final.mdl")} {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("speech: %w", err)
		}
	}
	err := e.child.Start(ctx)
	if words := e.words.Load(); err != nil && words != nil {
		err = fmt.Errorf("%w: %s", err, *words)
	}
	return err
}

// Stop ends the child and with it every stream. It is safe to repeat.
func (e *Engine) Stop() error { return e.child.Stop() }

// Info says which model is used.
func (e *Engine) Info() speech.Info { return e.info }

// PID is the child's process id, 0 while there is none.
func (e *Engine) PID() int { return e.child.PID() }

// ready waits until the child takes a voice.
func (e *Engine) ready(ctx context.Context, _ *exec.Cmd) error {
	for ctx.Err() == nil {
		if s, err := e.NewStream(ctx); err == nil {
			return s.Close()
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	return ctx.Err()
}

// answer is what the child says after each piece of sound.
type answer struct {
	speech.Event
	Taken int // samples
}

// NewStream opens a connection to the child.
func (e *Engine) NewStream(ctx context.Context) (speech.Stream, error) {
	pid := e.PID()
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.DialContext(ctx, "unix", e.config.Socket)
	if err != nil {
		return nil, fmt.Errorf("speech: %w", err)
	}
	// A child that is dying or stands still can be connected to, but greets nobody.
	in := json.NewDecoder(conn)
	conn.SetReadDeadline(time.Now().Add(greetTimeout))
	err = in.Decode(new(answer))
	conn.SetReadDeadline(time.Time{})
	if err != nil {
		conn.Close()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			e.end(pid)
		}
		return nil, fmt.Errorf("speech: no greeting: %w", err)
	}
	return newStream(conn, in, func() { e.end(pid) }), nil
}

// end kills a child that does not answer any more; another follows.
func (e *Engine) end(pid int) {
	if pid != 0 && pid == e.PID() {
		_ = syscall.Kill(pid, syscall.SIGKILL) // or it is gone by itself
	}
}

func newStream(conn net.Conn, in *json.Decoder, stalled func()) *stream {
	s := &stream{
		conn: conn, in: in, events: make(chan speech.Event, 64), work: make(chan []int16, maxQueued),
		gone: make(chan struct{}), closed: make(chan struct{}), stalled: stalled,
	}
	go s.send()
	go s.read()
	return s
}

// maxQueued is how many pieces of sound, of a tenth of a second each, may wait
// for the child. Past it the engine is too slow, and the stream is given up.
const maxQueued = 100

var errSlow = errors.New("speech: the engine does not keep up")

type stream struct {
	conn    net.Conn
	in      *json.Decoder
	events  chan speech.Event
	work    chan []int16
	gone    chan struct{} // closed when nothing more will be read
	closed  chan struct{} // closed by Close
	once    sync.Once
	ahead   atomic.Int64 // samples the child has not taken yet
	unheard int          // pieces written since the child last answered; Write's
	answers atomic.Int64
	before  int64  // answers when unheard was 0; Write's
	stalled func() // called once the child has not answered a whole queue
}

func (s *stream) Write(pcm []int16) error {
	if n := s.answers.Load(); n != s.before {
		s.before, s.unheard = n, 0
	}
	select {
	case <-s.gone:
		return net.ErrClosed
	default:
	}
	select {
	case s.work <- pcm:
		s.ahead.Add(int64(len(pcm)))
		s.unheard++
		return nil
	default:
		if s.unheard >= maxQueued { // not slow, but dead
			s.stalled()
		}
		return errSlow
	}
}

func (s *stream) Flush() error { return s.Write([]int16{}) }

func (s *stream) Backlog() time.Duration {
	return time.Duration(s.ahead.Load()) * time.Second / speech.Rate
}

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
		case pcm := <-s.work:
			if writeSamples(s.conn, pcm) != nil {
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
	defer close(s.gone)
	for {
		var a answer
		if s.in.Decode(&a) != nil {
			return
		}
		s.ahead.Add(-int64(a.Taken))
		s.answers.Add(1)
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
