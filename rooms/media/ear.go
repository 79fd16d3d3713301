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

// Captions have two seats without a row in every run. The ear hears, and
// nobody sees it. The writer publishes the words for other LiveKit clients, and
// everybody sees it: what a hidden participant sends arrives without a sender.
const (
	earRole    rooms.Role = "ear"
	writerRole rooms.Role = "writer"
)

// rowlessIdentity is the identity of a seat without a row. It follows from the
// run and our secret, so that every process knows it and nobody else could.
func (c *Control) rowlessIdentity(role rooms.Role, run string) string {
	mac := hmac.New(sha256.New, []byte(c.config.Secret))
	mac.Write([]byte(string(role) + " " + run))
	return string(role) + "-" + hex.EncodeToString(mac.Sum(nil)[:16])
}

func (c *Control) rowlessSeats(run string, live bool) []rooms.Seat {
	return []rooms.Seat{
		{Run: run, Identity: c.rowlessIdentity(earRole, run), Role: earRole, Live: live},
		{Run: run, Identity: c.rowlessIdentity(writerRole, run), Role: writerRole, Live: live},
	}
}

// EarPass mints the token with which a run is heard for captions.
func (c *Control) EarPass(run string) (string, error) {
	return c.rowlessPass(earRole, run, livekit.ParticipantInfo_STANDARD)
}

// WriterPass mints the token with which captions are published in a run.
func (c *Control) WriterPass(run string) (string, error) {
	return c.rowlessPass(writerRole, run, livekit.ParticipantInfo_AGENT)
}

func (c *Control) rowlessPass(role rooms.Role, run string, kind livekit.ParticipantInfo_Kind) (string, error) {
	seat := rooms.Seat{Run: run, Role: role, Live: true}
	video := &auth.VideoGrant{RoomJoin: true, Room: run}
	video.UpdateFromPermission(grantOf(seat))
	return auth.NewAccessToken(c.config.Key, c.config.Secret).
		SetIdentity(c.rowlessIdentity(role, run)).SetKind(kind).
		SetAttributes(attributes(seat)).SetValidFor(time.Minute).SetVideoGrant(video).ToJWT()
}

// rowSeat is the seat of an identity: its row, or one of those without.
func (c *Control) rowSeat(ctx context.Context, run, identity string) (rooms.Seat, error) {
	seat, err := c.rows.Seat(ctx, run, identity)
	if !errors.Is(err, rooms.ErrNotThere) {
		return seat, err
	}
	for _, rowless := range c.rowlessSeats(run, false) {
		if rowless.Identity == identity {
			_, live, err := c.rows.Run(ctx, run)
			rowless.Live = live
			return rowless, err
		}
	}
	return seat, err
}

// operators says whether a participant is the operator's own agent, which only
// somebody who knows the secret can send. It is left alone where the operator
// said that agents caption.
func (c *Control) operators(p *livekit.ParticipantInfo) bool {
	return c.config.Agents && p.GetKind() == livekit.ParticipantInfo_AGENT && p.GetIdentity() != ""
}
