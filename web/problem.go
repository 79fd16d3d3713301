package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"salon/internal/fault"
)

// Problem is a refusal as RFC 9457 says it, with a kind and a next step.
type Problem struct {
	Type     string `json:"type" doc:"the kind as a URN"`
	Title    string `json:"title" doc:"the HTTP status in words"`
	Status   int    `json:"status"`
	Kind     string `json:"kind" doc:"names the refusal; never changes"`
	Detail   string `json:"detail" doc:"a sentence for people, in the language asked for"`
	NextStep string `json:"next_step" doc:"what to do about it"`
	Errors   []Flaw `json:"errors,omitempty" doc:"what is wrong with the request, place by place"`

	members    map[string]any
	retryAfter int // seconds
}

// Flaw is one thing wrong with a request.
type Flaw struct {
	Place   string `json:"place" doc:"where, such as body.title"`
	Message string `json:"message"`
}

func (p *Problem) Error() string { return p.Kind + ": " + p.Detail }

// GetStatus tells huma the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes it application/problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells huma the headers of the answer.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{"Cache-Control": {"no-store"}}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	return h
}

// MarshalJSON adds the members particular to the case.
func (p *Problem) MarshalJSON() ([]byte, error) {
	type plain Problem
	fixed, err := json.Marshal((*plain)(p))
	if err != nil || len(p.members) == 0 {
		return fixed, err
	}
	all := map[string]any{}
	maps.Copy(all, p.members)
	if err := json.Unmarshal(fixed, &all); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

var statuses = map[fault.Class]int{
	fault.Invalid:         http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Gone:            http.StatusGone,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// problemOf puts an error into words. What is not a refusal is a fault of
// ours: it is logged here, once, and its text never leaves the house.
func problemOf(ctx context.Context, err error) *Problem {
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	f := fault.Of(err)
	if f == nil {
		if ctx.Err() == nil {
			logOf(ctx).Error("request failed", "error", err)
		}
		return problem(ctx, "internal", http.StatusInternalServerError, nil)
	}
	if f.Cause != nil {
		logOf(ctx).Debug("refused", "kind", f.Kind.Slug, "cause", f.Cause)
	}
	p := problem(ctx, f.Kind.Slug, statuses[f.Kind.Class], f.Params)
	p.members = f.Members
	if f.RetryAfter > 0 {
		p.retryAfter = int(math.Ceil(f.RetryAfter.Seconds()))
	}
	return p
}

func problem(ctx context.Context, kind string, status int, params fault.Params) *Problem {
	words := wordsOf(ctx)
	return &Problem{
		Type: "urn:salon:problem:" + kind, Title: http.StatusText(status), Status: status, Kind: kind,
		Detail: words.say(kind, params), NextStep: words.say(kind+".next", params),
	}
}

// Refuse answers a request with the problem that err is.
func Refuse(w http.ResponseWriter, r *http.Request, err error) {
	write(w, problemOf(r.Context(), err))
}

func write(w http.ResponseWriter, p *Problem) {
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p)
}

// huma builds its errors through package variables; ours are set once, and
// take what differs between servers from the request's context.
func init() {
	huma.NewError = func(status int, message string, _ ...error) huma.StatusError {
		return problem(context.Background(), "bad-request", status, nil)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		if status >= http.StatusInternalServerError {
			return problemOf(ctx.Context(), errors.Join(append(errs, nil)...))
		}
		p := problem(ctx.Context(), "bad-request", status, nil)
		for _, err := range errs {
			p.Errors = append(p.Errors, flawOf(err))
		}
		if len(p.Errors) == 0 {
			p.Errors = []Flaw{{Place: "request", Message: message}}
		}
		return p
	}
}

func flawOf(err error) Flaw {
	var detail *huma.ErrorDetail
	if errors.As(err, &detail) {
		return Flaw{Place: detail.Location, Message: detail.Message}
	}
	return Flaw{Place: "request", Message: err.Error()}
}

type logKey struct{}

func logOf(ctx context.Context) *slog.Logger {
	if log, ok := ctx.Value(logKey{}).(*slog.Logger); ok {
		return log
	}
	return slog.Default()
}
