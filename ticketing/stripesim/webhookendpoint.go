package stripesim

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"

	"github.com/stripe/stripe-go/v76"
)

// webhookEndpoint is a URL that is told of events: of the platform's own, or of
// those of connected accounts.
type webhookEndpoint struct {
	base
	APIVersion    optional          `json:"api_version"`
	Application   optional          `json:"application"`
	Description   optional          `json:"description"`
	EnabledEvents []string          `json:"enabled_events"`
	Livemode      bool              `json:"livemode"`
	Metadata      map[string]string `json:"metadata"`
	Status        string            `json:"status"`
	URL           string            `json:"url"`

	// Secrets sign what is sent; all of them, while the secret is being changed.
	Secrets []string `json:"_secrets"`
	Connect bool     `json:"_connect,omitempty"`
}

// maxEndpoints is what Stripe allows for the platform's events and for those of
// connected accounts, each.
const maxEndpoints = 16

func (w *webhookEndpoint) wants(e *event) bool {
	return w.Status == "enabled" && w.Connect == (e.Account != "") &&
		(slices.Contains(w.EnabledEvents, "*") || slices.Contains(w.EnabledEvents, e.Type))
}

// createdEndpoint is an endpoint with its secret, which Stripe shows this once.
type createdEndpoint struct {
	*webhookEndpoint
	Secret string `json:"secret"`
}

func createEndpoint(st *state, c *call) (any, error) {
	w := &webhookEndpoint{base: st.base("we", "webhook_endpoint", ""), APIVersion: optional(c.oneOf("api_version", "", stripe.APIVersion)),
		Description: optional(c.text("description")), EnabledEvents: c.eventTypes(), Metadata: c.pairs("metadata"),
		Status: "enabled", URL: c.hook(c.need("url")), Secrets: []string{newID("whsec")}, Connect: c.flag("connect")}
	if len(w.EnabledEvents) == 0 {
		c.fail(missingParam("enabled_events"))
	}
	if c.err != nil {
		return nil, c.err
	}
	if len(st.Endpoints) >= 2*maxEndpoints {
		return nil, invalid("", "", "You have reached the maximum of %d test webhook endpoints.", maxEndpoints)
	}
	add(st, &st.Endpoints, w)
	return createdEndpoint{w, w.Secrets[0]}, nil
}

var eventType = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)+$`)

// eventTypes reads which events are wanted: types in full, or * for all.
func (c *call) eventTypes() []string {
	all := c.texts("enabled_events")
	for _, name := range all {
		if name != "*" && !eventType.MatchString(name) {
			c.fail(malformed("", "enabled_events", "Invalid enabled_events: %s", name))
		}
	}
	return all
}

// hook wants a URL on this machine: the simulator calls nobody else.
func (c *call) hook(text string) string {
	if u, err := url.Parse(text); err != nil || u.Scheme != "http" && u.Scheme != "https" || !isLoopback(u.Host) {
		c.fail(malformed("url_invalid", "url", "Invalid URL: the simulator sends webhooks to loopback addresses only."))
	}
	return text
}

func getEndpoint(st *state, c *call) (any, error) {
	return find[*webhookEndpoint](st, "", c.id(), "webhook endpoint", "webhook_endpoint")
}

func listEndpoints(st *state, c *call) (any, error) {
	return list(c, st.Endpoints, func(*webhookEndpoint) bool { return true })
}

func updateEndpoint(st *state, c *call) (any, error) {
	w, err := find[*webhookEndpoint](st, "", c.id(), "webhook endpoint", "webhook_endpoint")
	if err != nil {
		return nil, err
	}
	target := c.hook(cmp.Or(c.text("url"), w.URL))
	disabled, events := c.flag("disabled"), c.eventTypes()
	if c.err != nil {
		return nil, c.err
	}
	w.URL = target
	if len(events) > 0 {
		w.EnabledEvents = events
	}
	if c.has("disabled") {
		w.Status = map[bool]string{true: "disabled", false: "enabled"}[disabled]
	}
	if c.has("description") {
		w.Description = optional(c.text("description"))
	}
	merge(w.Metadata, c.pairs("metadata"))
	return w, nil
}

func deleteEndpoint(st *state, c *call) (any, error) {
	w, err := find[*webhookEndpoint](st, "", c.id(), "webhook endpoint", "webhook_endpoint")
	if err != nil {
		return nil, err
	}
	remove(st, &st.Endpoints, w.ID)
	return deleted{ID: w.ID, Object: w.Object, Deleted: true}, nil
}
