package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/pion/webrtc/v4/pkg/media/oggreader"
)

// turn is one recorded utterance.
type turn struct {
	who     int // host or guest
	packets [][]byte
}

// packetTime is the sound in one packet; deploy/voices writes one a page.
const packetTime = 20 * time.Millisecond

// spoken is the loudness told with each packet, in -dBov (RFC 6464): that of
// ordinary speech. Without it the media server sees nobody speaking, because
// it does not open packets.
const spoken uint8 = 25

// loadTurns reads the recordings in the order of their names, NN-ana.ogg or
// NN-ben.ogg. None is no error: the demo is silent then, and says so.
func loadTurns(folder string) ([]turn, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.ogg"))
	if err != nil {
		return nil, err
	}
	var turns []turn
	for _, file := range files {
		packets, err := readOgg(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		t := turn{who: host, packets: packets}
		if strings.HasSuffix(file, "-ben.ogg") {
			t.who = guest
		}
		turns = append(turns, t)
	}
	return turns, nil
}

func readOgg(file string) (packets [][]byte, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pages, _, err := oggreader.NewWith(f)
	if err != nil {
		return nil, err
	}
	for {
		packet, _, err := pages.ParseNextPage()
		if errors.Is(err, io.EOF) {
			return packets, nil
		}
		if err != nil {
			return nil, err
		}
		if len(packet) > 0 && !strings.HasPrefix(string(packet), "OpusTags") {
			packets = append(packets, packet)
		}
	}
}

func publish(room *lksdk.Room) (*lksdk.LocalTrack, error) {
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2})
	if err != nil {
		return nil, err
	}
	_, err = room.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{Name: "microphone", Source: livekit.TrackSource_MICROPHONE})
	return track, err
}

// speak plays the recording at the pace it was spoken.
func (t turn) speak(ctx context.Context, voice *lksdk.LocalTrack) {
	tick := time.NewTicker(packetTime)
	defer tick.Stop()
	for _, packet := range t.packets {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			level := spoken
			voice.WriteSample(media.Sample{Data: packet, Duration: packetTime}, &lksdk.SampleWriteOptions{AudioLevel: &level})
		}
	}
}
