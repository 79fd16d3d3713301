// Package listener hears a room in LiveKit as a hidden participant and hands
// out the sound of each voice: Opus to 16 kHz mono, in order, with silence for
// what is missing.
package listener

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

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
	agents bool // others listen, and tell us
}

var quiet sync.Once

// New returns the ear of the media server whose signalling is at url.
func New(url string, passes Passes) *Ear {
	quiet.Do(func() { lksdk.SetLogger(logger.GetDiscardLogger()) }) // it would log every packet's fate
	return &Ear{url: url, passes: passes}
}

// NewAgents returns an ear that hears no sound: it takes the words that
// LiveKit agents in the room publish.
func NewAgents(url string, passes Passes) *Ear {
	ear := New(url, passes)
	ear.agents = true
	return ear
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
	if e.agents {
		if err := hearAgents(connected, h); err != nil {
			return err
		}
	}
	if err := connected.JoinWithContextAndToken(ctx, e.url, token, lksdk.WithAutoSubscribe(!e.agents)); err != nil {
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

// Attributes of transcriptions as LiveKit's agents send them
// (docs.livekit.io/agents/build/text).
const (
	TranscriptionTopic = "lk.transcription"
	AttributeSegment   = "lk.segment_id"
	AttributeTrack     = "lk.transcribed_track_id"
	AttributeFinal     = "lk.transcription_final"
)

// hearAgents takes the transcriptions that are sent in the room. Only who may
// publish data can send them: agents, and nobody who came through a browser.
func hearAgents(room *lksdk.Room, h captions.Hearer) error {
	return room.RegisterTextStreamHandler(TranscriptionTopic, func(reader *lksdk.TextStreamReader, sender string) {
		if strings.HasPrefix(sender, ours) {
			return
		}
		info := reader.Info
		words := captions.Words{
			Identity: speakerOf(room, info.Attributes[AttributeTrack], sender), Agent: sender, Segment: info.Attributes[AttributeSegment],
			Text: reader.ReadAll(), Final: info.Attributes[AttributeFinal] == "true", Sent: time.UnixMilli(info.Timestamp),
		}
		if words.Agent == words.Identity { // it sends in the name of who spoke
			words.Agent = agentIn(room)
		}
		if words.Segment == "" {
			words.Segment = info.Id
		}
		h.Words(words)
	})
}

// ours begins the identity of who publishes our own captions, see package
// media; nobody else's identity has a dash.
const ours = "writer-"

// speakerOf is who is heard on a track; agents that name no track send in the
// name of who spoke.
func speakerOf(room *lksdk.Room, track, sender string) string {
	for _, p := range room.GetRemoteParticipants() {
		for _, pub := range p.TrackPublications() {
			if track != "" && pub.SID() == track {
				return p.Identity()
			}
		}
	}
	return sender
}

// agentIn is the identity of the agent in the room, if there is one.
func agentIn(room *lksdk.Room) string {
	for _, p := range room.GetRemoteParticipants() {
		if p.Kind() == lksdk.ParticipantAgent {
			return p.Identity()
		}
	}
	return ""
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
