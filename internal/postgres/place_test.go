package postgres

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSocketDirAvoidsOtherPeoples(t *testing.T) {
	t.Parallel()
	home := openDir(t)
	self := account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
	usual, err := makeSocketDir(home, "data", self)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(usual, "stale"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := makeSocketDir(home, "data", self)
	if err != nil || again != usual {
		t.Fatalf("our own folder is not taken again: %s, %v", again, err)
	}
	if _, err := os.Stat(filepath.Join(usual, "stale")); err == nil {
		t.Error("the old content is still there")
	}
	for name, spoil := range map[string]func() error{
		"open mode": func() error { return os.Chmod(usual, 0o777) },
		"link":      func() error { return os.Symlink(home, usual) },
		"file":      func() error { return os.WriteFile(usual, nil, 0o700) },
	} {
		if name != "open mode" {
			_ = os.RemoveAll(usual)
		}
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		got, err := makeSocketDir(home, "data", self)
		if err != nil || got == usual {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
		_ = os.RemoveAll(usual)
		if err := os.Mkdir(usual, 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSocketPathTooLong(t *testing.T) {
	t.Parallel()
	home := filepath.Join(t.TempDir(), strings.Repeat("x", 90))
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := makeSocketDir(home, "data", account{uid: uint32(os.Geteuid())})
	if err == nil || !strings.Contains(err.Error(), "fewer than 107") {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(home); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestNotInstalledNamesTheInstallLine(t *testing.T) {
	t.Parallel()
	_, err := findBinaries(t.Context(), 8)
	if err == nil || !strings.Contains(err.Error(), "apt-get install postgresql-8") {
		t.Fatal(err)
	}
	anyVersion := (&NotInstalledError{Looked: []string{"/bin"}}).Error()
	if !strings.HasSuffix(anyVersion, "apt-get install postgresql") {
		t.Error(anyVersion)
	}
}

func TestMajorOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)": 15,
		"17\n": 17, "/usr/lib/postgresql/9/bin": 9, "": 0,
	} {
		if got := majorOf(text); got != want {
			t.Errorf("majorOf(%q) = %d, want %d", text, got, want)
		}
	}
}
