package media

import (
	"testing"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"

	"salon/rooms"
)

func TestGrant(t *testing.T) {
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
		{"someone new", false, false, listen},
	} {
		if got := Grant(c.role, c.muted, c.suspended); !proto.Equal(got, c.want) {
			t.Errorf("%s muted %v suspended %v: %v", c.role, c.muted, c.suspended, got)
		}
	}
}

// Each right alone, on top of what a role has, is more than it has.
func TestExceedsSeesEveryRight(t *testing.T) {
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

// TestEveryActionOnEveryRoleReachesTheMediaServer is role × action × grant on
// a connected participant: what the server allows once the command returned.
func TestEveryActionOnEveryRoleReachesTheMediaServer(t *testing.T) {
	b := setup(t)
	const none, listen, speak = "none", "listen", "speak"
	// What a host, a speaker and a listener may do after the action; a refused
	// action leaves them as they were.
	after := map[rooms.Action][3]string{
		rooms.RaiseHand: {speak, speak, listen}, rooms.LowerHand: {speak, speak, listen},
		rooms.Accept: {speak, speak, listen}, rooms.Decline: {speak, speak, listen},
		rooms.StepDown: {speak, listen, listen}, rooms.Invite: {speak, speak, listen},
		rooms.Uninvite: {speak, speak, listen}, rooms.PullDown: {speak, listen, listen},
		rooms.Mute: {speak, listen, listen}, rooms.Unmute: {speak, speak, listen},
		rooms.Ban: {speak, none, none}, rooms.Unban: {speak, speak, listen},
	}
	for _, action := range rooms.Actions {
		room, host := b.live()
		targets := [3]seat{host, b.speaker(room, host), b.join(room, b.account())}
		for i, target := range targets {
			if j := b.dial(b.gate, target.token, ""); !j.ok {
				t.Fatalf("connect: %+v", j)
			}
			actor := host
			if action.OnSelf() {
				actor = target
			}
			b.service.Act(b.ctx, room.ID, actor.account, action, target.account)
			got := none
			if p := b.permission(room, target.identity); p != nil && p.CanPublish {
				got = speak
			} else if p != nil {
				got = listen
			}
			if got != after[action][i] {
				t.Errorf("%s on %s: %s, want %s", action, []string{"host", "speaker", "listener"}[i], got, after[action][i])
			}
		}
	}
}
