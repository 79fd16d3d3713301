package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"salon/captions"
	"salon/captions/speech"
	"salon/captions/speech/speechtest"
	"salon/internal/postgres"
	"salon/internal/supervise"
	"salon/rooms"
)

// kills is how often the worker is killed.
const kills = 20

// W10: of two processes that caption, the one that has the room is killed in
// the middle of a sentence, again and again. Each time the other takes over,
// the room's log says that words may be missing, its numbers stay dense, no
// line comes twice, and who listens loses no packet.
func TestW10WorkersAreKilledMidSentence(t *testing.T) {
	t.Parallel()
	h, room, saying, packets := talkingHouse(t)
	workers := map[int]*exec.Cmd{}
	start := func() {
		cmd := startWorker(t, h)
		workers[cmd.Process.Pid] = cmd
	}
	start()
	start()
	var back []time.Duration
	for i := range kills {
		if i%5 == 0 {
			h.untilALineMore(t, room.ID)
		}
		drain(saying)
		await(t, saying, "words in the middle of a sentence")
		gaps, holder := h.gaps(t, room.ID), h.holder(t, room.ID)
		killed := time.Now()
		if err := workers[holder].Process.Kill(); err != nil {
			t.Fatal(err)
		}
		until(t, "marked as a gap", func() bool { return h.gaps(t, room.ID) > gaps })
		back = append(back, time.Since(killed))
		_ = workers[holder].Wait() // it was killed
		delete(workers, holder)
		start()
	}
	h.untilALineMore(t, room.ID)
	slices.Sort(back)
	t.Logf("figure captions.worker_back_p50_ms %d", back[len(back)/2].Milliseconds())
	t.Logf("figure captions.worker_back_p99_ms %d", back[len(back)-1].Milliseconds())
	h.wantDense(t, room.ID)
	packets.wantAll(t)
}

// W10, the engine: its process is killed or stands still in the middle of a
// sentence. Another goes on, and neither the sound nor the log suffers.
func TestW10EnginesAreKilledAndStalledMidSentence(t *testing.T) {
	t.Parallel()
	h, room, saying, packets := talkingHouse(t)
	worker := startWorker(t, h).Process.Pid
	for i := range kills {
		drain(saying)
		await(t, saying, "words in the middle of a sentence")
		before := 0
		until(t, "an engine", func() bool { before = engineOf(t, worker); return before != 0 })
		if err := supervise.Signal(before, []syscall.Signal{syscall.SIGKILL, syscall.SIGSTOP}[i%2]); err != nil {
			t.Fatal(err)
		}
		until(t, "replaced", func() bool { now := engineOf(t, worker); return now != 0 && now != before })
	}
	h.untilALineMore(t, room.ID)
	h.wantDense(t, room.ID)
	packets.wantAll(t)
}

// engineOf is the process of a worker that recognises speech, 0 while there is
// none. Linux lists children by the thread that made them, which may be any.
func engineOf(t *testing.T, worker int) (pid int) {
	t.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", worker))
	if err != nil || len(lists) == 0 {
		t.Fatalf("no worker %d: %v", worker, err)
	}
	for _, list := range lists {
		children, _ := os.ReadFile(list) // or the thread is gone
		for _, field := range strings.Fields(string(children)) {
			line, _ := os.ReadFile("/proc/" + field + "/cmdline") // or it is gone already
			if strings.HasSuffix(string(line), "\x00speech\x00") {
				pid, _ = strconv.Atoi(field)
			}
		}
	}
	return pid
}

// talkingHouse is a house whose captions come from processes of their own, with
// a host who hardly pauses and a guest who counts what they hear.
func talkingHouse(t *testing.T) (*house, rooms.Room, <-chan string, *counted) {
	t.Helper()
	speechtest.Files(t) // or skip
	h := openHouse(t, settings{Data: t.TempDir(), captionSettings: captionSettings{Captions: "elsewhere", CaptionsOut: "off"}})
	h.announce()
	saying := watchPartials(t, h)
	host, room := h.host(t)
	packets := listenFor(t, h, room)
	go speakForever(t.Context(), publishVoice(t, host), loudScript(t))
	return h, room, saying, packets
}

