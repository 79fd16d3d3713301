package postgres

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"salon/internal/supervise"
)

// process is a Postgres process of a cluster that is not a child of ours.
type process struct {
	pid        int
	postmaster bool
}

// escalation is how orphans are asked to leave: fast shutdown, immediate shutdown, kill.
var escalation = []struct {
	postmaster, backend syscall.Signal
	patience            time.Duration
}{
	{syscall.SIGINT, syscall.SIGTERM, 10 * time.Second},
	{syscall.SIGQUIT, syscall.SIGQUIT, 5 * time.Second},
	{syscall.SIGKILL, syscall.SIGKILL, 5 * time.Second},
}

// clearOrphans ends what an earlier run of ours left behind when it was killed: a
// postmaster still shutting down, or backends whose postmaster is gone. Both hold the
// cluster's shared memory and keep a new postmaster from starting. The caller holds the
// lock on the data, so nothing here can belong to a living Salon.
func clearOrphans(ctx context.Context, p place) error {
	for _, step := range escalation {
		for _, o := range orphans(p) {
			sig := step.backend
			if o.postmaster {
				sig = step.postmaster
			}
			_ = supervise.Signal(o.pid, sig) // an error means that it is gone
		}
		if gone(ctx, p, step.patience) {
			return removeForeignPID(p)
		}
	}
	return fmt.Errorf("postgres processes of %s do not end: %v", p.data, orphans(p))
}

// gone polls, since the end of a process that is nobody's child is signalled to no one.
func gone(ctx context.Context, p place, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for len(orphans(p)) > 0 {
		if wait(ctx, 20*time.Millisecond) != nil {
			return false
		}
	}
	return true
}

// orphans finds the cluster's processes by what every user may read in /proc: the
// postmaster by its arguments, the others by the cluster name in their titles. One that
// is leaving has neither, and is waited for whatever cluster it was of.
func orphans(p place) []process {
	var found []process
	entries, _ := filepath.Glob("/proc/[0-9]*")
	for _, entry := range entries {
		title, err := os.ReadFile(filepath.Join(entry, "cmdline"))
		if err != nil || !runsAs(entry, p.account.uid) {
			continue
		}
		postmaster := bytes.Contains(title, []byte("\x00-D\x00"+p.data+"\x00"))
		backend := bytes.HasPrefix(title, []byte("postgres: "+clusterName(p.data)+": "))
		if postmaster || backend || leaving(entry, title) {
			pid, _ := strconv.Atoi(filepath.Base(entry)) // the pattern starts with a digit
			found = append(found, process{pid: pid, postmaster: postmaster})
		}
	}
	return found
}

// leaving reports whether a process is a Postgres on its way out: its arguments go first,
// the shared memory it holds a moment later. A zombie holds nothing any more.
func leaving(entry string, title []byte) bool {
	stat, err := os.ReadFile(filepath.Join(entry, "stat"))
	return err == nil && len(title) == 0 &&
		bytes.Contains(stat, []byte(" (postgres) ")) && !bytes.Contains(stat, []byte(") Z "))
}

func runsAs(entry string, uid uint32) bool {
	info, err := os.Stat(entry)
	return err == nil && info.Sys().(*syscall.Stat_t).Uid == uid
}

// removeForeignPID removes a postmaster.pid whose number belongs to no living Postgres: to
// a stranger of the same user by now, or to a zombie whose new parent does not reap it,
// as in many containers. Postgres takes both for a postmaster and would refuse to start
// for ever. A number that is a Postgres stays, and Postgres says what it thinks of it.
func removeForeignPID(p place) error {
	path := filepath.Join(p.data, "postmaster.pid")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil // no file, the ordinary case
	}
	pid, _, _ := strings.Cut(string(text), "\n")
	// A zombie has no arguments left.
	title, err := os.ReadFile(filepath.Join("/proc", strings.TrimSpace(pid), "cmdline"))
	if err != nil || bytes.Contains(title, []byte("postgres")) {
		return nil
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove stale pid file: %w", err)
	}
	return nil
}
