package voskchild

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"salon/captions/speech"
	"salon/captions/speech/speechtest"
	"salon/internal/supervise"
)

// TestMain is the child, too: the engine runs its own binary.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "speech" {
		if err := Run(context.Background(), os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func engine(t *testing.T, library, model string, children int) *Engine {
	t.Helper()
	folder, err := os.MkdirTemp("", "speech") // paths of sockets are short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	config := Config{Socket: filepath.Join(folder, "s"), Library: library, Model: model, Languages: []string{"en"}, Children: children}
	e := New(os.Args[0], config, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = e.Stop() })
	return e
}

func started(t *testing.T, children int) *Engine {
	t.Helper()
	library, model := speechtest.Files(t)
	e := engine(t, library, model, children)
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e
}

func open(t *testing.T, e *Engine) speech.Stream {
	t.Helper()
	s, err := e.NewStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// say writes a recording and waits until a flush is answered.
func say(t *testing.T, s speech.Stream, name string) string {
	t.Helper()
	for pcm := speechtest.PCM(t, name); len(pcm) > 0; {
		n := min(len(pcm), speech.Rate/10)
		if err := s.Write(pcm[:n], true); err != nil {
			t.Fatal(err)
		}
		pcm = pcm[n:]
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	var said []string
	for {
		event, more := await(t, s.Events(), "event")
		if event.Final {
			said = append(said, event.Text)
		}
		if event.Flushed || !more {
			return strings.Join(strings.Fields(strings.Join(said, " ")), " ")
		}
	}
}

func TestTenSentencesThroughTheChild(t *testing.T) {
	e := started(t, 1)
	s := open(t, e)
	for _, name := range speechtest.Exact[:3] { // package vosk proves the rest
		if got, want := say(t, s, name), speechtest.Said(t, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if info := e.Info(); info.Engine != "vosk" || info.Model != "model-en" || !info.Local {
		t.Errorf("%+v", info)
	}
}

// garbage is a copy of the model in which one file is nonsense or cut off.
func garbage(t *testing.T, model, file string, change func([]byte) []byte) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(model)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// Whatever the files are, our own process says what is wrong and lives on.
func TestStartSaysWhatIsWrong(t *testing.T) {
	library, model := speechtest.Files(t)
	nonsense := func(text []byte) []byte { return bytes.Repeat([]byte("nonsense"), 1000) }
	half := func(text []byte) []byte { return text[:len(text)/2] }
	noLibrary := filepath.Join(t.TempDir(), "library.so")
	if err := os.WriteFile(noLibrary, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ library, model, want string }{
		"no library":         {"/nonexistent.so", model, "/nonexistent.so"},
		"not a library":      {noLibrary, model, "library.so"},
		"another library":    {libc(t), model, "vosk_"},
		"no folder":          {library, "/nonexistent", "/nonexistent"},
		"an empty folder":    {library, t.TempDir(), "final.mdl"},
		"nonsense for sound": {library, garbage(t, model, "am/final.mdl", nonsense), "no Vosk model"},
		"half of the sound":  {library, garbage(t, model, "am/final.mdl", half), "no Vosk model"},
		"half a grammar":     {library, garbage(t, model, "graph/Gr.fst", half), "no recognizer"}, // loads, but hears no voice
		"an empty file":      {library, garbage(t, model, "am/final.mdl", func([]byte) []byte { return nil }), "no Vosk model"},
	} {
		e := engine(t, c.library, c.model, 2)
		err := e.Start(t.Context())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Logf("%s: %v", name, err)
		if ids := e.PIDs(); len(ids) != 0 {
			t.Errorf("%s: processes %d are left", name, ids)
		}
		if _, err := e.NewStream(t.Context()); err == nil {
			t.Errorf("%s: there is a stream", name)
		}
	}
}

func libc(t *testing.T) string {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(maps)) {
		if fields := strings.Fields(line); strings.Contains(line, "libc.so") {
			return fields[len(fields)-1]
		}
	}
	t.Skip("this binary has no C library to mistake for Vosk")
	return ""
}

func TestKilledChildIsReplaced(t *testing.T) {
	e := started(t, 1)
	s := open(t, e)
	pcm := speechtest.PCM(t, "dir-nomore")
	for range 10 {
		if err := s.Write(pcm[:speech.Rate/10], true); err != nil {
			t.Fatal(err)
		}
	}
	pid := e.PIDs()[0]
	if err := supervise.Signal(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		_, more = await(t, s.Events(), "end of the stream")
	}
	again := reopened(t, e)
	if got, want := say(t, again, "dir-nomore"), speechtest.Said(t, "dir-nomore"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if e.PIDs()[0] == pid {
		t.Error("the same process")
	}
}

// reopened asks for a stream until there is a child again.
func reopened(t *testing.T, e *Engine) speech.Stream {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if s, err := e.NewStream(t.Context()); err == nil {
			t.Cleanup(func() { s.Close() })
			return s
		}
		<-time.After(10 * time.Millisecond) // its socket says nothing while it is away
	}
	t.Fatal("no child came back")
	return nil
}

// A child that stands still holds nobody up, and is replaced.
func TestStalledChildIsReplaced(t *testing.T) {
	e := started(t, 1)
	s := open(t, e)
	if got := say(t, s, "conf-kicked"); got == "" {
		t.Fatal("nothing heard")
	}
	pid := e.PIDs()[0]
	signal(t, pid, syscall.SIGSTOP)
	writes := 0
	for sound := make([]int16, speech.Rate/10); s.Write(sound, true) == nil; writes++ {
		if writes > 100_000 {
			t.Fatal("a child that stands still takes any amount of sound")
		}
	}
	if s.Backlog() < 10*time.Second {
		t.Errorf("%v wait", s.Backlog())
	}
	for more := true; more; {
		_, more = await(t, s.Events(), "end of the stream")
	}
	s.Close()
	if got := say(t, reopened(t, e), "conf-kicked"); got != speechtest.Said(t, "conf-kicked") || e.PIDs()[0] == pid {
		t.Errorf("%q from %d after %d", got, e.PIDs()[0], pid)
	}
}

func TestRunRefusesNonsense(t *testing.T) {
	t.Parallel()
	for _, stdin := range []string{"", "nonsense", `{"Library":"/nonexistent.so"}`} {
		if err := Run(t.Context(), strings.NewReader(stdin)); err == nil {
			t.Errorf("ran on %q", stdin)
		}
	}
	if err := Run(t.Context(), io.LimitReader(nil, 0)); err == nil {
		t.Error("ran on nothing")
	}
}
