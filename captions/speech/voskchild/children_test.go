package voskchild

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"salon/captions/speech"
	"salon/captions/speech/speechtest"
	"salon/internal/supervise"
)

// home is the child that carries a stream.
func home(e *Engine, s speech.Stream) int {
	return slices.IndexFunc(e.running(), func(p *process) bool { return &p.pulse == s.(*stream).pulse })
}

// A child that is full gets company, and the next voice goes there.
func TestAChildMoreWhenAllAreFull(t *testing.T) {
	e := started(t, 2)
	for range StreamsPerChild {
		if s := open(t, e); home(e, s) != 0 {
			t.Error("not in the first child")
		}
	}
	e.growing.Wait()
	if n := len(e.running()); n != 2 {
		t.Fatalf("%d children", n)
	}
	ninth := open(t, e)
	if home(e, ninth) != 1 {
		t.Error("the ninth voice is in the full child")
	}
	if got, want := say(t, ninth, "dir-nomore"), speechtest.Said(t, "dir-nomore"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAFullEngineSaysSo(t *testing.T) {
	e := started(t, 1)
	var all []speech.Stream
	for range StreamsPerChild {
		all = append(all, open(t, e))
	}
	if _, err := e.NewStream(t.Context()); !errors.Is(err, speech.ErrFull) {
		t.Errorf("a voice too many: %v", err)
	}
	if n := len(e.running()); n != 1 {
		t.Errorf("%d children", n)
	}
	all[0].Close()
	for range all[0].Events() { // until it has ended
	}
	open(t, e)
}

// two is an engine with two children, and a voice in each.
func two(t *testing.T) (e *Engine, voices []speech.Stream) {
	t.Helper()
	e = started(t, 2)
	e.another()
	e.growing.Wait()
	for i := range 2 {
		voices = append(voices, open(t, e))
		if home(e, voices[i]) != i {
			t.Fatal("not a voice in each child")
		}
	}
	return e, voices
}

// signal sends a signal. A process that is told to stop goes on until the thread
// that takes the signal gets a core: it is waited for, lest others of its threads
// answer what is written next.
func signal(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	if err := supervise.Signal(pid, sig); err != nil {
		t.Fatal(err)
	}
	for sig == syscall.SIGSTOP && !stands(t, pid) {
		<-time.After(time.Millisecond) // nothing tells when
	}
}

// stands says whether each thread of a process is stopped (T in proc(5)), or is
// gone.
func stands(t *testing.T, pid int) bool {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(threads, func(path string) bool {
		stat, err := os.ReadFile(path)
		return err == nil && !bytes.Contains(stat, []byte(") T "))
	})
}

// goesOn ends one of two children in some way: its voice goes on in the other,
// whose own voice notices nothing.
func goesOn(t *testing.T, end syscall.Signal) {
	e, voices := two(t)
	pids := e.PIDs()
	signal(t, pids[0], end)
	if err := voices[0].Write(make([]int16, speech.Rate/10), true); err != nil && end == syscall.SIGSTOP {
		t.Fatal(err)
	}
	for more := true; more; {
		_, more = await(t, voices[0].Events(), "end of the stream")
	}
	again := open(t, e) // at the first try
	if home(e, again) != 1 {
		t.Error("not in the child that lives")
	}
	for _, s := range []speech.Stream{voices[1], again} {
		if got, want := say(t, s, "dir-nomore"), speechtest.Said(t, "dir-nomore"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if now := e.PIDs(); now[1] != pids[1] {
		t.Errorf("processes %d, before %d", now, pids)
	}
}

func TestAKilledChildsVoiceGoesOnInAnother(t *testing.T)  { goesOn(t, syscall.SIGKILL) }
func TestAStalledChildsVoiceGoesOnInAnother(t *testing.T) { goesOn(t, syscall.SIGSTOP) }

// A stream begun while a child stands still does not wait for it.
func TestAStalledChildIsAskedLast(t *testing.T) {
	e, voices := two(t)
	signal(t, e.PIDs()[0], syscall.SIGSTOP)
	if err := voices[0].Write(make([]int16, speech.Rate/10), true); err != nil {
		t.Fatal(err)
	}
	stopped := e.PIDs()[0]
	for !e.running()[0].pulse.silent(doubtAfter) { // nothing tells when
		if e.PIDs()[0] != stopped {
			t.Skip("the child was ended before anybody could look: this machine is too busy")
		}
		<-time.After(10 * time.Millisecond)
	}
	children, err := e.byLoad()
	if err != nil || children[0] != e.running()[1] {
		t.Errorf("the child that stands still is asked first: %v", err)
	}
}
