package listener

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"salon/captions"
	"salon/captions/speech"
	"salon/captions/speech/speechtest"
	"salon/captions/speech/voskchild"
	"salon/internal/sfu"
	"salon/internal/supervise"
)

const key, secret = "APItest", "a secret for tests that is long enough"

// TestMain is the speech engine's child, too.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "speech" {
		if err := voskchild.Run(context.Background(), os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// server is the real media server, one for all tests of the package: LiveKit
// keeps its metrics in one place a process.
var server = sync.OnceValues(func() (*sfu.Server, error) {
	http, udp, tcp, err := sfu.FreePorts()
	if err != nil {
		return nil, err
	}
	return sfu.Start(context.Background(), sfu.Config{
		HTTPPort: http, UDPPort: udp, TCPPort: tcp, Loopback: true, Key: key, Secret: secret, LogLevel: "error",
	})
})

// passes mints what rooms/media mints.
type passes struct{}

func (passes) EarPass(run string) (string, error) {
	return pass(run, "ear-test", &livekit.ParticipantPermission{CanSubscribe: true, Hidden: true})
}

func pass(run, identity string, p *livekit.ParticipantPermission) (string, error) {
	video := &auth.VideoGrant{RoomJoin: true, Room: run}
	video.UpdateFromPermission(p)
	return auth.NewAccessToken(key, secret).SetIdentity(identity).SetValidFor(time.Minute).SetVideoGrant(video).ToJWT()
}

// stage is a room on the media server, heard by a worker with the real engine.
type stage struct {
	t      *testing.T
	url    string
	engine *voskchild.Engine // nil where agents listen
	agents bool
	room   captions.Room
	ready  chan struct{} // gets a value whenever the room is heard anew
	gone   chan string   // gets every voice whose last line is kept

	mu       sync.Mutex
	ended    bool
	lines    map[string][]captions.Line
	partials map[string]int
	gaps     int
	growth   chan string   // gets who is being heard
	changed  chan struct{} // gets a value when a line was kept
}

// Live implements captions.Rooms.
func (s *stage) Live(context.Context) ([]captions.Room, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, nil
	}
	return []captions.Room{s.room}, nil
}

// Keep implements captions.Rooms.
func (s *stage) Keep(_ context.Context, _ captions.Room, identity string, line captions.Line) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines[identity] = append(s.lines[identity], line)
	s.t.Logf("%s: %s", identity, line.Text)
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return nil
}

// Show implements captions.Rooms.
func (s *stage) Show(_ captions.Room, identity string, _ captions.Partial) {
	s.mu.Lock()
	s.partials[identity]++
	s.mu.Unlock()
	select {
	case s.growth <- identity:
	default:
	}
}

// Gap implements captions.Rooms.
func (s *stage) Gap(context.Context, captions.Room) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaps++
	return nil
}

// Tell implements captions.Rooms.
func (s *stage) Tell(captions.Room, captions.Status) {}

// said is what was kept of one voice.
func (s *stage) said(identity string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var texts []string
	for _, line := range s.lines[identity] {
		texts = append(texts, line.Text)
	}
	return speechtest.Normal(strings.Join(texts, " "))
}

// Hold implements captions.Lease: nobody else wants the room.
func (s *stage) Hold(context.Context) (bool, error) { return true, nil }

// Listen implements captions.Ear by the real one, and tells what happens.
func (s *stage) Listen(ctx context.Context, room captions.Room, h captions.Hearer) error {
	open := map[bool]func(string, Passes) *Ear{false: New, true: NewAgents}[s.agents]
	return open(strings.Replace(s.url, "http", "ws", 1), passes{}).Listen(ctx, room, watched{s, h})
}

type watched struct {
	*stage
	captions.Hearer
}

func (w watched) Ready() {
	w.Hearer.Ready()
	w.ready <- struct{}{}
}

func (w watched) Voice(identity string) captions.Sound {
	return leaving{w.Hearer.Voice(identity), func() { w.gone <- identity }}
}

type leaving struct {
	captions.Sound
	gone func()
}

func (l leaving) Close() {
	l.Sound.Close()
	l.gone()
}

func newStage(t *testing.T) *stage {
	t.Helper()
	library, model := speechtest.Files(t)
	folder, err := os.MkdirTemp("", "speech")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	engine := voskchild.New(os.Args[0], voskchild.Config{Socket: filepath.Join(folder, "s"), Library: library, Model: model, Languages: []string{"en"}}, log)
	if err := engine.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Stop() })
	return openStage(t, engine, captions.Engines{Running: []speech.Engine{engine}})
}

