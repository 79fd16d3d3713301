package stripepay_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stripe/stripe-go/v76/webhook"

	"salon/internal/fault"
	"salon/ticketing"
	"salon/ticketing/stripepay"
)

// hints notes what was received.
type hints struct {
	mu  sync.Mutex
	all []ticketing.Event
	err error
}

func (h *hints) Receive(_ context.Context, e ticketing.Event) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, e)
	return h.err
}

func refuse(w http.ResponseWriter, _ *http.Request, err error) {
	if fault.Of(err) == nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusUnauthorized)
}

const (
	platformSecret, oldSecret, connectSecret = "whsec_platform", "whsec_old", "whsec_connect"

	completed = `{"id":"evt_1","object":"event","type":"checkout.session.completed","api_version":"2023-10-16","livemode":false,"created":1,
		"data":{"object":{"id":"cs_1","object":"checkout.session","payment_intent":"pi_1"}}}`
	accountUpdated = `{"id":"evt_2","object":"event","type":"account.updated","account":"acct_1","livemode":false,"data":{"object":{"id":"acct_1","object":"account"}}}`
)

func received(h *hints) *stripepay.Webhooks {
	return &stripepay.Webhooks{Secrets: stripepay.Secrets{Platform: []string{platformSecret, oldSecret}, Connect: []string{connectSecret}}, Hints: h, Refuse: refuse}
}

func signature(body, secret string, at time.Time) string {
	return webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(body), Secret: secret, Timestamp: at}).Header
}

