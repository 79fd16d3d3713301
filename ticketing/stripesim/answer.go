package stripesim

import (
	"errors"
	"net/http"
)

// answer is what goes back to a client of the API.
type answer struct {
	Status int
	Body   []byte
	early  bool // the endpoint never began
}

// keptAnswer is what an idempotency key stands for.
type keptAnswer struct {
	Request string // the id of the first request
	Print   string // of its endpoint and parameters
	Until   int64  // Unix seconds
	Answer  *answer
}

// refusal answers with an error. One that is not Stripe's is a fault of the
// simulator.
func refusal(err error) *answer {
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{Type: "api_error", Message: "The simulator failed: " + err.Error(), status: http.StatusInternalServerError}
	}
	return &answer{Status: e.status, Body: jsonOf(map[string]any{"error": e}), early: e.early}
}