// openStage opens a room that a worker attends.
func openStage(t *testing.T, engine *voskchild.Engine, engines captions.Engines) *stage {
	t.Helper()
	media, err := server()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{
		t: t, url: media.URL(), engine: engine, agents: engines.Agents, room: captions.Room{ID: uuid.New(), Run: uuid.NewString(), Language: "en"},
		ready: make(chan struct{}, 10), gone: make(chan string, 10), growth: make(chan string, 1000), changed: make(chan struct{}, 1),
		lines: map[string][]captions.Line{}, partials: map[string]int{},
	}
	rpc := lksdk.NewRoomServiceClient(s.url, key, secret)
	if _, err := rpc.CreateRoom(t.Context(), &livekit.CreateRoomRequest{Name: s.room.Run}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	worker := captions.NewWorker(engines, s, s, func(uuid.UUID) captions.Lease { return s }, log)
	go func() { defer close(ended); _ = worker.Run(ctx) }()
	t.Cleanup(func() { cancel(); await(t, ended, "end of the worker") })
	await(t, s.ready, "ear in the room")
	return s
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

// speaker publishes recordings.
type speaker struct {
	stage *stage
	room  *lksdk.Room
	track *lksdk.LocalTrack
}

func (s *stage) enter(identity string) *speaker {
	s.t.Helper()
	token, err := pass(s.room.Run, identity, &livekit.ParticipantPermission{CanPublish: true})
	if err != nil {
		s.t.Fatal(err)
	}
	room, err := lksdk.ConnectToRoomWithToken(strings.Replace(s.url, "http", "ws", 1), token, nil, lksdk.WithConnectTimeout(time.Minute))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(room.Disconnect)
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2})
	if err != nil {
		s.t.Fatal(err)
	}
	bound := make(chan struct{})
	track.OnBind(func() { close(bound) })
	if _, err := room.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{Name: "microphone", Source: livekit.TrackSource_MICROPHONE}); err != nil {
		s.t.Fatal(err)
	}
	await(s.t, bound, "way for the sound")
	return &speaker{s, room, track}
}

// script is recordings with a pause before and after each.
func script(t *testing.T, names []string) (pcm []int16) {
	t.Helper()
	pause := make([]int16, speech.Rate*3/2)
	pcm = append(pcm, pause...)
	for _, name := range names {
		pcm = append(append(pcm, speechtest.PCM(t, name)...), pause...)
	}
	return pcm
}

// say publishes packets at the pace of speech, which is what is tested here.
func (s *speaker) say(packets [][]byte) {
	speechtest.Play(s.stage.t.Context(), packets, func(packet []byte) {
		s.track.WriteSample(media.Sample{Data: packet, Duration: speechtest.PacketTime}, nil)
	})
}

// Ten sentences travel as a browser's would: Opus at 24 kbit/s, the real media
// server, two people at once.
func TestTwoVoicesInARoom(t *testing.T) {
	s := newStage(t)
	ana, ben := s.enter("ana"), s.enter("ben")
	scripts := map[*speaker][]string{ana: speechtest.Exact[:5], ben: speechtest.Exact[5:]}
	var all sync.WaitGroup
	for who, names := range scripts {
		packets := speechtest.Packets(t, script(t, names))
		all.Go(func() {
			who.say(packets)
			who.room.Disconnect()
		})
	}
	all.Wait()
	await(t, s.gone, "first voice to leave")
	await(t, s.gone, "second voice to leave")
	exact := 0
	for identity, names := range map[string][]string{"ana": speechtest.Exact[:5], "ben": speechtest.Exact[5:]} {
		for _, name := range names {
			if strings.Contains(s.said(identity), speechtest.Said(t, name)) {
				exact++
			} else {
				t.Logf("%s: %s is not in %q", identity, name, s.said(identity))
			}
		}
		other := map[string]string{"ana": "ben", "ben": "ana"}[identity]
		for _, name := range names {
			if strings.Contains(s.said(other), speechtest.Said(t, name)) {
				t.Errorf("%s is said to have said what %s did", other, identity)
			}
		}
		if s.partials[identity] < 5 {
			t.Errorf("%d partials of %s", s.partials[identity], identity)
		}
		for i, line := range s.lines[identity] {
			if i > 0 && line.Start.Before(s.lines[identity][i-1].End.Add(-200*time.Millisecond)) || line.End.Before(line.Start) {
				t.Errorf("%+v begins before the line before it", line)
			}
		}
	}
	t.Logf("figure captions.room_exact_of_ten %d", exact)
	if exact < 8 {
		t.Errorf("%d of 10 sentences are exact", exact)
	}
	if s.gaps != 1 { // the room is older than the worker
		t.Errorf("%d gaps", s.gaps)
	}
}

// The child is killed in the middle of a sentence: the sentence comes, the
// room goes on, and the other sentences are right.
func TestTheEngineDiesInTheMiddleOfASentence(t *testing.T) {
	s := newStage(t)
	ana := s.enter("ana")
	names := []string{"conf-kicked", "dir-nomore"}
	packets := speechtest.Packets(t, script(t, names))
	spoken := make(chan struct{})
	go func() { defer close(spoken); ana.say(packets) }()
	await(t, s.growth, "guess")
	pid := s.engine.PIDs()[0]
	if err := supervise.Signal(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t, spoken, "end of the speech")
	for _, name := range names { // however long another child takes to start
		s.hears("ana", speechtest.Said(t, name))
	}
	ana.room.Disconnect()
	await(t, s.gone, "voice to leave")
	if s.engine.PIDs()[0] == pid {
		t.Error("the same process")
	}
	if s.gaps != 1 { // the room is older than the worker
		t.Errorf("%d gaps", s.gaps)
	}
}

// Who unmutes after a pause is heard; a muted track sends nothing.
func TestAMutedSpeakerGetsTheirLine(t *testing.T) {
	s := newStage(t)
	ana := s.enter("ana")
	pcm := speechtest.PCM(t, "conf-kicked")
	ana.say(speechtest.Packets(t, append(make([]int16, speech.Rate/2), pcm...)))
	s.hears("ana", speechtest.Said(t, "conf-kicked"))
}

// hears waits until a line with the text is kept.
func (s *stage) hears(identity, text string) {
	s.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !strings.Contains(s.said(identity), text); {
		if time.Now().After(deadline) {
			s.t.Fatalf("%q is not in %q", text, s.said(identity))
		}
		select {
		case <-s.changed:
		case <-time.After(time.Second): // to look at the deadline
		}
	}
}
