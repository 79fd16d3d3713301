package media

import (
	"testing"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"

	"salon/rooms"
)

func TestR1Grant(t *testing.T) {
	t.Parallel()
	listen := &livekit.ParticipantPermission{CanSubscribe: true}
	speak := &livekit.ParticipantPermission{CanSubscribe: true, CanPublish: true, CanPublishSources: []livekit.TrackSource{livekit.TrackSource_MICROPHONE}}
	nothing := &livekit.ParticipantPermission{}
	for _, c := range []struct {
		role             rooms.Role
		muted, suspended bool
		want             *livekit.ParticipantPermission
	}{
		{rooms.Host, false, false, speak}, {rooms.Speaker, false, false, speak}, {rooms.Listener, false, false, listen},
		{rooms.Host, true, false, listen}, {rooms.Speaker, true, false, listen}, {rooms.Listener, true, false, listen},
		{rooms.Host, false, true, nothing}, {rooms.Speaker, false, true, nothing}, {rooms.Listener, false, true, nothing},
		{rooms.Host, true, true, nothing}, {rooms.Speaker, true, true, nothing}, {rooms.Listener, true, true, nothing},
		{rooms.Cohost, false, false, speak}, {rooms.Cohost, true, false, listen}, {rooms.Guest, false, false, listen},
		{rooms.Admin, false, false, nothing}, {"someone new", false, false, nothing},
	} {
		if got := Grant(c.role, c.muted, c.suspended); !proto.Equal(got, c.want) {
			t.Errorf("%s muted %v suspended %v: %v", c.role, c.muted, c.suspended, got)
		}
	}
}

// Each right alone, on top of what a role has, is more than it has.
func TestR1ExceedsSeesEveryRight(t *testing.T) {
	t.Parallel()
	for _, role := range []rooms.Role{rooms.Host, rooms.Speaker, rooms.Listener} {
		want := Grant(role, false, false)
		if exceeds(want, want) {
			t.Errorf("%s exceeds itself", role)
		}
		for name, add := range map[string]func(*livekit.ParticipantPermission){
			"data":     func(p *livekit.ParticipantPermission) { p.CanPublishData = true },
			"metadata": func(p *livekit.ParticipantPermission) { p.CanUpdateMetadata = true },
			"hidden":   func(p *livekit.ParticipantPermission) { p.Hidden = true },
			//lint:ignore SA1019 deprecated, but a token can still carry it
			"recorder": func(p *livekit.ParticipantPermission) { p.Recorder = true },
			//lint:ignore SA1019 deprecated, but a token can still carry it
			"agent":       func(p *livekit.ParticipantPermission) { p.Agent = true },
			"metrics":     func(p *livekit.ParticipantPermission) { p.CanSubscribeMetrics = true },
			"sessions":    func(p *livekit.ParticipantPermission) { p.CanManageAgentSession = true },
			"all sources": func(p *livekit.ParticipantPermission) { p.CanPublish, p.CanPublishSources = true, nil },
			"camera": func(p *livekit.ParticipantPermission) {
				p.CanPublish, p.CanPublishSources = true, []livekit.TrackSource{livekit.TrackSource_MICROPHONE, livekit.TrackSource_CAMERA}
			},
		} {
			more := proto.Clone(want).(*livekit.ParticipantPermission)
			add(more)
			if !exceeds(more, want) {
				t.Errorf("%s with %s passes", role, name)
			}
			if name != "all sources" && exceeds(want, more) {
				t.Errorf("%s exceeds itself with %s", role, name)
			}
		}
	}
}

// R1: role × action × grant on a connected participant: what the server allows
// once the command returned.
func TestR1EveryActionOnEveryRoleReachesTheMediaServer(t *testing.T) {
	b := setup(t)
	const none, listen, speak = "none", "listen", "speak"
	// What a host, a speaker and a listener may do after the action; a refused
	// action leaves them as they were.
	same := [3]string{speak, speak, listen}
	down := [3]string{speak, listen, listen}
	gone := [3]string{speak, none, none}
	after := map[rooms.Action][3]string{
		rooms.RaiseHand: same, rooms.LowerHand: same, rooms.Accept: same, rooms.Decline: same, rooms.StepDown: down, rooms.UnmuteOwn: same,
		rooms.Approve: same, rooms.DeclineHand: same, rooms.ShowQuestion: same, rooms.Invite: same, rooms.Uninvite: same, rooms.PullDown: down,
		rooms.Mute: down, rooms.HardMute: down, rooms.Unmute: same, rooms.Remove: gone, rooms.Ban: gone, rooms.Unban: same,
		rooms.MakeCohost: {speak, speak, speak}, rooms.DropCohost: same,
	}
	if len(after) != len(rooms.StageActions()) {
		t.Fatalf("%d actions, %d in the table", len(rooms.StageActions()), len(after))
	}
	cells := 0
	for action, wants := range after {
		room, host := b.live()
		targets := [3]seat{host, b.speaker(room, host), b.join(room, b.account())}
		for i, target := range targets {
			if j := b.dial(b.gate, target.token, ""); !j.ok {
				t.Fatalf("connect: %+v", j)
			}
			actor := host
			if action.On() == rooms.OnSelf {
				actor = target
			}
			b.service.Act(b.ctx, rooms.Deed{Room: room.ID, Actor: actor.account, Target: target.account, Action: action})
			got := none
			if p := b.permission(room, target.identity); p != nil && p.CanPublish {
				got = speak
			} else if p != nil {
				got = listen
			}
			if got != wants[i] {
				t.Errorf("%s on %s: %s, want %s", action, []string{"host", "speaker", "listener"}[i], got, wants[i])
			}
			cells++
		}
	}
	t.Logf("R1: %d cells", cells)
}
