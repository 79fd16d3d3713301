// Package stripepay is the one place that speaks to Stripe: it fills
// ticketing.Payments with stripe-go, receives Stripe's webhooks, and makes the
// endpoints they go to. It decides nothing and remembers nothing.
package stripepay

import (
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"salon/ticketing"
)

// Config is how to reach Stripe, and as whom.
type Config struct {
	Key string // secret key, sk_… or a restricted one, rk_…
	URL string // of Stripe's API; "" is Stripe itself
	// Mark is written into all we make at Stripe. What bears another one is
	// somebody else's: several servers may share an account at Stripe.
	Mark string
	// Methods are the ways to pay, as Stripe names them; nil are those that are
	// switched on in its dashboard, of which some take days. A checkout for cards
	// only takes cards whatever they are.
	Methods []string
	// CallsPerSecond bounds writes, and reads, each; 0 is usualRate.
	CallsPerSecond float64
}

// callTime bounds one call, with its wait for a turn. It is shorter than the
// domain believes that a call without an answer may still be under way.
const callTime = 80 * time.Second

// Client is a platform's account at Stripe. It implements ticketing.Payments and
// repeats nothing by itself: whoever calls has stored the key, and repeats.
type Client struct {
	api    *client.API
	config Config
	turns  *turns
}

var _ ticketing.Payments = (*Client)(nil)

// New returns the client. It calls nobody.
func New(config Config) *Client {
	c := &Client{config: config, turns: newTurns(config.CallsPerSecond, http.DefaultTransport.(*http.Transport).Clone())}
	backend := &stripe.BackendConfig{
		MaxNetworkRetries: stripe.Int64(0), EnableTelemetry: stripe.Bool(false), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
		HTTPClient: &http.Client{Timeout: callTime, Transport: c.turns},
	}
	if config.URL != "" {
		backend.URL = stripe.String(config.URL)
	}
	api := stripe.GetBackendWithConfig(stripe.APIBackend, backend)
	c.api = client.New(config.Key, &stripe.Backends{API: api, Connect: api, Uploads: api})
	return c
}

// Live says whether a key moves real money.
func Live(key string) bool {
	return strings.HasPrefix(key, "sk_live_") || strings.HasPrefix(key, "rk_live_")
}

// Waiting is how many calls that make something wait for their turn now.
func (c *Client) Waiting() int { return int(c.turns.writes.waiting.Load()) }
