package ticketing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
)

// What a call to Stripe makes.
const (
	makesAccount  = "account"
	makesCheckout = "checkout"
	makesRefund   = "refund"
)

// keyLife is how long a key is surely known to Stripe, which forgets it after
// 24 hours. From then on one looks for what was done before calling again.
const keyLife = 23 * time.Hour

// call is a request to Stripe that is stored with its key before it is sent, so
// that a crash in between leads to the same request and not to a second one.
type call struct {
	Key     string
	Request json.RawMessage
	Old     bool // the key may be forgotten
}

// callTx returns the open call that makes something for the subject, or opens
// one with this request. The caller has locked the subject, and seen that the
// thing is not there yet.
func callTx(ctx context.Context, tx pgx.Tx, makes string, subject uuid.UUID, request any) (call, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return call{}, fmt.Errorf("encode request: %w", err)
	}
	_, err = tx.Exec(ctx, `
		insert into stripe_calls (key, what, subject, request)
		select $1 || ':' || $2::uuid || ':' || count(*) + 1, $1, $2, $3 from stripe_calls where subject = $2 and what = $1
		having count(*) = count(spent_at)`, makes, subject, body)
	if err != nil {
		return call{}, fmt.Errorf("store call: %w", err)
	}
	return openCallTx(ctx, tx, makes, subject)
}

// errNoCall: nothing is asked of Stripe for the subject.
var errNoCall = errors.New("no open call")

// openCallTx returns the open call, which is about to be sent again.
func openCallTx(ctx context.Context, tx pgx.Tx, makes string, subject uuid.UUID) (call, error) {
	return one[call](ctx, tx, errNoCall, `
		update stripe_calls set sent_at = now() where subject = $1 and what = $2 and spent_at is null
		returning key, request, made_at < now() - $3::interval as old`, subject, makes, keyLife)
}

// spend notes that the key is never to be sent again.
func (s *Service) spend(ctx context.Context, key string) error {
	_, err := s.pool.Exec(ctx, `update stripe_calls set spent_at = now() where key = $1 and spent_at is null`, key)
	return err
}

// answeredTx notes that the open call did what it should, or never will.
func answeredTx(ctx context.Context, tx pgx.Tx, makes string, subject uuid.UUID) error {
	_, err := tx.Exec(ctx, `update stripe_calls set spent_at = now() where subject = $1 and what = $2 and spent_at is null`, subject, makes)
	return err
}

// stripeRetry is when it is worth asking again what Stripe could not answer.
const stripeRetry = 3 * time.Second

// busy tells people that Stripe did not answer as hoped, and the log why.
func busy(err error) error {
	return &fault.Fault{Kind: ErrPaymentsBusy, Params: fault.Params{"seconds": int(stripeRetry / time.Second)}, RetryAfter: stripeRetry, Cause: err}
}
