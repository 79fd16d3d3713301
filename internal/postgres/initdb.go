package postgres

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// defaults is written into a new cluster's postgresql.conf, where operators may change it.
const defaults = `
# Salon's defaults; change them as you like. What Salon depends on is on the command line.
max_connections = 100
shared_buffers = 128MB
`

// initialize makes the cluster under another name and renames it when it is whole, so
// that an interrupted start leaves nothing that looks like a cluster.
func (p place) initialize(ctx context.Context, fast bool) error {
	p.sweep()
	tmp, err := os.MkdirTemp(p.base, "postgres.new-")
	if err != nil {
		return fmt.Errorf("make cluster folder: %w", err)
	}
	defer os.RemoveAll(tmp) // gone by its name once renamed
	if err := p.account.own(tmp); err != nil {
		return fmt.Errorf("give cluster folder to its user: %w", err)
	}
	if err := p.initdb(ctx, tmp, fast); err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	if err := appendFile(filepath.Join(tmp, "postgresql.conf"), defaults); err != nil {
		return fmt.Errorf("write cluster settings: %w", err)
	}
	if err := os.Rename(tmp, p.data); err != nil {
		return fmt.Errorf("put cluster into place: %w", err)
	}
	return nil
}

// sweep removes what an interrupted initialize left. What cannot be removed is in nobody's
// way.
func (p place) sweep() {
	left, _ := filepath.Glob(filepath.Join(p.base, "postgres.new-*"))
	for _, dir := range left {
		_ = os.RemoveAll(dir)
	}
}

func (p place) initdb(ctx context.Context, dir string, fast bool) error {
	args := []string{"-D", dir, "--username=" + superuser,
		"--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions",
		// Whoever reaches the socket may enter; its folder lets in only its owner and root.
		"--auth-local=trust", "--auth-host=reject"}
	if fast {
		args = append(args, "--no-sync")
	}
	return runChild(ctx, p.account.command(p.bin.path("initdb"), args...))
}

// runChild runs a command that must not outlive us. Pdeathsig follows the thread, see
// package supervise.
func runChild(ctx context.Context, cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out.Bytes()))
	}
	return nil
}

func appendFile(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
