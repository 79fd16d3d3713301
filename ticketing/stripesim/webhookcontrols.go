package stripesim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

func (s *Server) webhookControls(mux *http.ServeMux) {
	handle(s, mux, "POST /_sim/webhooks/rules", func(_ *http.Request, rule WebhookRule) (out struct{}, err error) {
		switch rule.Action {
		case "drop", "double", "delay", "hold":
			s.locked(func(st *state) { st.rules = append(st.rules, &rule) })
		default:
			err = fmt.Errorf("there is no action %q", rule.Action)
		}
		return out, err
	})
	handle(s, mux, "DELETE /_sim/webhooks/rules", func(*http.Request, struct{}) (out struct{}, err error) {
		s.locked(func(st *state) { st.rules = nil })
		return out, nil
	})
	handle(s, mux, "GET /_sim/webhooks/held", func(*http.Request, struct{}) (all []HeldWebhook, err error) {
		s.locked(func(st *state) { all = st.heldWebhooks() })
		return all, nil
	})
	handle(s, mux, "POST /_sim/webhooks/release", func(_ *http.Request, order releaseOrder) (out struct{}, err error) {
		s.locked(func(st *state) { st.letGo(order.Events) })
		return out, nil
	})
	handle(s, mux, "POST /_sim/webhooks/flush", func(r *http.Request, _ struct{}) (struct{}, error) {
		return struct{}{}, s.flush(r.Context())
	})
	handle(s, mux, "POST /_sim/events/{id}/deliver", func(r *http.Request, _ struct{}) (struct{}, error) {
		return struct{}{}, s.deliverAgain(r.Context(), r.PathValue("id"))
	})
	handle(s, mux, "POST /_sim/webhook_endpoints/{id}/roll", func(r *http.Request, _ struct{}) (out secretAnswer, err error) {
		s.locked(func(st *state) { out.Secret, err = st.roll(r.PathValue("id")) })
		return out, err
	})
}

type releaseOrder struct {
	Events []string `json:"events"`
}

type secretAnswer struct {
	Secret string `json:"secret"`
}

// deliverAgain sends an event to all its endpoints once more, at once, whatever
// became of its webhooks before.
func (s *Server) deliverAgain(ctx context.Context, id string) (err error) {
	var messages []*message
	s.locked(func(st *state) {
		e, ok := st.index[id].(*event)
		if !ok {
			err = missingResource("event", id, "id")
			return
		}
		for _, w := range st.Endpoints {
			if w.wants(e) {
				messages = append(messages, st.message(w.ID, id))
			}
		}
	})
	for _, m := range messages {
		err = errors.Join(err, m.send(ctx, s.caller))
	}
	return err
}

// roll gives an endpoint a new secret; what is sent is signed with both.
func (st *state) roll(id string) (string, error) {
	w, err := find[*webhookEndpoint](st, "", id, "webhook endpoint", "id")
	if err != nil {
		return "", err
	}
	fresh := newID("whsec")
	w.Secrets = []string{w.Secrets[len(w.Secrets)-1], fresh}
	return fresh, nil
}
