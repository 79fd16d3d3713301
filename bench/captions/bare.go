package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"salon/captions/speech"
	"salon/captions/speech/speechtest"
	"salon/captions/speech/vosk"
)

// event is what an engine said, or what a reader saw, at a time since the
// script began.
type event struct {
	At      time.Duration
	Segment string // the same in all events of one line
	Text    string
	Final   bool
	Words   []speech.Word
}

// bareEnd is the last that the bare engine says.
type bareEnd struct{ Used time.Duration }

// runBare is the engine with nothing around it, in a process of its own: it
// takes the samples on its standard input, hears them at the pace of speech,
// 20 ms at a time, and tells each new guess at once.
func runBare(folder string) error {
	raw, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	pcm := make([]int16, len(raw)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(raw[2*i:]))
	}
	model, err := vosk.Load(filepath.Join(folder, "libvosk.so"), filepath.Join(folder, "model-en"))
	if err != nil {
		return err
	}
	recognizer, err := model.New()
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	segment, last := 0, ""
	tell := func(e speech.Event, began time.Time) error {
		if e.Text == last && !e.Final {
			return nil
		}
		last = e.Text
		err := out.Encode(event{time.Since(began), strconv.Itoa(segment), e.Text, e.Final, e.Words})
		if e.Final {
			segment, last = segment+1, ""
		}
		return err
	}
	before, began := cpuTime(), time.Now()
	step := samples(speechtest.PacketTime)
	for due := began; len(pcm) >= step; pcm = pcm[step:] {
		due = due.Add(speechtest.PacketTime) // however long the piece before took
		<-time.After(time.Until(due))
		e, understood, err := recognizer.Accept(pcm[:step], true)
		if understood {
			err = errors.Join(err, tell(e, began))
		}
		if err != nil {
			return err
		}
	}
	if err := tell(recognizer.Flush(), began); err != nil {
		return err
	}
	return out.Encode(bareEnd{cpuTime() - before})
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// hearBare lets the bare engine hear the script.
func hearBare(ctx context.Context, s *script, folder string) (events []event, used time.Duration, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, 0, err
	}
	cmd := exec.CommandContext(ctx, self, "-bare", "-speech", folder)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, 0, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, 0, err
	}
	if err := cmd.Start(); err != nil {
		return nil, 0, err
	}
	failed := binary.Write(in, binary.LittleEndian, s.pcm)
	in.Close()
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct {
			event
			bareEnd
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			failed = errors.Join(failed, err)
		} else if e.Used > 0 {
			used = e.Used
		} else {
			events = append(events, e.event)
		}
	}
	if err := errors.Join(failed, cmd.Wait()); err != nil {
		return nil, 0, fmt.Errorf("bare engine: %w", err)
	}
	return events, used, nil
}
