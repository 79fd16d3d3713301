package supervise

import (
	"errors"
	"os"
	"syscall"
)

// errNobody: kill(2) takes 0 for the caller's whole process group.
var errNobody = errors.New("process 0 is nobody")

// Signal sends a signal to one process. The number 0, which PID returns while no
// process runs, is refused.
func Signal(pid int, sig syscall.Signal) error {
	if pid <= 0 {
		return errNobody
	}
	return os.NewSyscallError("kill", syscall.Kill(pid, sig))
}
