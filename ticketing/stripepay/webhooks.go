package stripepay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"salon/internal/fault"
	"salon/ticketing"
)

// ErrEvent refuses an event that Stripe did not send to us, or not now.
var ErrEvent = fault.Define("stripe-event", fault.Unauthenticated)

const (
	// maxEvent bounds an event's body: Stripe's are a few KiB.
	maxEvent = 256 << 10
	// tolerance is how far Stripe's clock and ours may be apart, both ways. The
	// library looks one way only.
	tolerance = 5 * time.Minute
)

// Secrets sign events: those of the platform, and those of connected accounts,
// which have an endpoint of their own. While a secret is changed there are two.
type Secrets struct{ Platform, Connect []string }

// Hints takes what events hint at, and returns once it cannot be lost.
type Hints interface {
	Receive(ctx context.Context, e ticketing.Event) error
}

// Webhooks receives Stripe's events. All that is believed of one is where to
// look; so late, doubled or reordered ones, and ones in the words of another
// version of the API, do no harm.
type Webhooks struct {
	Secrets Secrets
	Live    bool // events are of real money
	Hints   Hints
	Refuse  func(http.ResponseWriter, *http.Request, error)
}

// Platform receives the events of the platform's endpoint.
func (h *Webhooks) Platform() http.Handler { return h.receive(h.Secrets.Platform, false) }

// Connect receives the events of connected accounts.
func (h *Webhooks) Connect() http.Handler { return h.receive(h.Secrets.Connect, true) }

func (h *Webhooks) receive(secrets []string, connect bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEvent))
		if err == nil {
			var e stripe.Event
			if e, err = verified(body, r.Header.Get("Stripe-Signature"), secrets); err == nil {
				err = h.fits(e, connect)
			}
			if err == nil {
				h.take(w, r, e)
				return
			}
		}
		h.Refuse(w, r, &fault.Fault{Kind: ErrEvent, Cause: err})
	})
}

// verified returns an event that one of the secrets signed a moment ago.
func verified(body []byte, signature string, secrets []string) (e stripe.Event, err error) {
	err = webhook.ErrNoValidSignature
	for _, secret := range secrets {
		e, err = webhook.ConstructEventWithOptions(body, signature, secret, webhook.ConstructEventOptions{Tolerance: tolerance, IgnoreAPIVersionMismatch: true})
		if !errors.Is(err, webhook.ErrNoValidSignature) {
			break
		}
	}
	if err != nil {
		return e, err
	}
	if ahead := time.Until(signedAt(signature)); ahead > tolerance {
		return e, fmt.Errorf("signed %s from now", ahead)
	}
	return e, nil
}

// signedAt reads the time from a signature that is good.
func signedAt(signature string) (at time.Time) {
	for part := range strings.SplitSeq(signature, ",") {
		if text, ok := strings.CutPrefix(part, "t="); ok {
			seconds, err := strconv.ParseInt(text, 10, 64)
			if err == nil {
				at = time.Unix(seconds, 0) // the last one, as the library reads it
			}
		}
	}
	return at
}

// fits refuses what came to the wrong endpoint, and what is of another mode.
func (h *Webhooks) fits(e stripe.Event, connect bool) error {
	switch {
	case e.ID == "" || e.Type == "":
		return errors.New("not an event")
	case e.Livemode != h.Live:
		return fmt.Errorf("livemode is %t", e.Livemode)
	case connect != (e.Account != ""):
		return fmt.Errorf("event of account %q on the other endpoint", e.Account)
	}
	return nil
}

// take hands an event on. What is about nothing that has an id, as a balance,
// says nowhere to look.
func (h *Webhooks) take(w http.ResponseWriter, r *http.Request, e stripe.Event) {
	if hint := hintOf(e); hint.Object != "" {
		if err := h.Hints.Receive(r.Context(), hint); err != nil {
			h.Refuse(w, r, err)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

func hintOf(e stripe.Event) ticketing.Event {
	hint := ticketing.Event{ID: e.ID, Type: string(e.Type)}
	if e.Data == nil {
		return hint
	}
	var about struct {
		ID      any `json:"id"`
		Object  any `json:"object"`
		Payment any `json:"payment_intent"`
	}
	if json.Unmarshal(e.Data.Raw, &about) != nil {
		return hint
	}
	hint.Object, hint.Payment = text(about.ID), text(about.Payment)
	if about.Object == "payment_intent" {
		hint.Payment = hint.Object
	}
	return hint
}

// text is what is a text, and no id of anything else.
func text(v any) string {
	s, _ := v.(string)
	return s
}
