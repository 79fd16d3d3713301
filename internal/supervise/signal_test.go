package supervise

import (
	"os"
	"syscall"
	"testing"
)

func TestNobodyIsSignalled(t *testing.T) {
	t.Parallel()
	for _, pid := range []int{0, -1} {
		if err := Signal(pid, syscall.Signal(0)); err == nil { // 0 asks only whether it could be
			t.Errorf("%d is somebody", pid)
		}
	}
	if err := Signal(os.Getpid(), syscall.Signal(0)); err != nil {
		t.Error(err)
	}
}
