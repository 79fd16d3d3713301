package stripesim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Control does to a simulator what nobody can do to Stripe. It works from the
// simulator's own process and from any other on this machine. Its errors say
// what the simulator answered.
type Control struct {
	URL string // of the simulator
	Key string
}

// Control returns the controls of this simulator.
func (s *Server) Control() *Control { return &Control{s.url, s.config.Key} }

// Now is the simulator's time.
func (c *Control) Now(ctx context.Context) (time.Time, error) {
	var out clockAnswer
	err := c.call(ctx, http.MethodGet, "/_sim/clock", nil, &out)
	return out.Now, err
}

// Advance moves the clock, and lets everything happen on the way that is due:
// sessions expire, bank debits settle, money becomes available, webhooks are
// sent again.
func (c *Control) Advance(ctx context.Context, by time.Duration) error {
	return c.post(ctx, "/_sim/clock", clockMove{by.String()})
}

// Fail makes something go wrong with requests to come.
func (c *Control) Fail(ctx context.Context, f Fault) error { return c.post(ctx, "/_sim/faults", f) }

// ClearFaults forgets the faults that are left and releases what is held.
func (c *Control) ClearFaults(ctx context.Context) error {
	return c.call(ctx, http.MethodDelete, "/_sim/faults", nil, nil)
}

// AwaitHeld waits until so many requests are held.
func (c *Control) AwaitHeld(ctx context.Context, n int) error {
	return c.post(ctx, "/_sim/faults/held", heldCount{n})
}

// ReleaseHeld lets the held requests go on.
func (c *Control) ReleaseHeld(ctx context.Context) error {
	return c.post(ctx, "/_sim/faults/release", struct{}{})
}

// Webhooks makes a rule for webhooks to come.
func (c *Control) Webhooks(ctx context.Context, rule WebhookRule) error {
	return c.post(ctx, "/_sim/webhooks/rules", rule)
}

// ClearWebhooks forgets the rules; what is held stays so.
func (c *Control) ClearWebhooks(ctx context.Context) error {
	return c.call(ctx, http.MethodDelete, "/_sim/webhooks/rules", nil, nil)
}

// HeldWebhook is a webhook that a rule holds back.
type HeldWebhook struct {
	Event    string `json:"event"`
	Type     string `json:"type"`
	Endpoint string `json:"endpoint"`
}

// HeldWebhooks lists what is held, in the order in which it came.
func (c *Control) HeldWebhooks(ctx context.Context) (all []HeldWebhook, err error) {
	err = c.call(ctx, http.MethodGet, "/_sim/webhooks/held", nil, &all)
	return all, err
}

// ReleaseWebhooks sends what is held: of the events named, in that order, then
// the others as they came.
func (c *Control) ReleaseWebhooks(ctx context.Context, events ...string) error {
	return c.post(ctx, "/_sim/webhooks/release", releaseOrder{events})
}

// Flush waits until every webhook that is due was tried.
func (c *Control) Flush(ctx context.Context) error {
	return c.post(ctx, "/_sim/webhooks/flush", struct{}{})
}

// Deliver sends an event to its endpoints once more and waits for their answers.
// Several calls at once deliver at once.
func (c *Control) Deliver(ctx context.Context, event string) error {
	return c.post(ctx, "/_sim/events/"+url.PathEscape(event)+"/deliver", struct{}{})
}

// RollSecret gives a webhook endpoint a new secret and returns it. From then on
// webhooks carry a signature of the old one and of the new one.
func (c *Control) RollSecret(ctx context.Context, endpoint string) (string, error) {
	var out secretAnswer
	err := c.call(ctx, http.MethodPost, "/_sim/webhook_endpoints/"+url.PathEscape(endpoint)+"/roll", struct{}{}, &out)
	return out.Secret, err
}

// DeclineNext refuses the next payment, whatever it is paid with. The code is
// one of Stripe's decline codes, such as insufficient_funds.
func (c *Control) DeclineNext(ctx context.Context, code string) error {
	return c.post(ctx, "/_sim/declines", declineOrder{code})
}

// Settle ends a bank debit that is processing: well, or refused by the bank.
func (c *Control) Settle(ctx context.Context, paymentIntent string, well bool) error {
	return c.post(ctx, "/_sim/payment_intents/"+url.PathEscape(paymentIntent)+"/settle", ending{well})
}

// FinishRefund ends a refund that is pending, or lets one fail that had
// succeeded.
func (c *Control) FinishRefund(ctx context.Context, refund string, well bool) error {
	return c.post(ctx, "/_sim/refunds/"+url.PathEscape(refund)+"/finish", ending{well})
}

// Dispute lets a buyer's bank dispute a charge over an amount in minor units, 0
// for all of it, and returns the dispute's id.
func (c *Control) Dispute(ctx context.Context, charge string, amount int64, reason string) (string, error) {
	var out identity
	err := c.call(ctx, http.MethodPost, "/_sim/charges/"+url.PathEscape(charge)+"/dispute", disputeOrder{amount, reason}, &out)
	return out.ID, err
}

// CloseDispute ends a dispute, won by the platform or lost.
func (c *Control) CloseDispute(ctx context.Context, dispute string, won bool) error {
	return c.post(ctx, "/_sim/disputes/"+url.PathEscape(dispute)+"/close", ending{won})
}

// PayOut empties the balance of a connected account, or with "" of the
// platform, in one currency, and returns the payout's id.
func (c *Control) PayOut(ctx context.Context, account, currency string) (string, error) {
	var out identity
	err := c.call(ctx, http.MethodPost, "/_sim/payouts", payoutOrder{account, currency}, &out)
	return out.ID, err
}

// Onboard does for an account what its host would do on the onboarding page:
// "finish", "review" (all sent in, not looked at yet) or "leave".
func (c *Control) Onboard(ctx context.Context, account, outcome string) error {
	return c.post(ctx, "/_sim/accounts/"+url.PathEscape(account)+"/onboarding", onboardingOrder{outcome})
}

// SetCapability makes a capability active, inactive or pending.
func (c *Control) SetCapability(ctx context.Context, account, name, status string) error {
	return c.post(ctx, "/_sim/accounts/"+url.PathEscape(account)+"/capability", capabilityOrder{name, status})
}

// Deauthorize takes the platform's access to an account away, as its owner can.
func (c *Control) Deauthorize(ctx context.Context, account string) error {
	return c.post(ctx, "/_sim/accounts/"+url.PathEscape(account)+"/deauthorize", struct{}{})
}

// Requests are the requests to the API so far, oldest first.
func (c *Control) Requests(ctx context.Context) (all []Request, err error) {
	err = c.call(ctx, http.MethodGet, "/_sim/requests", nil, &all)
	return all, err
}

// ClearRequests empties the log of requests.
func (c *Control) ClearRequests(ctx context.Context) error {
	return c.call(ctx, http.MethodDelete, "/_sim/requests", nil, nil)
}

func (c *Control) post(ctx context.Context, path string, in any) error {
	return c.call(ctx, http.MethodPost, path, in, nil)
}

func (c *Control) call(ctx context.Context, method, path string, in, out any) error {
	r, err := http.NewRequestWithContext(ctx, method, c.URL+path, bytes.NewReader(jsonOf(in)))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+c.Key)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, body)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(body, out)
}
