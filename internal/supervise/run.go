package supervise

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

const (
	backoffMin = 100 * time.Millisecond
	backoffMax = 5 * time.Second
	// steadyAfter is how long a run must last to count as healthy again.
	steadyAfter = 30 * time.Second
	// pipeDelay bounds the wait for a dead child's output: a grandchild (an orphaned
	// Postgres backend) may hold the pipe open long after.
	pipeDelay = time.Second
)

// supervise starts the child again and again until Stop. A first start that fails is
// told to first and ends the matter.
func (c *Child) supervise(first chan<- error) {
	// The kernel sends Pdeathsig when the THREAD that made the child ends, not the
	// process. A goroutine that wandered off could let the runtime retire that thread
	// and kill a healthy child; so this goroutine keeps one thread for as long as it
	// has children, and starts and waits for all of them itself.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(c.done)

	backoff := backoffMin
	for everReady := false; ; {
		began := time.Now()
		ready, err := c.runOnce(func() {
			if !everReady {
				first <- nil
			}
		})
		everReady = everReady || ready
		if c.stopping() {
			err = errStopped
		}
		if !everReady {
			first <- err
		}
		if !everReady || c.stopping() {
			return
		}
		if time.Since(began) >= steadyAfter {
			backoff = backoffMin
		}
		c.Log.Warn("child ended, starting it again", "child", c.Name, "reason", err, "after", backoff)
		if !c.pause(backoff) {
			return
		}
		backoff = min(2*backoff, backoffMax)
	}
}

// runOnce runs one process from start to end. It says whether it ever became ready, and
// why it ended.
func (c *Child) runOnce(onReady func()) (ready bool, err error) {
	cmd := c.prepare()
	lines := c.capture(cmd)
	if err := cmd.Start(); err != nil {
		return false, err
	}
	c.setRunning(cmd)

	exited := make(chan struct{})
	watched := make(chan verdict, 1)
	go func() { watched <- c.watch(cmd, exited, onReady) }()
	err = cmd.Wait()
	close(exited)
	c.setRunning(nil)
	lines.flush()
	v := <-watched
	c.stopErr = v.stopErr
	if v.failure != nil {
		err = fmt.Errorf("%w (%s)", v.failure, exitText(cmd))
	} else if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		err = errors.New(exitText(cmd))
	}
	return v.ready, err
}

// verdict is what watching one process has shown.
type verdict struct {
	ready   bool
	failure error // why we ended it, nil if it ended by itself or by Stop
	stopErr error // set if Stop had to kill it
}

// watch follows one process until it has exited: it waits for readiness, and it ends the
// process when it is not ready in time or when Stop is called.
func (c *Child) watch(cmd *exec.Cmd, exited <-chan struct{}, onReady func()) verdict {
	ctx, cancel := context.WithTimeoutCause(context.Background(), c.StartTimeout,
		fmt.Errorf("not ready within %s", c.StartTimeout))
	defer cancel()
	readiness := make(chan error, 1)
	go func() { readiness <- c.askReady(ctx, cmd) }()

	var v verdict
	for {
		select {
		case err := <-readiness:
			readiness = nil
			if err != nil {
				v.failure = notReady(ctx, err, exited)
				_ = c.end(cmd, exited)
				return v
			}
			v.ready = true
			onReady()
			if c.OnReady != nil {
				go c.OnReady()
			}
		case <-c.stop:
			v.stopErr = c.end(cmd, exited)
			return v
		case <-exited:
			return v
		}
	}
}

func (c *Child) askReady(ctx context.Context, cmd *exec.Cmd) error {
	if c.Ready == nil {
		return nil
	}
	return c.Ready(ctx, cmd)
}

// notReady is the failure to tell: nil if the process died by itself meanwhile, since
// how it exited says more.
func notReady(ctx context.Context, err error, exited <-chan struct{}) error {
	select {
	case <-exited:
		return nil
	default:
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// end asks the process to go, kills it when it does not listen, and returns when it is
// gone.
func (c *Child) end(cmd *exec.Cmd, exited <-chan struct{}) error {
	_ = cmd.Process.Signal(c.StopSignal) // an error means that it is gone already
	late := time.NewTimer(c.StopTimeout)
	defer late.Stop()
	select {
	case <-exited:
		return nil
	case <-late.C:
	}
	_ = cmd.Process.Kill()
	<-exited
	return fmt.Errorf("stop %s: it ignored %v for %s and was killed", c.Name, c.StopSignal, c.StopTimeout)
}

func (c *Child) prepare() *exec.Cmd {
	cmd := c.Command()
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	if cmd.SysProcAttr.Pdeathsig == 0 {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	}
	if cmd.WaitDelay == 0 {
		cmd.WaitDelay = pipeDelay
	}
	return cmd
}

func (c *Child) setRunning(cmd *exec.Cmd) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cmd = cmd
}

func (c *Child) stopping() bool {
	select {
	case <-c.stop:
		return true
	default:
		return false
	}
}

// pause waits d, and says false if Stop was called meanwhile.
func (c *Child) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.stop:
		return false
	}
}

func exitText(cmd *exec.Cmd) string { return "it ended: " + cmd.ProcessState.String() }
