package stripepay_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"salon/internal/postgres/postgrestest"
	"salon/ticketing/stripesim"
	"salon/ticketing/stripesim/stripesimtest"
)

// seen are the requests that the tests of this package sent to simulators.
var seen struct {
	sync.Mutex
	requests []stripesim.Request
}

// remember keeps what a simulator saw before it ends.
func remember(control *stripesim.Control) {
	requests, err := control.Requests(context.Background())
	if err != nil {
		return // a test has stopped it
	}
	seen.Lock()
	defer seen.Unlock()
	seen.requests = append(seen.requests, requests...)
}

// TestMain makes the test binary the server that is killed. After the tests,
// every request they made is put to Stripe's own schema.
func TestMain(m *testing.M) {
	if text := os.Getenv(taskVariable); text != "" {
		if err := runTask(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	postgrestest.Main(m, replay)
}

// replay is M20.
func replay() (code int) {
	if len(seen.requests) == 0 {
		return 0
	}
	rejected, sent, err := stripesimtest.Replay(context.Background(), seen.requests)
	if err != nil {
		fmt.Println("replay:", err)
		return 1
	}
	for _, r := range rejected {
		fmt.Printf("stripe-mock refuses %s %v: %s\n", r.Request.Endpoint, r.Request.Form, r.Said)
		code = 1
	}
	fmt.Printf("figure money.m20_requests_replayed %d\nfigure money.m20_endpoints %d\nfigure money.m20_rejected %d\n",
		sent, stripesimtest.Endpoints(seen.requests), len(rejected))
	return code
}
