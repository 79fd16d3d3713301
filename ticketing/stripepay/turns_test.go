package stripepay

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"salon/ticketing"
)

// sent notes when each call was let through.
type sent struct{ at chan time.Time }

func (s sent) RoundTrip(*http.Request) (*http.Response, error) {
	s.at <- time.Now()
	return &http.Response{}, nil
}

// Calls go out no faster than Stripe takes them, in their order; one that would
// wait too long is told so at once, and how many are before it; who gives up
// makes room; reads do not wait for writes.
func TestCallsTakeTheirTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		next := sent{make(chan time.Time, 1000)}
		const perSecond = 2
		turns := newTurns(perSecond, next)
		call := func(ctx context.Context, method string) error {
			r, err := http.NewRequestWithContext(ctx, method, "http://stripe.example/", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			_, err = turns.RoundTrip(r)
			return err
		}
		begun := time.Now()
		const waiting = perSecond * int(longestWait/time.Second)
		for range perSecond + waiting {
			go func() {
				if err := call(t.Context(), http.MethodPost); err != nil && t.Context().Err() == nil {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		if n, out := turns.writes.waiting.Load(), len(next.at); n != int64(waiting) || out != perSecond {
			t.Errorf("%d wait, %d went out", n, out)
		}
		if err := call(t.Context(), http.MethodPost); !errors.Is(err, ticketing.ErrTryAgain) || time.Since(begun) != 0 {
			t.Errorf("one too many: %v", err)
		}
		if err := call(t.Context(), http.MethodGet); err != nil || time.Since(begun) != 0 {
			t.Errorf("a read: %v", err)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if out := len(next.at); out != perSecond+10*perSecond+1 {
			t.Errorf("%d went out in 10 seconds", out)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := call(ctx, http.MethodPost); !errors.Is(err, ticketing.ErrTryAgain) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("given up: %v", err)
		}
		time.Sleep(longestWait)
		synctest.Wait()
		if n := turns.writes.waiting.Load(); n != 0 {
			t.Errorf("%d still wait", n)
		}
	})
}
