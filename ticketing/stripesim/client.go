package stripesim

import (
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
)

// Client returns the real Stripe client, pointed at this simulator. It logs
// nothing and repeats nothing, so that every request is one the caller made.
func (s *Server) Client() *client.API {
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL:               stripe.String(s.url),
		MaxNetworkRetries: stripe.Int64(0),
		// Of its own, because Go repeats a request by itself when a connection
		// that it had kept is gone.
		HTTPClient:    &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})
	return client.New(s.config.Key, &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
}
