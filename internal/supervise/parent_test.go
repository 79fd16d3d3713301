package supervise

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asParent makes the test binary a process that supervises a child and does nothing else.
const asParent = "SALON_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(asParent) != "" {
		parent()
	}
	os.Exit(m.Run())
}

// parent prints the process id of its child and waits to be killed.
func parent() {
	c := &Child{Name: "child", Command: func() *exec.Cmd { return exec.Command("/bin/sleep", "1000") }}
	if err := c.Start(context.Background()); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(c.PID())
	select {}
}

func TestChildDiesWithKilledParent(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asParent+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	var child int
	if _, err := fmt.Fscan(bufio.NewReader(out), &child); err != nil {
		t.Fatal(err)
	}
	if gone(child) {
		t.Fatalf("child %d is not there to begin with", child)
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	// The end of a process that is not our child is signalled to nobody: poll.
	deadline := time.Now().Add(within)
	for !gone(child) {
		if time.Now().After(deadline) {
			t.Fatalf("child %d outlived its parent by %s", child, within)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// gone reports whether a process has ended, reaped by its new parent or not.
func gone(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(stat), ") Z ")
}
