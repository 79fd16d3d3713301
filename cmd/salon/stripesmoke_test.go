package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"salon/ticketing/stripesim"
)

// What the command asks of Stripe, the simulated one answers; and a payment that
// Stripe treats otherwise than we asked is found.
func TestStripeSmoke(t *testing.T) {
	t.Parallel()
	sim, err := stripesim.Start(t.Context(), stripesim.Config{Listen: "127.0.0.1:0"})
	must(t, err)
	t.Cleanup(func() { sim.Stop(context.WithoutCancel(t.Context())) })
	control := sim.Control()
	lines, out := io.Pipe()
	smoke := stripeSmokeCommand{stripeSettings: stripeSettings{StripeKey: sim.Key()}, Currency: "eur", Wait: time.Minute, out: out, url: sim.URL()}
	ended := make(chan error, 1)
	go func() {
		ended <- smoke.Run(t.Context())
		out.Close()
	}()
	buyer := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var said []string
	for scan := bufio.NewScanner(lines); scan.Scan(); {
		line := strings.TrimSpace(scan.Text())
		said = append(said, line)
		if account, made := strings.CutPrefix(line, "ok made account "); made {
			must(t, control.Onboard(t.Context(), account, "finish"))
		}
		if _, page, pay := strings.Cut(line, "4242, at "); pay {
			answer, err := buyer.PostForm(page, url.Values{"method": {"card"}, "number": {"4242424242424242"}, "expiry": {"12/40"}, "cvc": {"123"}, "name": {"x"}, "email": {"x@example.org"}})
			must(t, err)
			answer.Body.Close()
		}
	}
	if err := <-ended; err != nil || !strings.Contains(said[len(said)-1], "refunded, with the host's part and the fee") {
		t.Errorf("%v after %q", err, said)
	}
	for _, args := range [][]string{{"--stripe-key", "sk_live_1"}, {}, {"--stripe-key", "sk_test_1", "--currency", "xxx"}} {
		if _, err := parse(t, append([]string{"admin", "stripe-smoke"}, args...)...); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}
