package voskchild

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"salon/captions/speech"
)

func TestSamplesThereAndBack(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 320, maxSamples, maxSamples + 1, 3*maxSamples + 7} {
		sent := make([]int16, n)
		for i := range sent {
			sent[i] = int16(i*37 - 12345)
		}
		var wire bytes.Buffer
		if err := writeSamples(&wire, sent); err != nil {
			t.Fatal(err)
		}
		var got []int16
		for wire.Len() > 0 {
			piece, err := readSamples(&wire)
			if err != nil || len(piece) > maxSamples {
				t.Fatalf("%d samples, %v", len(piece), err)
			}
			got = append(got, piece...)
		}
		if !slices.Equal(got, sent) {
			t.Errorf("%d samples came as %d", n, len(got))
		}
	}
}

func TestReadSamplesRefusesNonsense(t *testing.T) {
	t.Parallel()
	for name, wire := range map[string][]byte{
		"too long":    binary.LittleEndian.AppendUint32(nil, maxSamples+1),
		"all ones":    {0xff, 0xff, 0xff, 0xff},
		"half length": {1, 0},
		"cut off":     {2, 0, 0, 0, 1, 0, 1},
	} {
		if pcm, err := readSamples(bytes.NewReader(wire)); err == nil {
			t.Errorf("%s: %v", name, pcm)
		}
	}
	if _, err := readSamples(bytes.NewReader(nil)); !errors.Is(err, io.EOF) {
		t.Errorf("the end: %v", err)
	}
}

// pair is a stream and the child's end of it.
func pair(t *testing.T) (*stream, net.Conn) {
	t.Helper()
	ours, theirs := net.Pipe()
	s := newStream(ours, json.NewDecoder(ours), func() {})
	t.Cleanup(func() { s.Close(); theirs.Close() })
	return s, theirs
}

func await[T any](t *testing.T, ch <-chan T, what string) (got T, open bool) {
	t.Helper()
	select {
	case got, open = <-ch:
	case <-time.After(30 * time.Second): // only a failure waits so long
		t.Fatalf("no %s", what)
	}
	return got, open
}

func TestStreamPassesEventsAndCountsWhatWaits(t *testing.T) {
	t.Parallel()
	s, child := pair(t)
	out := json.NewEncoder(child)
	for _, pcm := range [][]int16{make([]int16, 1600), make([]int16, 800)} {
		if err := s.Write(pcm); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	if got := s.Backlog(); got != 150*time.Millisecond {
		t.Errorf("%v wait", got)
	}
	for _, want := range []int{1600, 800, 0} {
		if pcm, err := readSamples(child); err != nil || len(pcm) != want {
			t.Fatalf("%d samples, %v, want %d", len(pcm), err, want)
		}
	}
	for _, a := range []answer{
		{Taken: 1600}, // nothing new
		{Event: speech.Event{Text: "hel"}, Taken: 800},
		{Event: speech.Event{Text: "hello", Final: true, Words: []speech.Word{{Text: "hello", End: time.Second}}}},
		{Event: speech.Event{Final: true, Flushed: true}},
	} {
		if err := out.Encode(a); err != nil {
			t.Fatal(err)
		}
	}
	var got []speech.Event
	for range 3 {
		e, _ := await(t, s.Events(), "event")
		got = append(got, e)
	}
	if got[0].Text != "hel" || !got[1].Final || got[1].Words[0].End != time.Second || !got[2].Flushed {
		t.Errorf("%+v", got)
	}
	if s.Backlog() != 0 {
		t.Errorf("%v wait", s.Backlog())
	}
	child.Close()
	if _, open := await(t, s.Events(), "end"); open {
		t.Error("an event after the end")
	}
	if err := s.Write(make([]int16, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("write after the end: %v", err)
	}
}

// Nobody listens to a closed stream: what it still has to say keeps nothing
// from ending.
func TestClosedStreamEndsUnheard(t *testing.T) {
	t.Parallel()
	s, child := pair(t)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for out := json.NewEncoder(child); out.Encode(answer{Event: speech.Event{Text: "word", Final: true}}) == nil; {
		}
	}()
	await(t, s.Events(), "event")
	s.Close()
	await(t, s.gone, "end of the reader")
	await(t, sent, "end of the writer")
}

func TestStalledChildIsTold(t *testing.T) {
	t.Parallel()
	s, _ := pair(t) // which never reads
	stalled := 0
	s.stalled = func() { stalled++ } // Write's goroutine is ours
	var err error
	for range maxQueued + 2 {
		err = s.Write(make([]int16, 1600))
	}
	if !errors.Is(err, errSlow) || stalled == 0 {
		t.Errorf("%v, told %d times", err, stalled)
	}
}

func TestSlowChildIsNotStalled(t *testing.T) {
	t.Parallel()
	s, child := pair(t)
	s.stalled = func() { t.Error("told as stalled") }
	for range maxQueued / 2 {
		if err := s.Write(make([]int16, 1600)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := readSamples(child); err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(child).Encode(answer{Event: speech.Event{Text: "slow"}, Taken: 1600}); err != nil {
		t.Fatal(err)
	}
	await(t, s.Events(), "event")
	for s.Write(make([]int16, 1600)) == nil {
	}
}