// deliver is one delivery; it returns the status of the answer.
func deliver(h http.Handler, body, signature string) int {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Stripe-Signature", signature)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// M8: what Stripe signed for this endpoint a moment ago is taken, and nothing
// else.
func TestM8Signatures(t *testing.T) {
	t.Parallel()
	now := time.Now()
	good := signature(completed, platformSecret, now)
	stamp, mac, _ := strings.Cut(good, ",v1=")
	flipped, err := hex.DecodeString(mac)
	if err != nil {
		t.Fatal(err)
	}
	flipped[0] ^= 1
	live := strings.Replace(completed, `"livemode":false`, `"livemode":true`, 1)
	huge := completed + strings.Repeat(" ", 2<<20)
	takes := map[string]struct {
		body, signature string
		connect         bool
	}{
		"as it is":             {completed, good, false},
		"the older secret":     {completed, signature(completed, oldSecret, now), false},
		"two, the second good": {completed, stamp + ",v1=" + hex.EncodeToString(flipped) + ",v1=" + mac, false},
		"two, the first good":  {completed, good + ",v1=" + hex.EncodeToString(flipped), false},
		"with v0 beside":       {completed, good + ",v0=" + mac, false},
		"four minutes old":     {completed, signature(completed, platformSecret, now.Add(-4*time.Minute)), false},
		"four minutes ahead":   {completed, signature(completed, platformSecret, now.Add(4*time.Minute)), false},
		"of an account":        {accountUpdated, signature(accountUpdated, connectSecret, now), true},
	}
	refuses := map[string]struct {
		body, signature string
		connect         bool
	}{
		"none":                              {completed, "", false},
		"nonsense":                          {completed, "hello", false},
		"no signature in it":                {completed, stamp, false},
		"no time in it":                     {completed, "v1=" + mac, false},
		"another secret":                    {completed, signature(completed, "whsec_other", now), false},
		"an empty secret":                   {completed, signature(completed, "", now), false},
		"301 seconds old":                   {completed, signature(completed, platformSecret, now.Add(-301*time.Second)), false},
		"301 seconds ahead":                 {completed, signature(completed, platformSecret, now.Add(303*time.Second)), false},
		"an hour ahead":                     {completed, signature(completed, platformSecret, now.Add(time.Hour)), false},
		"another time than was signed":      {completed, fmt.Sprintf("t=%d,v1=%s", now.Unix()-1, mac), false},
		"v0 only":                           {completed, stamp + ",v0=" + mac, false},
		"one bit flipped":                   {completed, stamp + ",v1=" + hex.EncodeToString(flipped), false},
		"one letter of the body":            {strings.Replace(completed, "pi_1", "pi_2", 1), good, false},
		"encoded again":                     {strings.ReplaceAll(completed, "\n", ""), good, false},
		"one space more":                    {completed + " ", good, false},
		"the other endpoint's secret":       {completed, signature(completed, connectSecret, now), false},
		"2 MiB":                             {huge, signature(huge, platformSecret, now), false},
		"of live money":                     {live, signature(live, platformSecret, now), false},
		"not JSON":                          {"hello", signature("hello", platformSecret, now), false},
		"no event":                          {"{}", signature("{}", platformSecret, now), false},
		"the platform's, at the other door": {completed, signature(completed, connectSecret, now), true},
		"an account's, at the other door":   {accountUpdated, signature(accountUpdated, platformSecret, now), false},
	}
	wrong := 0
	for name, c := range takes {
		h := &hints{}
		if status := deliver(door(h, c.connect), c.body, c.signature); status != http.StatusNoContent || len(h.all) != 1 {
			t.Errorf("%s: refused with %d", name, status)
			wrong++
		}
	}
	for name, c := range refuses {
		h := &hints{}
		if status := deliver(door(h, c.connect), c.body, c.signature); status != http.StatusUnauthorized || len(h.all) != 0 {
			t.Errorf("%s: taken with %d", name, status)
			wrong++
		}
	}
	t.Logf("figure money.m8_good_and_bad %d", len(takes)+len(refuses))
	t.Logf("figure money.m8_wrong %d", wrong)
}

func door(h *hints, connect bool) http.Handler {
	if connect {
		return received(h).Connect()
	}
	return received(h).Platform()
}

// M9: whatever version of the API an event speaks, and whatever else is in it,
// all that is taken from it is where to look.
func TestM9WhatIsTakenFromEvents(t *testing.T) {
	t.Parallel()
	event := func(more, object string) string {
		return `{"id":"evt_1","type":"charge.refunded"` + more + `,"data":{"object":` + object + `}}`
	}
	const charge = `{"id":"ch_1","object":"charge","payment_intent":"pi_1"}`
	hint := ticketing.Event{ID: "evt_1", Type: "charge.refunded", Object: "ch_1", Payment: "pi_1"}
	about := func(object, payment string) *ticketing.Event {
		return &ticketing.Event{ID: "evt_1", Type: "charge.refunded", Object: object, Payment: payment}
	}
	events := map[string]*ticketing.Event{
		event(`,"api_version":"2023-10-16"`, charge):        &hint,
		event(`,"api_version":"2026-08-26.dahlia"`, charge): &hint,
		event(`,"api_version":""`, charge):                  &hint,
		event(`,"api_version":null`, charge):                &hint,
		event(``, charge):                                   &hint,
		event(`,"colour":{"red":[1,2]}`, charge):            &hint,
		event(``, `{"id":"ch_1","object":"charge","payment_intent":"pi_1","amount":"a lot","status":7}`): &hint,
		event(``, `{"id":"ch_1","object":"charge"}`):                                                     about("ch_1", ""),
		event(``, `{"id":"ch_1","object":"charge","payment_intent":{"id":"pi_1"}}`):                      about("ch_1", ""),
		event(``, `{"id":"pi_1","object":"payment_intent"}`):                                             about("pi_1", "pi_1"),
		event(``, `{"object":"balance"}`):                                                                nil,
		event(``, `{"id":7,"object":"charge"}`):                                                          nil,
		event(``, `{}`):                                                                                  nil,
		event(``, `[]`):                                                                                  nil,
		event(``, `null`):                                                                                nil,
		`{"id":"evt_1","type":"charge.refunded","data":null}`:                                            nil,
		`{"id":"evt_1","type":"charge.refunded"}`:                                                        nil,
	}
	wrong := 0
	for body, want := range events {
		h := &hints{}
		status := deliver(received(h).Platform(), body, signature(body, platformSecret, time.Now()))
		var got *ticketing.Event
		if len(h.all) > 0 {
			got = &h.all[0]
		}
		// What the library cannot read at all is refused, and Stripe sends it again.
		if diff := cmp.Diff(got, want); diff != "" || status != http.StatusNoContent && (want != nil || status != http.StatusUnauthorized) {
			t.Errorf("%s: %d %s", body, status, diff)
			wrong++
		}
	}
	t.Logf("figure money.m9_events %d", len(events))
	t.Logf("figure money.m9_wrong %d", wrong)
}

// Stripe sends an event again that could not be kept.
func TestAnEventThatCannotBeKept(t *testing.T) {
	t.Parallel()
	h := &hints{err: errors.New("no database")}
	if status := deliver(received(h).Platform(), completed, signature(completed, platformSecret, time.Now())); status < 500 {
		t.Errorf("answered with %d", status)
	}
}

// FuzzEvent is the rest of M9: signed or not, nothing makes the handler panic,
// and what was not signed is never taken.
func FuzzEvent(f *testing.F) {
	f.Add([]byte(completed), "", true)
	f.Add([]byte(accountUpdated), "t=1,v1=00", false)
	f.Add([]byte(`{"id":"evt_1","type":"x","data":{"object":[{}]}}`), "t=,v1=,v0", true)
	f.Fuzz(func(t *testing.T, body []byte, header string, signed bool) {
		h := &hints{}
		if signed {
			header = signature(string(body), platformSecret, time.Now())
		}
		status := deliver(received(h).Platform(), string(body), header)
		if taken := len(h.all) > 0; taken && !signed || status != http.StatusNoContent && status != http.StatusUnauthorized {
			t.Errorf("%d %v", status, h.all)
		}
	})
}

// The endpoints made at Stripe reach the handlers with their secrets; they are
// replaced only when that is said, and those of others are left alone.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	w := simulated(t)
	h := &hints{}
	ours := &stripepay.Webhooks{Hints: h, Refuse: refuse}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+stripepay.PlatformPath, func(w http.ResponseWriter, r *http.Request) { ours.Platform().ServeHTTP(w, r) })
	mux.HandleFunc("POST "+stripepay.ConnectPath, func(w http.ResponseWriter, r *http.Request) { ours.Connect().ServeHTTP(w, r) })
	server := httptest.NewServer(mux)
	defer server.Close()
	base, err := url.Parse(server.URL)
	w.must(err)
	theirs := stripepay.New(stripepay.Config{Key: w.sim.Key(), URL: w.sim.URL(), Mark: "elsewhere.example"})
	_, err = theirs.MakeEndpoints(w.ctx, base.JoinPath("elsewhere"), false)
	w.must(err)
	first, err := w.pay.MakeEndpoints(w.ctx, base, false)
	w.must(err)
	_, err = w.pay.MakeEndpoints(w.ctx, base, false)
	w.is("a second time", err, stripepay.ErrEndpoints)
	ours.Secrets, err = w.pay.MakeEndpoints(w.ctx, base, true)
	if err != nil || ours.Secrets.Platform[0] == first.Platform[0] || ours.Secrets.Connect[0] == ours.Secrets.Platform[0] {
		t.Errorf("%v %v", ours.Secrets, err)
	}
	_, err = theirs.MakeEndpoints(w.ctx, base.JoinPath("elsewhere"), false)
	w.is("theirs are still there", err, stripepay.ErrEndpoints)
	s := w.sold(w.seller())
	w.must(w.control.Flush(w.ctx))
	var types bytes.Buffer
	for _, e := range h.all {
		fmt.Fprintln(&types, e.Type, e.Object == s.ID, e.Payment == s.Payment)
	}
	for _, want := range []string{"checkout.session.completed true true\n", "account.updated false false\n", "capability.updated false false\n"} {
		if !strings.Contains(types.String(), want) {
			t.Errorf("no %s in\n%s", want, &types)
		}
	}
}
