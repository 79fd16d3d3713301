package postgres

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"salon/internal/supervise"
)

func TestKilledPostmasterComesBack(t *testing.T) {
	t.Parallel()
	// Not fast: a fast cluster forgets its last commits when it is killed.
	c := start(t, ClusterConfig{Dir: openDir(t)})
	pool := connectTo(t, c)
	mustExec(t, pool, "create table kept (n int)")
	before := c.PID()
	if err := supervise.Signal(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) bool {
		_, err := pool.Exec(ctx, "insert into kept values (1)")
		return err == nil && c.PID() != before
	})
}

// asSalon makes the test binary a Salon whose data directory is the variable's value.
const asSalon = "SALON_TEST_CLUSTER_DIR"

// init runs before TestMain: the process started by startSalon never gets to the tests.
func init() {
	dir := os.Getenv(asSalon)
	if dir == "" {
		return
	}
	c, err := StartCluster(context.Background(), ClusterConfig{Dir: dir, Fast: true})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(c.PID(), c.URL())
	select {} // until killed
}

// startSalon runs a cluster under a process that can be killed apart from the test. It
// returns that process, and the process id and address of its postmaster.
func startSalon(t *testing.T, dir string) (salon *exec.Cmd, postmaster int, url string) {
	t.Helper()
	salon = exec.Command(os.Args[0])
	salon.Env = append(os.Environ(), asSalon+"="+dir)
	out, err := salon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := salon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = salon.Process.Kill(); _ = salon.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(line, &postmaster, &url); err != nil {
		t.Fatalf("salon said %q: %v", line, err)
	}
	return salon, postmaster, url
}

func TestStartAfterSalonWasKilled(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	salon, _, url := startSalon(t, dir)
	pool, err := Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, pool, "create table kept (n int)")
	pool.Close()
	_ = salon.Process.Kill()
	_ = salon.Wait()
	mustExec(t, connectTo(t, startCluster(t, dir)), "insert into kept values (1)")
}

// TestStartAfterAllWereKilled leaves a backend so busy that it does not see its postmaster
// die; it keeps the shared memory that the next postmaster needs.
func TestStartAfterAllWereKilled(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	salon, postmaster, url := startSalon(t, dir)
	busy, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := busy.Exec(t.Context(), "select count(*) from generate_series(1, 1000000000000)")
		ended <- err
	}()
	watch, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) bool {
		var running bool
		const find = "select exists (select from pg_stat_activity where pid = $1 and state = 'active')"
		return watch.QueryRow(ctx, find, busy.PgConn().PID()).Scan(&running) == nil && running
	})
	// Salon first, so that nobody starts the postmaster again.
	_ = salon.Process.Signal(syscall.SIGSTOP)
	_ = supervise.Signal(postmaster, syscall.SIGKILL)
	_ = salon.Process.Kill()
	_ = salon.Wait()
	connectTo(t, startCluster(t, dir))
	if err := <-ended; err == nil {
		t.Error("the orphan finished its query")
	}
}

func TestPIDFileOfAStranger(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := startCluster(t, dir)
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	stranger := c.place.account.command("/bin/cat")
	in, err := stranger.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close(); _ = stranger.Wait() }()
	pidFile := filepath.Join(c.Dir(), "postmaster.pid")
	text := []byte(strings.Join([]string{strconv.Itoa(stranger.Process.Pid), c.Dir(), "1", "5432", "", "", "0 0", ""}, "\n"))
	if err := os.WriteFile(pidFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.place.account.own(pidFile); err != nil {
		t.Fatal(err)
	}
	connectTo(t, startCluster(t, dir))
}

func TestInterruptedInitdbIsNotUsed(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	if err := os.MkdirAll(filepath.Join(dir, "postgres.new-half", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if c, err := StartCluster(ctx, ClusterConfig{Dir: dir, Fast: true}); err == nil {
		_ = c.Stop()
		t.Fatal("initdb cannot be that fast; the test needs another moment to interrupt")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "postgres*new*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	connectTo(t, startCluster(t, dir))
}
