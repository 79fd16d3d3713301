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
	"testing/synctest"
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
		if err := writeSamples(&wire, sent, n%2 == 0); err != nil {
			t.Fatal(err)
		}
		var got []int16
		for wire.Len() > 0 {
			piece, guess, err := readSamples(&wire)
			if err != nil || len(piece) > maxSamples || guess != (n%2 == 0) {
				t.Fatalf("%d samples, a guess asked for: %v, %v", len(piece), guess, err)
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
		"a cut guess": {2, 0, 0, 0x80, 1},
		"half length": {1, 0},
		"cut off":     {2, 0, 0, 0, 1, 0, 1},
	} {
		if pcm, _, err := readSamples(bytes.NewReader(wire)); err == nil {
			t.Errorf("%s: %v", name, pcm)
		}
	}
	if _, _, err := readSamples(bytes.NewReader(nil)); !errors.Is(err, io.EOF) {
		t.Errorf("the end: %v", err)
	}
}

// pair is a stream and the child's end of it.
func pair(t *testing.T) (*stream, net.Conn) {
	t.Helper()
	ours, theirs := net.Pipe()
	s := newStream(ours, &pulse{})
	t.Cleanup(func() { s.Close(); theirs.Close() })
	if err := json.NewEncoder(theirs).Encode(answer{}); err != nil {
		t.Fatal(err)
	}
	<-s.greeted
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
		if err := s.Write(pcm, true); err != nil {
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
		if pcm, _, err := readSamples(child); err != nil || len(pcm) != want {
			t.Fatalf("%d samples, %v, want %d", len(pcm), err, want)
		}
	}
	for _, a := range []answer{
		{Taken: 1600, Used: time.Millisecond}, // nothing understood yet
		{Event: speech.Event{Text: "hel"}, Taken: 800, Used: time.Second},
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
	if sound, computing := s.Used(); sound != 150*time.Millisecond || computing != time.Second+time.Millisecond {
		t.Errorf("%v of computing for %v of sound", computing, sound)
	}
	child.Close()
	if _, open := await(t, s.Events(), "end"); open {
		t.Error("an event after the end")
	}
	if err := s.Write(make([]int16, 1), true); !errors.Is(err, net.ErrClosed) {
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

func TestASlowChildIsGivenNoMore(t *testing.T) {
	t.Parallel()
	s, _ := pair(t) // which never reads
	var err error
	for range 2 * maxBehind / (100 * time.Millisecond) {
		if err = s.Write(make([]int16, 1600), true); err != nil {
			break
		}
	}
	if !errors.Is(err, errSlow) || s.Backlog() < maxBehind || s.Backlog() > maxBehind+time.Second {
		t.Errorf("%v, %v wait", err, s.Backlog())
	}
	for range 2 * maxQueued {
		if err = s.Flush(); err != nil {
			break
		}
	}
	if !errors.Is(err, errSlow) {
		t.Errorf("any number of flushes: %v", err)
	}
}

// A child stands still when it owes answers and gives none, to whomever.
func TestPulse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p pulse
		one, two := &stream{gone: make(chan struct{})}, &stream{gone: make(chan struct{})}
		silent := func(want bool, when string) {
			t.Helper()
			if p.silent(stallAfter) != want {
				t.Errorf("silent: %v %s", !want, when)
			}
		}
		p.begin(one)
		p.answered(one)
		time.Sleep(time.Hour)
		silent(false, "when nothing was asked")
		p.begin(two)
		silent(false, "when asked a moment ago")
		p.answered(two)
		for range 10 {
			p.asked(one)
			p.asked(two)
			time.Sleep(stallAfter / 2)
			p.answered(two) // a sign of life is one for all
		}
		silent(false, "while it answers anybody")
		time.Sleep(stallAfter + 1)
		silent(true, "after its time")
		p.end(one)
		if p.asked(one) {
			t.Error("an ended stream can be asked")
		}
		silent(false, "when nobody waits any more")
		if p.streams() != 1 {
			t.Errorf("%d streams", p.streams())
		}
	})
}
