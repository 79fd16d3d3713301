package stripesim

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"
)

// delivery is an event on its way to an endpoint.
type delivery struct {
	Event    string
	Endpoint string
	At       time.Time
	Attempt  int  // how many have failed
	Held     bool // until released
}

// WebhookRule is something that happens to the webhooks of some events, in the
// place of sending each of them once and at once. Of several rules the first
// that fits counts.
type WebhookRule struct {
	// Type is the events' type; * stands for anything: "checkout.*", "*".
	Type string `json:"type"`
	// Action is "drop", "double" (send twice), "delay" (by DelaySeconds) or
	// "hold" (until ReleaseWebhooks).
	Action       string `json:"action"`
	DelaySeconds int64  `json:"delay_seconds,omitempty"` // of the simulator's time
	Times        int    `json:"times,omitempty"`         // how many webhooks it is for; 0 is all from now on
}

func (r *WebhookRule) fits(kind string) bool {
	ok, err := path.Match(r.Type, kind)
	return err == nil && ok
}

// ruleFor is what happens to the next webhook of an event's type.
func (st *state) ruleFor(kind string) *WebhookRule {
	for i, r := range st.rules {
		if !r.fits(kind) {
			continue
		}
		if r.Times > 0 {
			if r.Times--; r.Times == 0 {
				st.rules = append(st.rules[:i:i], st.rules[i+1:]...)
			}
		}
		return r
	}
	return &WebhookRule{}
}

// notify plans the webhook that tells an endpoint of an event.
func (st *state) notify(w *webhookEndpoint, e *event) {
	rule := st.ruleFor(e.Type)
	if rule.Action == "drop" {
		return
	}
	times := 1
	if rule.Action == "double" {
		times = 2
	}
	for range times {
		d := &delivery{Event: e.ID, Endpoint: w.ID, At: st.now.Add(time.Duration(rule.DelaySeconds) * time.Second), Held: rule.Action == "hold"}
		e.PendingWebhooks++
		st.Deliveries = append(st.Deliveries, d)
		st.deliverLater(d)
	}
}

func (st *state) deliverLater(d *delivery) {
	if !d.Held {
		st.at(d.At, func() { st.outbox = append(st.outbox, d) })
	}
}

func (st *state) heldWebhooks() []HeldWebhook {
	all := []HeldWebhook{}
	for _, d := range st.Deliveries {
		if e, ok := st.index[d.Event].(*event); ok && d.Held {
			all = append(all, HeldWebhook{e.ID, e.Type, d.Endpoint})
		}
	}
	return all
}

// letGo sends held webhooks: those of the events named, in that order, then the
// others as they came.
func (st *state) letGo(order []string) {
	rank := func(d *delivery) int {
		if i := slices.Index(order, d.Event); i >= 0 {
			return i
		}
		return len(order)
	}
	var held []*delivery
	for _, d := range st.Deliveries {
		if d.Held {
			held = append(held, d)
		}
	}
	slices.SortStableFunc(held, func(a, b *delivery) int { return rank(a) - rank(b) })
	for _, d := range held {
		d.Held, d.At = false, st.now
		st.deliverLater(d)
	}
}

// settleDelivery notes how an attempt went: done, to be made again, or given up.
func (st *state) settleDelivery(d *delivery, failure error) {
	again := failure != nil && d.Attempt < len(st.config.RetryWebhooks) && st.index[d.Endpoint] != nil
	if again {
		d.At = st.now.Add(st.config.RetryWebhooks[d.Attempt])
		d.Attempt++
		st.deliverLater(d)
		return
	}
	st.Deliveries = slices.DeleteFunc(st.Deliveries, func(other *delivery) bool { return other == d })
	if e, ok := st.index[d.Event].(*event); ok && failure == nil {
		e.PendingWebhooks--
	}
}

// dispatch sends what is due, one after the other.
func (s *Server) dispatch() {
	for {
		d, message := s.nextWebhook()
		if d == nil {
			return
		}
		err := message.send(s.ctx, s.caller)
		if err != nil {
			s.config.Log.Debug("simulated Stripe: webhook failed", "event", d.Event, "to", d.Endpoint, "error", err)
		}
		s.locked(func(st *state) {
			s.sending = false
			if s.ctx.Err() == nil {
				st.settleDelivery(d, err)
			}
		})
	}
}

// nextWebhook waits for one that is due; nil when the server stops.
func (s *Server) nextWebhook() (*delivery, *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if s.ctx.Err() != nil {
			return nil, nil
		}
		if len(s.state.outbox) > 0 {
			d := s.state.outbox[0]
			s.state.outbox = s.state.outbox[1:]
			s.sending = true
			return d, s.state.message(d.Endpoint, d.Event)
		}
		s.changed.Wait()
	}
}

// flush waits until everything that is due was sent.
func (s *Server) flush(ctx context.Context) error {
	defer s.wakeAfter(ctx)()
	s.locked(func(*state) {})
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.state.outbox) > 0 || s.sending {
		if err := errors.Join(ctx.Err(), s.ctx.Err()); err != nil {
			return err
		}
		s.changed.Wait()
	}
	return nil
}

// message is a webhook as it is sent.
type message struct {
	url, signature string
	body           []byte
}

var errNoEndpoint = errors.New("the endpoint or the event is not there any more")

// message writes an event for an endpoint, nil when one of them is gone. It is
// signed with the real time, whatever the simulator's, because receivers compare
// it with theirs.
func (st *state) message(endpoint, id string) *message {
	w, known := st.index[endpoint].(*webhookEndpoint)
	e, there := st.index[id].(*event)
	if !known || !there {
		return nil
	}
	shown := *e
	if w.APIVersion != "" {
		shown.APIVersion = string(w.APIVersion)
	}
	m := &message{url: w.URL, body: st.render(&shown, nil)}
	now := time.Now()
	parts := []string{fmt.Sprintf("t=%d", now.Unix())}
	for _, secret := range w.Secrets {
		parts = append(parts, "v1="+hex.EncodeToString(webhook.ComputeSignature(now, m.body, secret)))
	}
	m.signature = strings.Join(parts, ",")
	return m
}

// newCaller returns a client that calls loopback addresses only, follows nobody
// elsewhere, and waits ten seconds.
func newCaller() *http.Client {
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		if !isLoopback(address) {
			return fmt.Errorf("%s is not a loopback address", address)
		}
		return nil
	}}
	return &http.Client{
		Timeout:       10 * time.Second,
		Transport:     &http.Transport{DialContext: dialer.DialContext},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// send makes one attempt; every answer but 2xx is a failure.
func (m *message) send(ctx context.Context, caller *http.Client) error {
	if m == nil {
		return errNoEndpoint
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.url, bytes.NewReader(m.body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Stripe-Signature", m.signature)
	r.Header.Set("User-Agent", "Stripe/1.0 (simulated)")
	resp, err := caller.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxForm))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("the endpoint answered %s", resp.Status)
	}
	return nil
}
