package writer

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"salon/captions/listener"
	"salon/internal/sfu"
)

const key, secret = "APItest", "a secret for tests that is long enough"

type passes struct{}

func (passes) WriterPass(run string) (string, error) {
	return pass(run, "writer-1", livekit.ParticipantInfo_AGENT, &livekit.ParticipantPermission{CanSubscribe: true, CanPublishData: true})
}

func pass(run, identity string, kind livekit.ParticipantInfo_Kind, p *livekit.ParticipantPermission) (string, error) {
	video := &auth.VideoGrant{RoomJoin: true, Room: run}
	video.UpdateFromPermission(p)
	return auth.NewAccessToken(key, secret).SetIdentity(identity).SetKind(kind).SetValidFor(time.Minute).SetVideoGrant(video).ToJWT()
}

// heard is one text stream as another LiveKit client gets it.
type heard struct {
	sender, text string
	attributes   map[string]string
}

// Another client that knows nothing of us is told who says what, on which
// track, by an agent that everybody sees.
func TestOtherClientsGetTheWords(t *testing.T) {
	http, udp, tcp, err := sfu.FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	server, err := sfu.Start(t.Context(), sfu.Config{HTTPPort: http, UDPPort: udp, TCPPort: tcp, Loopback: true, Key: key, Secret: secret, LogLevel: "error"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	url := strings.Replace(server.URL(), "http", "ws", 1)
	run := uuid.NewString()
	if _, err := lksdk.NewRoomServiceClient(server.URL(), key, secret).CreateRoom(t.Context(), &livekit.CreateRoomRequest{Name: run}); err != nil {
		t.Fatal(err)
	}
	finals := New(url, passes{}, false, slog.New(slog.NewTextHandler(t.Output(), nil)))

	ana := enter(t, url, run, "ana", &livekit.ParticipantPermission{CanPublish: true}, nil)
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2})
	if err != nil {
		t.Fatal(err)
	}
	published, err := ana.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{Name: "microphone", Source: livekit.TrackSource_MICROPHONE})
	if err != nil {
		t.Fatal(err)
	}
	go speak(t.Context(), track)
	words, tracks := make(chan heard, 10), make(chan string, 10)
	came := make(chan livekit.ParticipantInfo_Kind, 10)
	events := lksdk.NewRoomCallback()
	events.OnParticipantConnected = func(p *lksdk.RemoteParticipant) { came <- livekit.ParticipantInfo_Kind(p.Kind()) }
	events.OnTrackPublished = func(pub *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) { tracks <- pub.SID() }
	reader := lksdk.NewRoom(events)
	if err := reader.RegisterTextStreamHandler(listener.TranscriptionTopic, func(r *lksdk.TextStreamReader, sender string) {
		words <- heard{sender, r.ReadAll(), r.Info.Attributes}
	}); err != nil {
		t.Fatal(err)
	}
	enter(t, url, run, "reader", &livekit.ParticipantPermission{CanSubscribe: true}, reader)
	await(t, tracks, "track")

	finals.Publish(run, Words{Identity: "ana", Segment: "s1", Text: "Good"})
	finals.Publish(run, Words{Identity: "ana", Segment: "s1", Text: "Good evening.", Final: true})
	if got := await(t, words, "words"); got.text != "Good evening." || got.sender != "writer-1" || got.attributes[listener.AttributeFinal] != "true" ||
		got.attributes[listener.AttributeSegment] != "s1" || got.attributes[listener.AttributeTrack] != published.SID() {
		t.Errorf("%+v, want the final on track %s", got, published.SID())
	}
	if kind := await(t, came, "participant"); kind != livekit.ParticipantInfo_AGENT {
		t.Errorf("a %s came", kind)
	}
	for range 2 { // it is safe to repeat
		if err := finals.Close(); err != nil {
			t.Error(err)
		}
	}
	finals.Publish(run, Words{Identity: "ana", Segment: "s2", Text: "Nobody hears this.", Final: true})

	all := New(url, passes{}, true, slog.New(slog.NewTextHandler(t.Output(), nil)))
	defer all.Close()
	all.Publish(run, Words{Identity: "ana", Segment: "s3", Text: "And"})
	if got := await(t, words, "words"); got.text != "And" || got.attributes[listener.AttributeFinal] != "false" {
		t.Errorf("%+v", got)
	}
}

// speak sends silence, as a microphone in a quiet room does: a track without
// sound is shown to nobody.
func speak(ctx context.Context, track *lksdk.LocalTrack) {
	const packetTime = 20 * time.Millisecond
	tick := time.NewTicker(packetTime)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = track.WriteSample(media.Sample{Data: []byte{0xf8, 0xff, 0xfe}, Duration: packetTime}, nil) // not before it is bound
		}
	}
}

func enter(t *testing.T, url, run, identity string, p *livekit.ParticipantPermission, room *lksdk.Room) *lksdk.Room {
	t.Helper()
	token, err := pass(run, identity, livekit.ParticipantInfo_STANDARD, p)
	if err != nil {
		t.Fatal(err)
	}
	if room == nil {
		room = lksdk.NewRoom(nil)
	}
	if err := room.JoinWithToken(url, token, lksdk.WithConnectTimeout(time.Minute)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(room.Disconnect)
	return room
}

func await[T any](t *testing.T, ch <-chan T, what string) (got T) {
	t.Helper()
	select {
	case got = <-ch:
	case <-time.After(time.Minute): // only a failure waits so long
		t.Fatalf("no %s", what)
	}
	return got
}
