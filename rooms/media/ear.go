package media

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"

	"salon/rooms"
)

// earRole is the role of whoever captions a room: it hears, and nobody sees it.
const earRole rooms.Role = "ear"

// earIdentity is the identity under which a run is heard. It follows from the
// run and our secret, so that every process knows it and nobody else could.
func (c *Control) earIdentity(run string) string {
	mac := hmac.New(sha256.New, []byte(c.config.Secret))
	mac.Write([]byte("ear " + run))
	return "ear-" + hex.EncodeToString(mac.Sum(nil)[:16])
}

// EarPass mints the token with which a run is heard for captions.
func (c *Control) EarPass(run string) (string, error) {
	seat := rooms.Seat{Run: run, Role: earRole, Live: true}
	video := &auth.VideoGrant{RoomJoin: true, Room: run}
	video.UpdateFromPermission(grantOf(seat))
	return auth.NewAccessToken(c.config.Key, c.config.Secret).
		SetIdentity(c.earIdentity(run)).SetKind(livekit.ParticipantInfo_STANDARD).
		SetAttributes(attributes(seat)).SetValidFor(time.Minute).SetVideoGrant(video).ToJWT()
}

// rowSeat is the seat of an identity: its row, or the ear's, which has none.
func (c *Control) rowSeat(ctx context.Context, run, identity string) (rooms.Seat, error) {
	seat, err := c.rows.Seat(ctx, run, identity)
	if !errors.Is(err, rooms.ErrNotThere) || identity != c.earIdentity(run) {
		return seat, err
	}
	_, live, err := c.rows.Run(ctx, run)
	return rooms.Seat{Run: run, Identity: identity, Role: earRole, Live: live}, err
}
