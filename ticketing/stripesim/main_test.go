package stripesim_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"

	"salon/ticketing/stripesim"
	"salon/ticketing/stripesim/stripesimtest"
)

// seen are the requests of all tests of the package.
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

// After a full run, every request that the tests made is put to Stripe's own
// schema, and every endpoint has been asked.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" {
		code = replay()
	}
	os.Exit(code)
}

func replay() (code int) {
	asked := map[string]bool{}
	for _, r := range seen.requests {
		asked[r.Endpoint] = asked[r.Endpoint] || !r.Refused
	}
	for _, p := range stripesim.Patterns() {
		if !asked[p] {
			fmt.Println("no test asks", p)
			code = 1
		}
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
	fmt.Printf("stripe-mock was asked about %d requests of %d endpoints and refused %d\n", sent, stripesimtest.Endpoints(seen.requests), len(rejected))
	return code
}
