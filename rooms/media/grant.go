package media

import (
	"slices"
	"strconv"

	"github.com/livekit/protocol/livekit"

	"salon/rooms"
)

// microphone is the only thing anyone may publish.
var microphone = []livekit.TrackSource{livekit.TrackSource_MICROPHONE}

// Grant is what a person may do on the media server. It is always the whole
// permission: LiveKit reads what is left out as allowed, and an empty list of
// sources as all of them. Nobody gets data, metadata or admin rights; what
// hosts do goes through our API. Who may hear and speak stands in the one table
// of powers. A muted speaker may not publish at all,
// because a narrower source list cannot say "none".
func Grant(role rooms.Role, muted, suspended bool) *livekit.ParticipantPermission {
	if suspended {
		return &livekit.ParticipantPermission{}
	}
	if role == earRole {
		return &livekit.ParticipantPermission{CanSubscribe: true, Hidden: true}
	}
	if role == writerRole {
		// Without CanSubscribe it would not be told who speaks on which track.
		return &livekit.ParticipantPermission{CanSubscribe: true, CanPublishData: true}
	}
	p := &livekit.ParticipantPermission{CanSubscribe: rooms.May(role, rooms.Listen)}
	if rooms.May(role, rooms.Publish) && !muted {
		p.CanPublish, p.CanPublishSources = true, microphone
	}
	return p
}

func grantOf(s rooms.Seat) *livekit.ParticipantPermission {
	if !s.MayEnter() {
		return &livekit.ParticipantPermission{}
	}
	return Grant(s.Role, s.Muted, s.Suspended)
}

// attributes are what other clients may know of a seat.
func attributes(s rooms.Seat) map[string]string {
	return map[string]string{"salon.role": string(s.Role), "salon.bot": strconv.FormatBool(s.Bot)}
}

// exceeds says whether have allows anything that want does not.
func exceeds(have, want *livekit.ParticipantPermission) bool {
	for _, right := range []struct{ have, want bool }{
		{have.CanPublish, want.CanPublish},
		{have.CanSubscribe, want.CanSubscribe},
		{have.CanPublishData, want.CanPublishData},
		{have.CanUpdateMetadata, want.CanUpdateMetadata},
		{have.Hidden, want.Hidden},
		//lint:ignore SA1019 deprecated, but a token can still carry it
		{have.Recorder, want.Recorder},
		//lint:ignore SA1019 deprecated, but a token can still carry it
		{have.Agent, want.Agent},
		{have.CanSubscribeMetrics, want.CanSubscribeMetrics},
		{have.CanManageAgentSession, want.CanManageAgentSession},
	} {
		if right.have && !right.want {
			return true
		}
	}
	return have.CanPublish && wider(have.CanPublishSources, want.CanPublishSources)
}

func wider(have, want []livekit.TrackSource) bool {
	if len(have) == 0 {
		return len(want) != 0
	}
	return slices.ContainsFunc(have, func(s livekit.TrackSource) bool { return !slices.Contains(want, s) })
}

// differs says whether a connected participant is not what its seat says.
func differs(p *livekit.ParticipantInfo, s rooms.Seat) bool {
	have, want := p.Permission, grantOf(s)
	if have == nil || exceeds(have, want) || exceeds(want, have) {
		return true
	}
	for name, value := range attributes(s) {
		if p.Attributes[name] != value {
			return true
		}
	}
	return false
}
