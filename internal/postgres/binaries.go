package postgres

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// NotInstalledError says that the programs of a Postgres server are not on this machine,
// or not in the version a data directory needs.
type NotInstalledError struct {
	Major  int      // the version needed, 0 if any would do
	Looked []string // the folders looked into
}

// Error names the one line that installs what is missing.
func (e *NotInstalledError) Error() string {
	what, install := "no Postgres server", "postgresql"
	if e.Major != 0 {
		what = fmt.Sprintf("no Postgres %d server, which wrote this data,", e.Major)
		install = fmt.Sprintf("postgresql-%d", e.Major)
	}
	return fmt.Sprintf("%s in %s; install one: apt-get install %s",
		what, strings.Join(e.Looked, ", "), install)
}

// binaries is one installed Postgres server.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// findBinaries finds a server: of the version that wrote the data if major is not 0, else
// the first of PATH, pg_config's folder, and the newest of Debian's folders.
func findBinaries(ctx context.Context, major int) (binaries, error) {
	dirs := binaryDirs(ctx)
	for _, dir := range dirs {
		b, ok := inspect(ctx, dir)
		if ok && (major == 0 || b.major == major) {
			return b, nil
		}
	}
	return binaries{}, &NotInstalledError{Major: major, Looked: dirs}
}

// inspect reports what server a folder holds, if any.
func inspect(ctx context.Context, dir string) (binaries, bool) {
	b := binaries{dir: dir}
	if _, err := exec.LookPath(b.path("initdb")); err != nil {
		return b, false
	}
	out, err := exec.CommandContext(ctx, b.path("postgres"), "--version").Output()
	if err != nil {
		return b, false
	}
	b.major = majorOf(string(out))
	return b, b.major != 0
}

var digits = regexp.MustCompile(`\d+`)

// majorOf reads the 15 in "postgres (PostgreSQL) 15.18 (Debian)" and in PG_VERSION files.
func majorOf(version string) int {
	n, _ := strconv.Atoi(digits.FindString(version)) // no digits: 0, no version
	return n
}

func binaryDirs(ctx context.Context) []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		// initdb looks for its neighbours beside the real file, not beside a link to it.
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is a good one
	slices.SortFunc(debian, func(a, b string) int { return majorOf(b) - majorOf(a) })
	dirs = append(dirs, debian...)
	if len(dirs) == 0 {
		dirs = filepath.SplitList(os.Getenv("PATH"))
	}
	return slices.Compact(dirs)
}
