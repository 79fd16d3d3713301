package listener

import (
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"salon/captions"
)

// agent enters the stage's room as LiveKit's agents do, or as somebody who only
// says so.
func (s *stage) agent(identity string) *lksdk.Room {
	s.t.Helper()
	video := &auth.VideoGrant{RoomJoin: true, Room: s.room.Run}
	video.UpdateFromPermission(&livekit.ParticipantPermission{CanPublishData: true})
	token, err := auth.NewAccessToken(key, secret).SetIdentity(identity).SetKind(livekit.ParticipantInfo_AGENT).
		SetValidFor(time.Minute).SetVideoGrant(video).ToJWT()
	if err != nil {
		s.t.Fatal(err)
	}
	room, err := lksdk.ConnectToRoomWithToken(strings.Replace(s.url, "http", "ws", 1), token, nil, lksdk.WithConnectTimeout(time.Minute))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(room.Disconnect)
	return room
}

// An agent's transcription of what a speaker says, found by the speaker's
// track, is shown while it grows and kept when it is final, as the agent's.
func TestAnAgentsWordsAreTakenIn(t *testing.T) {
	s := openStage(t, nil, captions.Engines{Agents: true})
	ana := s.enter("ana")
	track := ana.room.LocalParticipant.TrackPublications()[0].SID()
	agent := s.agent("agent-1")
	tell := func(from *lksdk.Room, segment, text, final string) {
		from.LocalParticipant.SendText(text, lksdk.StreamTextOptions{Topic: TranscriptionTopic, Attributes: map[string]string{
			AttributeSegment: segment, AttributeTrack: track, AttributeFinal: final,
		}})
	}
	// Our own captions, published for others, are not heard again.
	tell(s.agent("writer-1"), "s0", "Our own words.", "true")
	tell(agent, "s1", "The doors", "false")
	if who := await(t, s.growth, "guess"); who != "ana" {
		t.Errorf("%s is said to speak", who)
	}
	tell(agent, "s1", "The doors open at nine.", "true")
	s.hears("ana", "the doors open at nine")
	tell(agent, "s1", "The doors open at nine, again.", "true") // final is final
	tell(agent, "s2", "Bring a friend.", "true")
	s.hears("ana", "bring a friend")
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := s.lines["ana"]
	if len(s.lines) != 1 || len(lines) != 2 {
		t.Fatalf("%+v", s.lines)
	}
	for _, line := range lines {
		if line.Source != captions.Agent || line.Engine != "agent-1" || line.Revision != 1 || line.Segment == "" || line.End.Before(line.Start) {
			t.Errorf("%+v", line)
		}
	}
	if lines[0].Segment == lines[1].Segment {
		t.Error("one segment for two lines")
	}
}
