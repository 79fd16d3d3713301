package stripepay

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/stripe/stripe-go/v76"

	"salon/ticketing"
)

// made names the error of a call that makes something under a key. What Stripe
// did not answer, and what others answered in its place, stays as it is: it
// leaves open whether something was done, and the call may be repeated.
func made(err error) error { return named(err, whatMade) }

// asked names the error of any other call.
func asked(err error) error { return named(err, whatAsked) }

func named(err error, name func(*stripe.Error) error) error {
	var e *stripe.Error
	if !errors.As(err, &e) {
		return err
	}
	if kind := name(e); kind != nil {
		return fmt.Errorf("%w: %w", kind, e)
	}
	return err
}

func whatMade(e *stripe.Error) error {
	switch {
	case passing(e):
		return ticketing.ErrTryAgain
	case e.Type == stripe.ErrorTypeIdempotency || e.HTTPStatusCode == http.StatusInternalServerError || replayed(e):
		return ticketing.ErrKeySpent
	case e.HTTPStatusCode >= http.StatusInternalServerError:
		return nil // of something in front of Stripe: the key does not know it
	case e.Param == "expires_at":
		// The request lay too long before it first reached Stripe. As it is stored
		// it never will do, but another one may.
		return ticketing.ErrKeySpent
	}
	return ticketing.ErrRefused
}

func whatAsked(e *stripe.Error) error {
	switch {
	case passing(e):
		return ticketing.ErrTryAgain
	case e.HTTPStatusCode >= http.StatusInternalServerError:
		return nil
	case e.HTTPStatusCode == http.StatusNotFound || e.HTTPStatusCode == http.StatusForbidden:
		return ticketing.ErrUnknown // 403: an account that took our access away
	}
	return ticketing.ErrRefused
}

// passing says that Stripe turned the call away before it looked at it: too
// fast, at the same moment as another, or with a key of ours that is wrong and
// will be put right.
func passing(e *stripe.Error) bool {
	return e.HTTPStatusCode == http.StatusTooManyRequests || e.HTTPStatusCode == http.StatusUnauthorized ||
		e.Code == stripe.ErrorCodeIdempotencyKeyInUse || e.Code == stripe.ErrorCodeLockTimeout || e.Code == stripe.ErrorCodeRateLimit
}

// replayed says that the failure is what the idempotency key keeps.
func replayed(e *stripe.Error) bool {
	return e.HTTPStatusCode >= http.StatusInternalServerError && e.LastResponse != nil && e.LastResponse.Header.Get("Idempotent-Replayed") == "true"
}
