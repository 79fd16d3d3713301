package postgres

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is the user the Postgres processes run as.
type account struct {
	uid, gid uint32
	foreign  bool // not ours: we are root and hand the work down
}

// serverAccount is ourselves, or, for root, the user "postgres", or "nobody" where there
// is none.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			continue
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			continue
		}
		return account{uid: uint32(uid), gid: uint32(gid), foreign: true}, nil
	}
	return account{}, fmt.Errorf("run postgres: it refuses root, and there is no user postgres or nobody")
}

// ownerAccount is the account that already owns a data directory: what was begun by one
// user is continued by the same, so root may start what its user made.
func ownerAccount(dir string) (account, error) {
	info, err := os.Lstat(dir)
	if err != nil {
		return account{}, err
	}
	st := info.Sys().(*syscall.Stat_t)
	self := uint32(os.Geteuid())
	switch {
	case st.Uid == 0:
		return account{}, fmt.Errorf("%s belongs to root, as which postgres does not run", dir)
	case self != 0 && st.Uid != self:
		return account{}, fmt.Errorf("%s belongs to user %d, we are %d", dir, st.Uid, self)
	}
	return account{uid: st.Uid, gid: st.Gid, foreign: st.Uid != self}, nil
}

// command makes a command that runs as the account, in a process group of its own: Ctrl-C
// in a terminal must reach us only, so that the database is the last to stop.
func (a account) command(path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Dir = "/"
	// A clean environment: PGDATA, PGOPTIONS and the like are meant for other servers.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a.foreign {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return cmd
}

// reaches reports whether the account can step into dir. Only the kernel knows (modes,
// ACLs, mounts), so a process of that user tries.
func (a account) reaches(bin binaries, dir string) bool {
	if !a.foreign {
		return true
	}
	cmd := a.command(bin.path("postgres"), "--version")
	cmd.Dir = dir
	return cmd.Run() == nil
}

// own gives a path to the account.
func (a account) own(path string) error {
	if !a.foreign {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}