// holder is the process that captions the room.
func (h *house) holder(t *testing.T, room uuid.UUID) (pid int) {
	t.Helper()
	err := h.pool.QueryRow(t.Context(), `select split_part(holder, ' ', 1)::int from leases where name = $1`, "captions "+room.String()).Scan(&pid)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// untilALineMore waits until what is said is kept.
func (h *house) untilALineMore(t *testing.T, room uuid.UUID) {
	t.Helper()
	before := len(h.lines(t, room))
	until(t, "kept another line", func() bool { return len(h.lines(t, room)) > before })
}

// lines are what is kept of what was said.
func (h *house) lines(t *testing.T, room uuid.UUID) (lines []captions.Line) {
	t.Helper()
	for _, e := range h.wholeLog(t, room) {
		var line captions.Line
		if e.Kind != rooms.KindCaption {
			continue
		}
		if err := json.Unmarshal(e.Body, &line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}

// startWorker runs `salon captions run` beside a house. It is killed at the
// end, when the test has not done it.
func startWorker(t *testing.T, h *house) *exec.Cmd {
	t.Helper()
	library, model := speechtest.Files(t)
	cmd := exec.Command(os.Args[0], "captions", "run", "--data", h.settings.Data, "--vosk-library", library, "--caption-model", "en="+model, "--caption-children", "1")
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // or it was
		_ = cmd.Wait()
	})
	return cmd
}

// watchPartials tells whenever words are shown in any room.
func watchPartials(t *testing.T, h *house) <-chan string {
	t.Helper()
	saying, ready := make(chan string, 1), make(chan struct{}, 1)
	watch := &postgres.Listener{
		Heard: func(notice string) {
			_, key, frame, ok := frameOf(notice)
			var partial captions.Partial
			if !ok || !strings.HasPrefix(key, "partial") || json.Unmarshal(frame, &partial) != nil || partial.Text == "" {
				return
			}
			select {
			case saying <- partial.Text:
			default:
			}
		},
		Missed: func() {
			select {
			case ready <- struct{}{}:
			default:
			}
		},
		Pool: h.pool, Log: slog.New(slog.DiscardHandler),
	}
	stop := inBackground(watch.Run)
	t.Cleanup(func() { _ = stop() })
	await(t, ready, "notices")
	return saying
}

func drain(ch <-chan string) {
	select {
	case <-ch:
	default:
	}
}

func await[T any](t *testing.T, ch <-chan T, what string) (got T) {
	t.Helper()
	select {
	case got = <-ch:
	case <-time.After(90 * time.Second): // only a failure waits so long
		t.Fatalf("no %s", what)
	}
	return got
}

// gaps counts how often the log says that words may be missing.
func (h *house) gaps(t *testing.T, room uuid.UUID) (n int) {
	t.Helper()
	for _, e := range h.wholeLog(t, room) {
		if e.Kind == rooms.KindSystem && strings.Contains(string(e.Body), "captions-gap") {
			n++
		}
	}
	return n
}

func (h *house) wholeLog(t *testing.T, room uuid.UUID) (all []rooms.LogEntry) {
	t.Helper()
	for {
		page, err := h.service.Log(t.Context(), room, int64(len(all)), rooms.MaxLogPage)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
	}
}

// wantDense is I12: numbers without gaps, and each line once.
func (h *house) wantDense(t *testing.T, room uuid.UUID) {
	t.Helper()
	for i, e := range h.wholeLog(t, room) {
		if e.Seq != int64(i)+1 {
			t.Fatalf("entry %d has number %d", i+1, e.Seq)
		}
	}
	there := map[string]bool{}
	for _, line := range h.lines(t, room) {
		if line.Text == "" || line.Revision != 1 || there[line.Segment] {
			t.Errorf("%+v is there twice, or says nothing", line)
		}
		there[line.Segment] = true
	}
}

// counted is the sound that arrived at a listener.
type counted struct{ heard, lost atomic.Int64 }

func (c *counted) wantAll(t *testing.T) {
	t.Helper()
	if lost := c.lost.Load(); lost != 0 || c.heard.Load() == 0 {
		t.Errorf("of the sound %d packets were lost, %d heard", lost, c.heard.Load())
	}
}

// listenFor comes in as a guest and counts the packets that arrive, and those
// that do not.
func listenFor(t *testing.T, h *house, room rooms.Room) *counted {
	t.Helper()
	entry, err := h.service.JoinAsGuest(t.Context(), room.ID, uuid.NewString(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	c := &counted{}
	events := lksdk.NewRoomCallback()
	events.OnTrackSubscribed = func(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
		go c.count(track)
	}
	connected, err := lksdk.ConnectToRoomWithToken(h.public.String(), entry.Token, events)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connected.Disconnect)
	return c
}

func (c *counted) count(track *webrtc.TrackRemote) {
	seen := map[uint16]bool{}
	var next uint16
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		if c.heard.Add(1) == 1 {
			next = packet.SequenceNumber
		}
		seen[packet.SequenceNumber] = true
		for ; seen[next]; next++ {
			delete(seen, next)
		}
		const late = 50 // packets, a second of sound
		if len(seen) > late {
			c.lost.Add(1)
			next++
		}
	}
}

func publishVoice(t *testing.T, room *lksdk.Room) *lksdk.LocalTrack {
	t.Helper()
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2})
	if err != nil {
		t.Fatal(err)
	}
	bound := make(chan struct{})
	track.OnBind(func() { close(bound) })
	if _, err := room.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{Name: "microphone", Source: livekit.TrackSource_MICROPHONE}); err != nil {
		t.Fatal(err)
	}
	await(t, bound, "way for the sound")
	return track
}

// loudScript is somebody who hardly pauses.
func loudScript(t *testing.T) [][]byte {
	t.Helper()
	var pcm []int16
	for _, name := range speechtest.Exact {
		pcm = append(append(pcm, speechtest.PCM(t, name)...), make([]int16, speech.Rate/3)...)
	}
	return speechtest.Packets(t, pcm)
}

func speakForever(ctx context.Context, track *lksdk.LocalTrack, packets [][]byte) {
	for ctx.Err() == nil {
		speechtest.Play(ctx, packets, func(packet []byte) {
			_ = track.WriteSample(media.Sample{Data: packet, Duration: speechtest.PacketTime}, nil)
		})
	}
}
