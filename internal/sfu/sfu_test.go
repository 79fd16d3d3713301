package sfu

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

func start(t *testing.T, c Config) *Server {
	t.Helper()
	s, err := Start(bounded(t), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(bounded(t)); err != nil {
			t.Error(err)
		}
	})
	return s
}

func rooms(c Config) *lksdk.RoomServiceClient {
	return lksdk.NewRoomServiceClient(c.url(), c.Key, c.Secret)
}

func makeRoom(t *testing.T, c Config, name string) {
	t.Helper()
	if _, err := rooms(c).CreateRoom(bounded(t), &livekit.CreateRoomRequest{Name: name}); err != nil {
		t.Fatal(err)
	}
}

func join(t *testing.T, c Config, room, who string, callback *lksdk.RoomCallback) (*lksdk.Room, error) {
	t.Helper()
	token, err := auth.NewAccessToken(c.Key, c.Secret).SetIdentity(who).
		SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: room}).SetValidFor(time.Minute).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	return lksdk.ConnectToRoomWithToken(strings.Replace(c.url(), "http", "ws", 1), token, callback)
}

func mustJoin(t *testing.T, c Config, room, who string, callback *lksdk.RoomCallback) *lksdk.Room {
	t.Helper()
	r, err := join(t, c, room, who, callback)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Disconnect)
	return r
}

// speak publishes silence, one Opus frame every 20 ms, until the test ends.
func speak(t *testing.T, r *lksdk.Room) {
	t.Helper()
	track, err := lksdk.NewLocalSampleTrack(webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := track.StartWrite(&silence{}, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = track.Close() })
	_, err = r.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{
		Name: "mic", Source: livekit.TrackSource_MICROPHONE,
	})
	if err != nil {
		t.Fatal(err)
	}
}

type silence struct{ lksdk.BaseSampleProvider }

func (silence) NextSample(context.Context) (media.Sample, error) {
	return media.Sample{Data: []byte{0xf8, 0xff, 0xfe}, Duration: 20 * time.Millisecond}, nil
}

// hear counts the packets of what it is subscribed to and tells when there are enough.
func hear(enough int) (*lksdk.RoomCallback, <-chan string) {
	heard := make(chan string, 1)
	return &lksdk.RoomCallback{ParticipantCallback: lksdk.ParticipantCallback{
		OnTrackSubscribed: func(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
			for range enough {
				if _, _, err := track.ReadRTP(); err != nil {
					return
				}
			}
			heard <- track.Codec().MimeType
		},
	}}, heard
}

func TestVoiceGoesThrough(t *testing.T) {
	c := testConfig(t)
	before := slog.Default()
	s := start(t, c)
	if s.URL() != c.url() {
		t.Errorf("URL %s", s.URL())
	}
	if slog.Default() != before {
		t.Error("slog's default is not ours any more")
	}
	makeRoom(t, c, "room")
	callback, heard := hear(50)
	mustJoin(t, c, "room", "listener", callback)
	speak(t, mustJoin(t, c, "room", "speaker", &lksdk.RoomCallback{}))
	select {
	case codec := <-heard:
		if !strings.EqualFold(codec, "audio/opus") && !strings.EqualFold(codec, "audio/red") {
			t.Errorf("codec %s", codec)
		}
	case <-time.After(within):
		t.Fatal("no 50 packets")
	}

	// With both still there.
	began := time.Now()
	if err := s.Stop(bounded(t)); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(bounded(t)); err != nil {
		t.Errorf("second stop: %v", err)
	}
	if took := time.Since(began); took > StopBound {
		t.Errorf("stop took %s", took)
	}
	start(t, c) // all ports are free again
}

func TestAbsentRoomIsNotMade(t *testing.T) {
	c := testConfig(t)
	start(t, c)
	if r, err := join(t, c, "absent", "somebody", &lksdk.RoomCallback{}); err == nil {
		r.Disconnect()
		t.Fatal("joined a room that does not exist")
	}
	list, err := rooms(c).ListRooms(bounded(t), &livekit.ListRoomsRequest{})
	if err != nil || len(list.Rooms) != 0 {
		t.Errorf("rooms %v, %v", list, err)
	}
}

func TestWebhooksAreSent(t *testing.T) {
	told := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		told <- r.Header.Get("Authorization")
	}))
	defer hook.Close()
	c := testConfig(t)
	c.WebhookURL = hook.URL
	start(t, c)
	makeRoom(t, c, "room")
	select {
	case signature := <-told:
		if signature == "" {
			t.Error("unsigned")
		}
	case <-time.After(within):
		t.Fatal("nobody told")
	}
}

func TestTakenPortIsNotOurServer(t *testing.T) {
	c := testConfig(t)
	start(t, c)
	other := testConfig(t)
	other.HTTPPort = c.HTTPPort
	if s, err := Start(bounded(t), other); err == nil {
		t.Fatalf("started on somebody else's port: %v", s.Stop(bounded(t)))
	}
	// The failed start has let go of its media ports.
	other.HTTPPort = testConfig(t).HTTPPort
	start(t, other)
}

func TestStartStress(t *testing.T) {
	c := testConfig(t)
	for i := range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*40*time.Millisecond)
		s, err := Start(ctx, c)
		cancel()
		if err == nil {
			err = s.Stop(bounded(t))
		} else if errors.Is(err, context.DeadlineExceeded) {
			err = nil
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	start(t, c)
}

func TestConfigRefusals(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Config){
		"short secret": func(c *Config) { c.Secret = "short" },
		"no address":   func(c *Config) { c.NodeIP = "not an address" },
	} {
		c := testConfig(t)
		spoil(&c)
		if _, err := Start(t.Context(), c); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestHTTPIsOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	conf, err := c.livekit()
	if err != nil {
		t.Fatal(err)
	}
	if len(conf.BindAddresses) != 1 || conf.BindAddresses[0] != "127.0.0.1" {
		t.Errorf("bound to %v", conf.BindAddresses)
	}
	if conf.Room.AutoCreate || conf.EnableDataTracks || conf.TURN.Enabled || conf.Development {
		t.Errorf("something is on that must not be: %+v", conf.Room)
	}
	u, err := url.Parse(c.url())
	if err != nil || u.Port() != strconv.Itoa(c.HTTPPort) {
		t.Errorf("url %s, %v", c.url(), err)
	}
}
