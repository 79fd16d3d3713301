package postgres

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const (
	// socketHome holds the socket folders: short, and there for every user.
	socketHome = "/tmp"
	// socketName is the name Postgres gives the socket of port 5432.
	socketName = ".s.PGSQL.5432"
	// maxSocketPath is what fits the kernel's sockaddr_un with its final zero.
	maxSocketPath = 107
)

// makeSocketDir makes an empty folder for the cluster's socket that only the account (and
// root) can enter. Its usual name follows from the data's path; /tmp being everybody's,
// somebody else may hold that name, and then another is taken.
func makeSocketDir(home, data string, a account) (string, error) {
	dir := filepath.Join(home, "salon-"+shortHash(data))
	if ours(dir, a) {
		// Left by a run that was killed: its lock file would name a process id that
		// by now may be anybody's.
		if err := os.RemoveAll(dir); err != nil {
			return "", fmt.Errorf("clear old socket folder: %w", err)
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		if dir, err = os.MkdirTemp(home, "salon-"); err != nil {
			return "", fmt.Errorf("make socket folder: %w", err)
		}
	}
	if n := len(filepath.Join(dir, socketName)); n >= maxSocketPath {
		_ = os.Remove(dir)
		return "", fmt.Errorf("socket path in %s has %d bytes, fewer than %d can work", dir, n, maxSocketPath)
	}
	if err := a.own(dir); err != nil {
		return "", fmt.Errorf("give socket folder to its user: %w", err)
	}
	return dir, nil
}

// ours reports whether path is a folder of the account or of ourselves, closed to others.
// In a sticky /tmp nobody else can then exchange it.
func ours(path string, a account) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
		return false
	}
	uid := info.Sys().(*syscall.Stat_t).Uid
	return uid == a.uid || uid == uint32(os.Geteuid())
}
