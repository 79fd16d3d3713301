package media

import (
	"errors"
	"fmt"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"

	"salon/rooms"
)

// TokenLife is how long a join token may be used. LiveKit refreshes it while
// the person is connected.
const TokenLife = 10 * time.Minute

// Pass mints the join token of a seat, with the rights of its row.
func (c *Control) Pass(seat rooms.Seat, name string) (rooms.Pass, error) {
	expires := time.Now().Add(TokenLife)
	video := &auth.VideoGrant{RoomJoin: true, Room: seat.Run}
	video.UpdateFromPermission(grantOf(seat))
	jwt, err := auth.NewAccessToken(c.config.Key, c.config.Secret).
		SetIdentity(seat.Identity).
		SetName(name).
		SetKind(livekit.ParticipantInfo_STANDARD).
		SetAttributes(attributes(seat)).
		SetValidFor(TokenLife).
		SetVideoGrant(video).
		ToJWT()
	if err != nil {
		return rooms.Pass{}, fmt.Errorf("sign token: %w", err)
	}
	return rooms.Pass{Token: jwt, ExpiresAt: expires}, nil
}

// maxToken bounds a token, in bytes; ours have less than a thousand.
const maxToken = 8 << 10

// claim is what a verified token says.
type claim struct {
	run, identity string
	permission    *livekit.ParticipantPermission
}

// readToken verifies a join token more strictly than LiveKit does: it must
// expire, must not have expired (LiveKit lets a minute pass), must name a room
// and may carry nothing but the right to join it.
func (c *Control) readToken(raw string, now time.Time) (claim, error) {
	if len(raw) > maxToken {
		return claim{}, errors.New("token too long")
	}
	v, err := auth.ParseAPIToken(raw)
	if err != nil {
		return claim{}, err
	}
	if v.APIKey() != c.config.Key {
		return claim{}, errors.New("token of another key")
	}
	registered, grants, err := v.Verify(c.config.Secret)
	if err != nil {
		return claim{}, err
	}
	if registered.ExpiresAt == nil || !now.Before(registered.ExpiresAt.Time) {
		return claim{}, errors.New("token without expiry or expired")
	}
	if err := joinOnly(grants); err != nil {
		return claim{}, err
	}
	return claim{run: grants.Video.Room, identity: grants.Identity, permission: grants.Video.ToPermission()}, nil
}

func joinOnly(g *auth.ClaimGrants) error {
	video := g.Video
	switch {
	case video == nil || !video.RoomJoin || video.Room == "" || g.Identity == "":
		return errors.New("not a token to join a room")
	case video.RoomAdmin || video.RoomCreate || video.RoomList || video.RoomRecord || video.IngressAdmin || video.DestinationRoom != "":
		return errors.New("token with rights over rooms")
	case g.SIP != nil || g.Agent != nil || g.Inference != nil || g.Observability != nil || g.RoomConfig != nil || g.RoomPreset != "":
		return errors.New("token with rights beyond joining")
	}
	return nil
}
