package media

import (
	"net/http"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/webhook"

	"salon/internal/fault"
)

// ErrWebhook refuses an event that LiveKit did not sign.
var ErrWebhook = fault.Define("webhook-signature", fault.Unauthenticated)

// maxWebhook bounds an event's body: LiveKit's are a few KiB.
const maxWebhook = 256 << 10

// Webhook receives the media server's events. They are hints: each makes us
// look at the row again, so late, doubled or reordered ones do no harm and
// need no memory of what was seen.
func (c *Control) Webhook(refuse func(http.ResponseWriter, *http.Request, error)) http.Handler {
	keys := auth.NewSimpleKeyProvider(c.config.Key, c.config.Secret)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxWebhook)
		event, err := webhook.ReceiveWebhookEvent(r, keys)
		if err != nil {
			refuse(w, r, &fault.Fault{Kind: ErrWebhook, Cause: err})
			return
		}
		switch event.Event {
		case webhook.EventParticipantJoined, webhook.EventTrackPublished:
			c.Apply(r.Context(), event.Room.GetName(), event.Participant.GetIdentity())
		case webhook.EventRoomFinished:
			c.mu.Lock()
			c.dirty[event.Room.GetName()] = struct{}{}
			c.mu.Unlock()
		}
		w.WriteHeader(http.StatusNoContent)
	})
}
