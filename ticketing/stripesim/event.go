package stripesim

import (
	"encoding/json"
	"slices"
	"time"
)

// eventsKept is how far back Stripe's list of events reaches.
const eventsKept = 30 * 24 * time.Hour

// event tells what happened to a thing, with the thing as it was then.
type event struct {
	base
	Account         string    `json:"account,omitempty"`
	APIVersion      string    `json:"api_version"`
	Data            eventData `json:"data"`
	Livemode        bool      `json:"livemode"`
	PendingWebhooks int       `json:"pending_webhooks"`
	Request         cause     `json:"request"`
	Type            string    `json:"type"`
}

type eventData struct {
	Object             json.RawMessage `json:"object"`
	PreviousAttributes map[string]any  `json:"previous_attributes,omitempty"`
}

// emit tells what happened to a thing of its owner.
func (st *state) emit(kind string, r resource) { st.emitFor(r.head().Owner, kind, r, nil) }

// emitFor tells what happened on an account, "" for the platform; was holds
// properties with the values they had before.
func (st *state) emitFor(account, kind string, v any, was map[string]any) {
	e := &event{base: st.base("evt", "event", account), Account: account, APIVersion: st.config.AccountVersion,
		Data: eventData{Object: st.render(v, nil), PreviousAttributes: was}, Request: st.cause, Type: kind}
	add(st, &st.Events, e)
	for _, w := range st.Endpoints {
		if w.wants(e) {
			st.notify(w, e)
		}
	}
}

func (st *state) recent(e *event) bool { return e.Created > st.now.Add(-eventsKept).Unix() }

func getEvent(st *state, c *call) (any, error) {
	e, err := find[*event](st, c.account, c.id(), "event", "id")
	if err == nil && !st.recent(e) {
		err = missingResource("event", e.ID, "id")
	}
	return e, err
}

func listEvents(st *state, c *call) (any, error) {
	types := c.texts("types")
	return list(c, st.Events, func(e *event) bool {
		return st.recent(e) && c.is("type", e.Type) && (len(types) == 0 || slices.Contains(types, e.Type)) &&
			c.is("delivery_success", e.PendingWebhooks == 0)
	})
}
