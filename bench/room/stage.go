package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"salon/bench/house"
)

// stage is a live room with a host.
type stage struct {
	house *house.House
	host  *house.Person
	path  string // of the room in the API
	seats int
}

func openStage(ctx context.Context, h *house.House) (*stage, error) {
	host, err := h.SignUp(ctx, "host")
	if err != nil {
		return nil, err
	}
	if err := h.Admin(ctx, "allow", "host"); err != nil {
		return nil, err
	}
	var room struct{ ID string }
	err = host.Call(ctx, http.MethodPost, "/api/rooms", map[string]any{"title": "Bench", "language": "en", "start": true}, &room)
	return &stage{house: h, host: host, path: "/api/rooms/" + room.ID}, err
}

// newcomer is a fresh account.
func (s *stage) newcomer(ctx context.Context) (*house.Person, error) {
	s.seats++
	return s.house.SignUp(ctx, fmt.Sprintf("person_%d", s.seats))
}

// speaker is a fresh account on stage.
func (s *stage) speaker(ctx context.Context) (*house.Person, error) {
	p, err := s.newcomer(ctx)
	if err != nil {
		return nil, err
	}
	return p, errors.Join(
		p.Call(ctx, http.MethodPost, s.path+"/join", nil, nil),
		s.host.Call(ctx, http.MethodPut, s.path+"/people/"+p.ID+"/invitation", nil, nil),
		p.Call(ctx, http.MethodPost, s.path+"/invitation/accept", nil, nil))
}

// connect does what the app does on Join: asks for a pass and connects.
func (s *stage) connect(ctx context.Context, p *house.Person, heard func(*webrtc.TrackRemote)) (*lksdk.Room, error) {
	var entry struct{ URL, Token string }
	if err := p.Call(ctx, http.MethodPost, s.path+"/join", nil, &entry); err != nil {
		return nil, err
	}
	return lksdk.ConnectToRoomWithToken(entry.URL, entry.Token, callbacks(heard))
}

func callbacks(heard func(*webrtc.TrackRemote)) *lksdk.RoomCallback {
	cb := lksdk.NewRoomCallback()
	if heard != nil {
		cb.OnTrackSubscribed = func(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, _ *lksdk.RemoteParticipant) {
			heard(track)
		}
	}
	return cb
}

// timePublishing times from tapping Join to the microphone being published.
func (s *stage) timePublishing(ctx context.Context, rounds int) (took []time.Duration, err error) {
	p, err := s.speaker(ctx)
	if err != nil {
		return nil, err
	}
	for range rounds {
		began := time.Now()
		room, err := s.connect(ctx, p, nil)
		if err != nil {
			return nil, fmt.Errorf("connect: %w", err)
		}
		talk, err := publish(room)
		took = append(took, time.Since(began))
		if err != nil {
			return nil, err
		}
		talk.stop()
		room.Disconnect()
	}
	return took, nil
}

// talk is a published microphone that sends a packet each 20 ms.
type talk struct{ stop context.CancelFunc }

// opusFrame is 20 ms of silence as Opus (RFC 6716: TOC of a CELT frame).
var opusFrame = []byte{0xf8, 0xff, 0xfe}

const frameLength = 20 * time.Millisecond

func publish(room *lksdk.Room) (*talk, error) {
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2})
	if err != nil {
		return nil, err
	}
	bound := make(chan struct{}, 1)
	track.OnBind(func() {
		select {
		case bound <- struct{}{}:
		default:
		}
	})
	if _, err := room.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{Name: "microphone", Source: livekit.TrackSource_MICROPHONE}); err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	select {
	case <-bound:
	case <-time.After(house.Patience):
		stop()
		return nil, errors.New("the microphone was never connected")
	}
	go func() {
		tick := time.NewTicker(frameLength)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				track.WriteSample(media.Sample{Data: opusFrame, Duration: frameLength}, nil)
			}
		}
	}()
	return &talk{stop}, nil
}
