package voskchild

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"salon/captions/speech"
	"salon/internal/supervise"
)

// dialTimeout bounds how long a stream waits for its child.
const dialTimeout = 2 * time.Second

// process is one supervised child.
type process struct {
	order   order
	child   supervise.Child
	pulse   pulse
	words   atomic.Pointer[string] // the last line the child wrote
	once    sync.Once
	stopped chan struct{}
}

func newProcess(exe string, o order, log *slog.Logger) *process {
	p := &process{order: o, stopped: make(chan struct{})}
	p.child.Name = "speech"
	p.child.Command = func() *exec.Cmd { return command(exe, o) }
	p.child.Ready = p.ready
	p.child.Log = log
	// The child says nothing unless something is wrong.
	p.child.LineLevel = func(line string) slog.Level { p.words.Store(&line); return slog.LevelWarn }
	return p
}

func command(exe string, o order) *exec.Cmd {
	cmd := exec.Command(exe, "speech")
	line, _ := json.Marshal(o) // strings cannot fail
	cmd.Stdin = bytes.NewReader(append(line, '\n'))
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the terminal's Ctrl-C is for us
	return cmd
}

// start loads the model in the child, or says why it cannot.
func (p *process) start(ctx context.Context) error {
	err := p.child.Start(ctx)
	if words := p.words.Load(); err != nil && words != nil {
		err = fmt.Errorf("%w: %s", err, *words)
	}
	if err == nil {
		go p.watch()
	}
	return err
}

func (p *process) stop() error {
	p.once.Do(func() { close(p.stopped) })
	return p.child.Stop()
}

// watch kills a child that stands still; another follows.
func (p *process) watch() {
	tick := time.NewTicker(stallAfter / 4)
	defer tick.Stop()
	for {
		select {
		case <-p.stopped:
			return
		case <-tick.C:
		}
		if pid := p.child.PID(); pid != 0 && p.pulse.silent(stallAfter) {
			_ = supervise.Signal(pid, syscall.SIGKILL) // or it is gone by itself
		}
	}
}

// ready waits until the child takes a voice.
func (p *process) ready(ctx context.Context, _ *exec.Cmd) error {
	for ctx.Err() == nil {
		if s, err := p.open(ctx); err == nil {
			return s.Close()
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	return ctx.Err()
}

// open begins a stream. A child that is dying or stands still can be connected
// to, but greets nobody.
func (p *process) open(ctx context.Context) (speech.Stream, error) {
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.DialContext(ctx, "unix", p.order.Socket)
	if err != nil {
		return nil, fmt.Errorf("speech: %w", err)
	}
	s := newStream(conn, &p.pulse)
	select {
	case <-s.greeted:
		return s, nil
	case <-s.gone:
		return nil, fmt.Errorf("speech: %s greets nobody", p.order.Socket)
	case <-ctx.Done():
		s.Close()
		return nil, ctx.Err()
	}
}
