// Package listener hears a room in LiveKit as a hidden participant and hands
// out the sound of each voice: Opus to 16 kHz mono, in order, with silence for
// what is missing.
package listener

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"

	"salon/captions"
)

// Passes makes the credential with which the listener enters a room.
type Passes interface {
	EarPass(run string) (token string, err error)
}

// Ear hears rooms at one media server.
type Ear struct {
	url    string // ws or wss
	passes Passes
}

var quiet sync.Once

// New returns the ear of the media server whose signalling is at url.
func New(url string, passes Passes) *Ear {
	quiet.Do(func() { lksdk.SetLogger(logger.GetDiscardLogger()) }) // it would log every packet's fate
	return &Ear{url, passes}
}

// Listen hears a room until the context or the connection ends.
func (e *Ear) Listen(ctx context.Context, room captions.Room, h captions.Hearer) error {
	token, err := e.passes.EarPass(room.Run)
	if err != nil {
		return err
	}
	gone := make(chan struct{})
	var once sync.Once
	var voices voices
	events := lksdk.NewRoomCallback()
	events.OnDisconnected = func() { once.Do(func() { close(gone) }) }
	events.OnTrackSubscribed = func(track *webrtc.TrackRemote, pub *lksdk.RemoteTrackPublication, who *lksdk.RemoteParticipant) {
		if pub.Source() == livekit.TrackSource_MICROPHONE {
			voices.begin(func() { hear(track, h.Voice(who.Identity())) })
		}
	}
	connected := lksdk.NewRoom(events)
	if err := connected.JoinWithContextAndToken(ctx, e.url, token); err != nil {
		return fmt.Errorf("enter to listen: %w", err)
	}
	h.Ready()
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case <-gone:
		err = errors.New("the connection ended")
	}
	connected.Disconnect()
	voices.end()
	return err
}

// voices are the tracks that are being heard. A track that arrives while the
// room is left is not.
type voices struct {
	mu    sync.Mutex
	ended bool
	all   sync.WaitGroup
}

func (v *voices) begin(hear func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.ended {
		v.all.Go(hear)
	}
}

func (v *voices) end() {
	v.mu.Lock()
	v.ended = true
	v.mu.Unlock()
	v.all.Wait()
}
