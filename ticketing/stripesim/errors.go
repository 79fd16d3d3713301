package stripesim

import (
	"fmt"
	"net/http"
)

// apiError is a refusal in Stripe's form; see docs.stripe.com/api/errors.
type apiError struct {
	Type        string `json:"type"`
	Code        string `json:"code,omitempty"`
	DeclineCode string `json:"decline_code,omitempty"`
	Message     string `json:"message"`
	Param       string `json:"param,omitempty"`

	status int
	// early says that the endpoint never began: such an answer is not kept
	// under the request's idempotency key, as Stripe documents.
	early bool
}

func (e *apiError) Error() string { return e.Message }

// invalid refuses what the state of things does not allow.
func invalid(code, param, format string, args ...any) *apiError {
	return &apiError{Type: "invalid_request_error", Code: code, Param: param, Message: fmt.Sprintf(format, args...), status: http.StatusBadRequest}
}

// malformed refuses a request that says something it cannot say.
func malformed(code, param, format string, args ...any) *apiError {
	e := invalid(code, param, format, args...)
	e.early = true
	return e
}

func missingParam(name string) *apiError {
	return malformed("parameter_missing", name, "Missing required param: %s.", name)
}

func missingResource(what, id, param string) *apiError {
	e := invalid("resource_missing", param, "No such %s: '%s'", what, id)
	e.status = http.StatusNotFound
	return e
}

// noAccess is what Stripe says of accounts that are not the platform's, or not
// any more.
func noAccess(account string) *apiError {
	e := malformed("account_invalid", "", "The provided key does not have access to account '%s' (or that account does not exist). Application access may have been revoked.", account)
	e.status = http.StatusForbidden
	return e
}

func unauthorised(format string, args ...any) *apiError {
	e := malformed("", "", format, args...)
	e.status = http.StatusUnauthorized
	return e
}

func insufficient(format string, args ...any) *apiError {
	return invalid("balance_insufficient", "", format, args...)
}
