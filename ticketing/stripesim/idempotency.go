package stripesim

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"
)

const (
	// keepAnswers is how long Stripe remembers a key at least; here, at most too.
	keepAnswers = 24 * time.Hour
	maxKey      = 255
)

// begin looks up the idempotency key of a request. It returns the answer that
// is kept under it, or an error when the key cannot be used; with neither, the
// key is the request's until keep or release.
func (st *state) begin(key, request, print string) (*keptAnswer, error) {
	if key == "" {
		return nil, nil
	}
	if len(key) > maxKey {
		return nil, malformed("", "", "Idempotency keys can be at most %d characters long.", maxKey)
	}
	kept := st.Answers[key]
	switch {
	case kept == nil:
		st.Answers[key] = &keptAnswer{Request: request, Print: print, Until: st.now.Add(keepAnswers).Unix()}
		st.forgetLater(key)
		return nil, nil
	case kept.Print != print:
		e := malformed("", "", "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '%s' if you meant to execute a different request.", key)
		e.Type = "idempotency_error"
		return nil, e
	case kept.Answer == nil:
		e := malformed("idempotency_key_in_use", "", "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): %s.", key)
		e.status = http.StatusConflict
		return nil, e
	}
	return kept, nil
}

// keep stores the answer under the key, or frees the key when the endpoint
// never began.
func (st *state) keep(key string, a *answer) {
	if kept := st.Answers[key]; kept != nil && a != nil && !a.early {
		kept.Answer = a
	} else {
		delete(st.Answers, key)
	}
}

func (st *state) forgetLater(key string) {
	until := st.Answers[key].Until
	st.at(time.Unix(until, 0), func() {
		if kept := st.Answers[key]; kept != nil && kept.Until == until && kept.Answer != nil {
			delete(st.Answers, key)
		}
	})
}

// printOf tells requests apart that use the same key.
func printOf(c *call) string {
	sum := sha256.Sum256([]byte(c.r.Method + " " + c.r.URL.Path + " " + c.account + " " + c.form.Encode()))
	return hex.EncodeToString(sum[:])
}
