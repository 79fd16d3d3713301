// Package supervise keeps child processes of ours alive: a child that dies is started
// again, and no child outlives us, however we die.
package supervise

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Child is one process kept alive. Fill the fields, then call Start once; the fields are
// not to be changed afterwards.
type Child struct {
	// Name is what the logs and errors call it.
	Name string
	// Command makes a fresh command for every start. Whatever SysProcAttr, Stdout, Stderr
	// and WaitDelay it sets are kept.
	Command func() *exec.Cmd
	// Ready returns nil once the child serves. Its context ends when the child dies, when
	// StartTimeout has passed, or when we stop. Nil means ready as soon as it runs.
	Ready func(ctx context.Context, cmd *exec.Cmd) error
	// OnReady, if set, is called after every start that became ready, the first included,
	// on a goroutine nobody waits for.
	OnReady func()
	// StopSignal asks the child to end; SIGTERM if nil.
	StopSignal os.Signal
	// StopTimeout is how long the child may take to end before SIGKILL; 10 s if zero.
	StopTimeout time.Duration
	// StartTimeout is how long Ready may take; 30 s if zero.
	StartTimeout time.Duration
	// Log receives the child's output and its deaths; nil discards both.
	Log *slog.Logger
	// LineLevel says how serious a line of the child's output is; nil means all Info.
	LineLevel func(line string) slog.Level

	// Owned by the package.
	once    sync.Once
	mu      sync.Mutex
	started bool
	stopped bool
	cmd     *exec.Cmd // the running process, nil between two of them
	stopErr error
	stop    chan struct{} // closed by the first Stop
	done    chan struct{} // closed when the supervising goroutine has ended
}

var (
	errStarted = errors.New("started twice")
	errStopped = errors.New("stopped")
)

// Start starts the child and returns when it is ready for the first time, or with the
// reason why it will not be; then nothing of it is left running. The context bounds this
// first start only: Stop is what ends the child later.
func (c *Child) Start(ctx context.Context) error {
	c.init()
	if err := c.claim(); err != nil {
		return fmt.Errorf("start %s: %w", c.Name, err)
	}
	first := make(chan error, 1)
	go c.supervise(first)
	var err error
	select {
	case err = <-first:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		_ = c.Stop() // the reason why it did not start is the one to tell
		return fmt.Errorf("start %s: %w", c.Name, err)
	}
	return nil
}

// Stop ends the child and waits until it is gone: StopSignal, then SIGKILL after
// StopTimeout, which is reported as an error. Every call returns the same answer.
func (c *Child) Stop() error {
	c.init()
	c.mu.Lock()
	first := !c.stopped
	c.stopped = true
	if first {
		close(c.stop)
		if !c.started {
			close(c.done)
		}
	}
	c.mu.Unlock()
	<-c.done
	return c.stopErr
}

// PID is the process id of the running child, 0 when there is none at the moment.
func (c *Child) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd == nil {
		return 0
	}
	return c.cmd.Process.Pid
}

// Done is closed once the child is gone for good: after Stop, or after a failed Start.
func (c *Child) Done() <-chan struct{} {
	c.init()
	return c.done
}

func (c *Child) init() {
	c.once.Do(func() {
		c.stop, c.done = make(chan struct{}), make(chan struct{})
		if c.StopSignal == nil {
			c.StopSignal = syscall.SIGTERM
		}
		if c.StopTimeout == 0 {
			c.StopTimeout = 10 * time.Second
		}
		if c.StartTimeout == 0 {
			c.StartTimeout = 30 * time.Second
		}
		if c.Log == nil {
			c.Log = slog.New(slog.DiscardHandler)
		}
	})
}

func (c *Child) claim() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.stopped:
		return errStopped
	case c.started:
		return errStarted
	}
	c.started = true
	return nil
}
