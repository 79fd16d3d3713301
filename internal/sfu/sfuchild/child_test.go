package sfuchild

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"salon/internal/supervise"
)

func TestChildComesBackOnTheSamePorts(t *testing.T) {
	c := testConfig(t)
	ready := make(chan struct{}, 10)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	child := New(os.Args[0], c, log, func() { ready <- struct{}{} })
	if err := child.Start(bounded(t)); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := child.Stop(); err != nil {
			t.Error(err)
		}
	}()
	await(t, ready)
	makeRoom(t, c, "room")
	for range 2 {
		pid := child.PID()
		if err := supervise.Signal(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		await(t, ready)
		if child.PID() == pid {
			t.Error("it is the same process")
		}
		makeRoom(t, c, "room")
	}
}

func await(t *testing.T, ready <-chan struct{}) {
	t.Helper()
	select {
	case <-ready:
	case <-time.After(within):
		t.Fatal("not ready")
	}
}

func TestChildGetsTheSecretOnStdinOnly(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	cmd := command("/bin/cat", c)
	if seen := strings.Join(append(cmd.Args, cmd.Env...), " "); strings.Contains(seen, c.Secret) {
		t.Errorf("the secret is in %q", seen)
	}
	cmd.Args = []string{"cat"}
	out, err := cmd.Output()
	if err != nil || !bytes.Contains(out, []byte(c.Secret)) || bytes.Count(out, []byte("\n")) != 1 {
		t.Errorf("stdin was %q, %v", out, err)
	}
}

func TestRunRefusesNonsense(t *testing.T) {
	t.Parallel()
	if err := Run(t.Context(), strings.NewReader("nonsense\n")); err == nil {
		t.Error("ran on nonsense")
	}
}

func TestLineLevel(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]slog.Level{
		`{"level":"info","ts":1,"msg":"starting"}`: slog.LevelInfo,
		`{"level":"error","msg":"bad"}`:            slog.LevelError,
		"panic: nil map":                           slog.LevelWarn,
	} {
		if got := lineLevel(line); got != want {
			t.Errorf("%s: %v, want %v", line, got, want)
		}
	}
}

func TestLoadKeysAgree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	all := make(chan Keys)
	for range 8 {
		go func() {
			k, err := LoadKeys(dir)
			if err != nil {
				t.Error(err)
			}
			all <- k
		}()
	}
	first := <-all
	for range 7 {
		if k := <-all; k != first {
			t.Errorf("%v and %v", k, first)
		}
	}
	if len(first.Secret) < 52 { // 32 bytes in base32
		t.Errorf("secret of %d letters", len(first.Secret))
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	path := filepath.Join(dir, files[0].Name())
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKeys(dir); err == nil {
		t.Error("keys that others can read were accepted")
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKeys(dir); err == nil {
		t.Error("an empty file was accepted")
	}
}
