package supervise

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// ready tells a test of every start through the child's own standard output: the command
// must print a line, and the channel gets one value for each.
type ready struct {
	ch  chan struct{}
	out io.ReadCloser
}

// shell makes a child of a shell script. It is ready when the script prints a line.
func shell(script string) (*Child, *ready) {
	r := &ready{ch: make(chan struct{}, 100)}
	c := &Child{
		Name: "test",
		Command: func() *exec.Cmd {
			cmd := exec.Command("/bin/sh", "-c", script)
			r.out, _ = cmd.StdoutPipe()
			return cmd
		},
		Ready: func(context.Context, *exec.Cmd) error {
			_, err := r.out.Read(make([]byte, 1))
			return err
		},
		OnReady: func() { r.ch <- struct{}{} },
	}
	return c, r
}

// within is the bound of what has to happen: generous, since it is met only by a failure.
const within = 20 * time.Second

func await(t *testing.T, ch <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(within):
		t.Fatalf("no %s within %s", what, within)
	}
}

func mustStart(t *testing.T, c *Child) {
	t.Helper()
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop() })
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestStartErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*Child{
		"no such program": {Command: func() *exec.Cmd { return exec.Command("/nonexistent") }},
		"exit status 3": {
			Command: func() *exec.Cmd { return exec.Command("/bin/sh", "-c", "exit 3") },
			Ready:   func(ctx context.Context, _ *exec.Cmd) error { <-ctx.Done(); return ctx.Err() },
		},
		"not ready within 50ms": {
			Command:      func() *exec.Cmd { return exec.Command("/bin/cat", "/dev/zero") },
			Ready:        func(ctx context.Context, _ *exec.Cmd) error { <-ctx.Done(); return ctx.Err() },
			StartTimeout: 50 * time.Millisecond,
		},
		"unwell": {
			Command: func() *exec.Cmd { return exec.Command("/bin/sh", "-c", "kill -STOP $$") },
			Ready:   func(context.Context, *exec.Cmd) error { return errors.New("unwell") },
			// A stopped process does not hear SIGTERM either.
			StopTimeout: 50 * time.Millisecond,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.Start(t.Context())
			if err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(name, "no such program")) {
				t.Errorf("error %v", err)
			}
			await(t, c.Done(), "end")
			if pid := c.PID(); pid != 0 {
				t.Errorf("process %d is left", pid)
			}
		})
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c, _ := shell("exec sleep 1000")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Start(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	await(t, c.Done(), "end")
}

func TestKilledChildIsStartedAgain(t *testing.T) {
	t.Parallel()
	c, r := shell("echo; exec sleep 1000")
	mustStart(t, c)
	await(t, r.ch, "first readiness")
	for range 2 {
		pid := c.PID()
		if err := Signal(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		await(t, r.ch, "readiness after a kill")
		if again := c.PID(); again == pid || again == 0 {
			t.Errorf("process %d after %d", again, pid)
		}
	}
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
}

func TestStopIsIdempotentAndReal(t *testing.T) {
	t.Parallel()
	c, _ := shell("echo; exec sleep 1000")
	mustStart(t, c)
	pid := c.PID()
	for range 3 {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	}
	await(t, c.Done(), "end")
	if alive(pid) {
		t.Errorf("process %d is left", pid)
	}
	if err := c.Start(t.Context()); !errors.Is(err, errStopped) {
		t.Errorf("start after stop: %v", err)
	}
}

func TestStopKillsTheDeaf(t *testing.T) {
	t.Parallel()
	c, _ := shell("trap '' TERM; echo; while :; do sleep 0.05; done")
	c.StopTimeout = 100 * time.Millisecond
	mustStart(t, c)
	began := time.Now()
	first, second := c.Stop(), c.Stop()
	if first == nil || !errors.Is(second, first) {
		t.Errorf("answers %v and %v", first, second)
	}
	if took := time.Since(began); took > within {
		t.Errorf("took %s", took)
	}
}

func TestStopBeforeStartAndStartTwice(t *testing.T) {
	t.Parallel()
	c, _ := shell("echo; exec sleep 1000")
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	await(t, c.Done(), "end")
	c, _ = shell("echo; exec sleep 1000")
	mustStart(t, c)
	if err := c.Start(t.Context()); !errors.Is(err, errStarted) {
		t.Errorf("second start: %v", err)
	}
}

// syncBuffer is a log's destination that two goroutines may use.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestOutputBecomesLogLines(t *testing.T) {
	t.Parallel()
	var log syncBuffer
	c := &Child{
		Name: "talker",
		Command: func() *exec.Cmd {
			return exec.Command("/bin/sh", "-c", "echo one; echo BAD two >&2; printf three")
		},
		Ready: func(ctx context.Context, _ *exec.Cmd) error { <-ctx.Done(); return ctx.Err() },
		Log:   slog.New(slog.NewTextHandler(&log, nil)),
		LineLevel: func(line string) slog.Level {
			if strings.HasPrefix(line, "BAD") {
				return slog.LevelError
			}
			return slog.LevelInfo
		},
	}
	_ = c.Start(t.Context()) // it ends by itself, so never becomes ready
	for _, want := range []string{
		"level=INFO msg=one child=talker", `level=ERROR msg="BAD two" child=talker`, "level=INFO msg=three",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in\n%s", want, log.String())
		}
	}
}

func TestGrandchildDoesNotHoldTheRestart(t *testing.T) {
	t.Parallel()
	c := &Child{
		Name: "parent",
		// The grandchild keeps the output open long after its parent has gone.
		Command: func() *exec.Cmd { return exec.Command("/bin/sh", "-c", "sleep 5 & exec sleep 1000") },
	}
	mustStart(t, c)
	began := time.Now()
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestKeepsTheCommandsAttributes(t *testing.T) {
	t.Parallel()
	c, _ := shell("echo; exec sleep 1000")
	inner := c.Command
	c.Command = func() *exec.Cmd {
		cmd := inner()
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		return cmd
	}
	mustStart(t, c)
	group, err := syscall.Getpgid(c.PID())
	if err != nil || group != c.PID() {
		t.Errorf("process group %d, want its own; %v", group, err)
	}
}

// TestStress starts, kills and stops from many sides at once. The race detector judges.
func TestStress(t *testing.T) {
	t.Parallel()
	for range 20 {
		c, _ := shell("echo; exec sleep 1000")
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { _ = c.Start(t.Context()) })
			all.Go(func() { _ = c.Stop() })
			all.Go(func() {
				if pid := c.PID(); pid != 0 {
					_ = Signal(pid, syscall.SIGKILL)
				}
			})
		}
		all.Wait()
		await(t, c.Done(), "end")
		if pid := c.PID(); pid != 0 {
			t.Fatalf("process %d is left", pid)
		}
	}
}
