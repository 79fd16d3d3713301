package sfu

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// server is the import path of LiveKit's server.
const server = `"github.com/livekit/livekit-server/`

// TestOneSmallHome keeps LiveKit's server in this package, and the package small: it has
// to be read again whenever the version is raised.
func TestOneSmallHome(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Dir(strings.TrimSpace(string(out)))
	home := filepath.Join(root, "internal", "sfu")
	lines := 0
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git") {
			return fs.SkipDir
		}
		here := filepath.Dir(path) == home
		if filepath.Ext(path) != ".go" || here && strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if here {
			lines += bytes.Count(text, []byte("\n"))
		} else if bytes.Contains(text, []byte(server)) {
			t.Errorf("%s imports livekit-server", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if lines == 0 || lines >= 300 {
		t.Errorf("the package has %d lines, want fewer than 300", lines)
	}
}
