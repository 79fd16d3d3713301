// Package sfuchild runs the LiveKit server of package sfu as a supervised child of the
// same binary, with keys of its own per data directory: LiveKit ends its process on a
// panic it recovered, and that must not take web and money along.
package sfuchild

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"syscall"
	"time"

	"salon/internal/sfu"
	"salon/internal/supervise"
)

// New makes the server a supervised child, `exe sfu`, that Run is the body of.
// onReady is called after every start: a server started again has forgotten its rooms.
func New(exe string, c sfu.Config, log *slog.Logger, onReady func()) *supervise.Child {
	return &supervise.Child{
		Name:        "livekit",
		Command:     func() *exec.Cmd { return command(exe, c) },
		Ready:       func(ctx context.Context, _ *exec.Cmd) error { return sfu.WaitReady(ctx, c) },
		OnReady:     onReady,
		StopTimeout: sfu.StopBound + 5*time.Second,
		Log:         log,
		LineLevel:   lineLevel,
	}
}

// command hands the configuration over on standard input, where no process list shows the
// secret, and keeps our own environment, with its other secrets, to ourselves. In a
// process group of its own the child does not hear the terminal's Ctrl-C: we stop it when
// its time has come.
func command(exe string, c sfu.Config) *exec.Cmd {
	cmd := exec.Command(exe, "sfu")
	line, _ := json.Marshal(c) // strings, numbers and booleans cannot fail
	cmd.Stdin = bytes.NewReader(append(line, '\n'))
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// lineLevel reads the level of LiveKit's JSON lines.
func lineLevel(line string) slog.Level {
	var entry struct{ Level slog.Level }
	if json.Unmarshal([]byte(line), &entry) != nil {
		return slog.LevelWarn // a panic, say
	}
	return entry.Level
}

// Run is the body of `salon sfu`: it reads a Config from stdin and serves until the
// context ends. It returns early, with the reason, when the server ends by itself.
func Run(ctx context.Context, stdin io.Reader) error {
	var c sfu.Config
	if err := json.NewDecoder(stdin).Decode(&c); err != nil {
		return fmt.Errorf("read livekit configuration: %w", err)
	}
	s, err := sfu.Start(ctx, c)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-s.Ended():
		return errors.Join(errors.New("livekit ended by itself"), s.Err())
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sfu.StopBound)
	defer cancel()
	return s.Stop(ctx)
}
