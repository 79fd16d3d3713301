package postgres

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"salon/internal/supervise"
)

// child is the postmaster as a supervised process.
func (p place) child(sockets string, cfg ClusterConfig) *supervise.Child {
	return &supervise.Child{
		Name: "postgres",
		Command: func() *exec.Cmd {
			cmd := p.account.command(p.bin.path("postgres"), p.args(sockets, cfg.Fast)...)
			// If we are killed the database shuts down in good order rather than
			// leaving backends of a killed postmaster behind.
			cmd.SysProcAttr.Pdeathsig = syscall.SIGINT
			return cmd
		},
		Ready:        p.ready,
		StopSignal:   syscall.SIGINT, // fast: clients are cut off, nothing is lost
		StopTimeout:  20 * time.Second,
		StartTimeout: 2 * time.Minute, // a crash recovery replays what it must
		Log:          cfg.Log,
		LineLevel:    lineLevel,
	}
}

// args are the settings Salon depends on, and so not for operators to change.
func (p place) args(sockets string, fast bool) []string {
	settings := []string{
		"listen_addresses=", "port=5432", "unix_socket_directories=" + sockets,
		"cluster_name=" + clusterName(p.data), "timezone=UTC",
		"logging_collector=off", "log_destination=stderr", "log_line_prefix=",
		"lc_messages=C", "log_min_messages=warning", "log_checkpoints=off",
	}
	if fast {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"max_connections=300", "shared_buffers=64MB")
	}
	args := []string{"-D", p.data}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	return args
}

// clusterName appears in the titles of the cluster's processes.
func clusterName(data string) string { return "salon-" + shortHash(data) }

// ready waits until the postmaster says so on the eighth line of its pid file, which is
// how pg_ctl knows. There is no signal to wait for, and asking over the socket would fill
// the log with refusals.
func (p place) ready(ctx context.Context, cmd *exec.Cmd) error {
	for {
		text, err := os.ReadFile(filepath.Join(p.data, "postmaster.pid"))
		if err == nil && isReady(string(text), cmd.Process.Pid) {
			return nil
		}
		if err := wait(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

func isReady(pidFile string, pid int) bool {
	lines := strings.Split(pidFile, "\n")
	return len(lines) >= 8 && lines[0] == strconv.Itoa(pid) && strings.TrimSpace(lines[7]) == "ready"
}

// lineLevel reads Postgres' own severity. Its LOG lines tell of ordinary starts and stops;
// the ERROR of a statement is for whoever sent the statement, who has it already.
func lineLevel(line string) slog.Level {
	switch severity, _, _ := strings.Cut(line, ":"); severity {
	case "PANIC":
		return slog.LevelError
	case "FATAL", "WARNING":
		return slog.LevelWarn
	default:
		return slog.LevelDebug
	}
}
