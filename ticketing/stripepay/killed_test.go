package stripepay_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
	"salon/ticketing"
	"salon/ticketing/stripepay"
	"salon/ticketing/stripesim"
)

// task is one thing that a server does in a process of its own, to be killed at
// it.
type task struct {
	Database, Stripe, Key string
	Do                    string // hold, pay, receive or refund
	Ask                   ticketing.Ask
	Host                  uuid.UUID
	Body, Signature       string
}

const taskVariable = "SALON_TEST_TASK"

// runTask is the process that is killed.
func runTask(text string) error {
	var t task
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return err
	}
	ctx := context.Background()
	pool, err := postgres.Connect(ctx, t.Database)
	if err != nil {
		return err
	}
	seats, err := postgres.ConnectIndexed(ctx, t.Database)
	if err != nil {
		return err
	}
	w := &world{ctx: ctx, pay: stripepay.New(stripepay.Config{Key: t.Key, URL: t.Stripe, Mark: "salon.example", Methods: []string{"card"}, CallsPerSecond: 1e6})}
	s := newShop(w, pool, seats)
	switch t.Do {
	case "hold":
		_, err = s.Hold(ctx, t.Ask)
	case "pay":
		_, err = s.Pay(ctx, t.Ask.Account, t.Ask.ID, back)
	case "receive":
		s.inbox.hooks.Secrets.Platform = []string{platformSecret}
		if status := deliver(s.inbox.hooks.Platform(), t.Body, t.Signature); status != 204 {
			err = fmt.Errorf("refused: %d", status)
		}
	case "refund":
		_, err = s.Refund(ctx, t.Host, t.Ask.ID)
	}
	if err != nil {
		return err
	}
	s.work()
	fmt.Println("done")
	_, err = io.Copy(io.Discard, os.Stdin) // until it is killed
	return err
}

// point is a moment in which the server is killed: while Stripe holds a request,
// or a row waits for a table.
type point struct {
	name, do string
	held     *stripesim.Fault
	table    string
}

var points = []point{
	{"before the hold is committed", "hold", nil, "orders"},
	{"after the hold was committed", "hold", nil, ""},
	{"before the checkout is made, its key is kept", "pay", &stripesim.Fault{On: createsSession, Kind: "hold"}, ""},
	{"after the checkout was made", "pay", &stripesim.Fault{On: createsSession, Kind: "hold", After: true}, ""},
	{"before the id of the checkout is kept", "pay", &stripesim.Fault{On: createsSession, Kind: "hold", After: true}, "payments"},
	{"before the event is kept", "receive", nil, "stripe_events"},
	{"after the event was kept", "receive", &stripesim.Fault{On: "GET /v1/checkout/sessions/{id}", Kind: "hold"}, ""},
	{"before the ticket is committed", "receive", nil, "tickets"},
	{"after the ticket was committed", "receive", nil, ""},
	{"before the refund is made, its key is kept", "refund", &stripesim.Fault{On: "POST /v1/refunds", Kind: "hold"}, ""},
	{"after the refund was made", "refund", &stripesim.Fault{On: "POST /v1/refunds", Kind: "hold", After: true}, ""},
	{"before the id of the refund is kept", "refund", &stripesim.Fault{On: "POST /v1/refunds", Kind: "hold", After: true}, "refunds"},
}

// M4: the server is killed at every named point. Whoever asks again gets what
// they asked for, once, and nothing is lost, charged twice or left over.
func TestM4KilledServers(t *testing.T) {
	t.Parallel()
	hit := 0
	for _, p := range points {
		t.Run(p.name, func(t *testing.T) {
			s := opened(t, 1)
			s.inbox.close(true) // no webhook but the one the task receives
			a := ticketing.Ask{ID: uuid.Must(uuid.NewV7()), Offer: s.offer.ID, Account: s.person(), Network: 1}
			s.until(a, p.do)
			s.killAt(p, a)
			hit++
			begun := time.Now()
			if o, err := s.Hold(s.ctx, a); err != nil || o.ID != a.ID {
				t.Errorf("hold again: %+v %v", o, err)
			}
			s.converge()
			if s.state(ticketing.Order{ID: a.ID}) == ticketing.OnHold || s.state(ticketing.Order{ID: a.ID}) == ticketing.Paying {
				s.paidAgain(a)
			}
			s.converge()
			want := ticketing.Paid
			if p.do == "refund" {
				want = ticketing.Refunded
			}
			t.Logf("recovered in %s", time.Since(begun))
			s.isState(ticketing.Order{ID: a.ID}, want)
			kept, refunded, sessions := s.ends()
			if sessions != 1 || kept+refunded != 1 || (refunded == 1) != (p.do == "refund") {
				t.Errorf("%d sessions, %d kept, %d refunded", sessions, kept, refunded)
			}
			if open := s.number(`select count(*) from stripe_calls where spent_at is null`); open != 0 {
				t.Errorf("%d calls are open", open)
			}
			s.sound()
		})
	}
	t.Logf("figure money.m4_kills %d", hit)
	t.Logf("figure money.m4_points_hit_percent %d", 100*hit/len(points))
}

// until brings an order to where the server begins to do something.
func (s *shop) until(a ticketing.Ask, do string) {
	s.t.Helper()
	if do == "hold" {
		return
	}
	_, err := s.Hold(s.ctx, a)
	s.must(err)
	if do == "pay" {
		return
	}
	s.paidAgain(a)
	if do == "refund" {
		s.must(s.Settle(s.ctx, s.session(ticketing.Order{ID: a.ID})))
	}
}

func (s *shop) paidAgain(a ticketing.Ask) {
	s.t.Helper()
	page, err := s.Pay(s.ctx, a.Account, a.ID, back)
	s.must(err)
	if !s.pays(page, card(goodCard)) {
		s.t.Error("not paid")
	}
}

// killAt starts the task and kills it at the point.
func (s *shop) killAt(p point, a ticketing.Ask) {
	s.t.Helper()
	if p.held != nil {
		s.must(s.control.Fail(s.ctx, *p.held))
	}
	var lock pgx.Tx
	if p.held == nil {
		lock = s.locks(p.table)
	}
	one := task{Database: s.pool.Config().ConnString(), Stripe: s.sim.URL(), Key: s.sim.Key(), Do: p.do, Ask: a, Host: *s.offer.HostID}
	if p.do == "receive" {
		one.Body = fmt.Sprintf(`{"id":"evt_1","type":"checkout.session.completed","data":{"object":{"id":%q,"object":"checkout.session"}}}`, s.session(ticketing.Order{ID: a.ID}))
		one.Signature = signature(one.Body, platformSecret, time.Now())
	}
	process, done := s.begin(one)
	switch {
	case p.held != nil && p.table != "":
		s.must(s.control.AwaitHeld(s.ctx, 1))
		lock = s.locks(p.table)
		s.must(s.control.ReleaseHeld(s.ctx))
		s.waits(p.table)
	case p.held != nil:
		s.must(s.control.AwaitHeld(s.ctx, 1))
	case p.table != "":
		s.waits(p.table)
	default:
		if !done.Scan() || done.Text() != "done" {
			s.t.Fatalf("the task ended: %q", done.Text())
		}
	}
	s.must(process.Process.Kill())
	_ = process.Wait()
	if lock != nil {
		s.must(lock.Rollback(s.ctx))
	}
	s.must(s.control.ClearFaults(s.ctx))
}

func (s *shop) begin(one task) (*exec.Cmd, *bufio.Scanner) {
	s.t.Helper()
	text, err := json.Marshal(one)
	s.must(err)
	process := exec.CommandContext(s.ctx, os.Args[0])
	process.Env = append(os.Environ(), taskVariable+"="+string(text))
	process.Stderr = os.Stderr
	_, err = process.StdinPipe()
	s.must(err)
	out, err := process.StdoutPipe()
	s.must(err)
	s.must(process.Start())
	return process, bufio.NewScanner(out)
}

// locks keeps a table from everyone else; nil for none.
func (s *shop) locks(table string) pgx.Tx {
	s.t.Helper()
	if table == "" {
		return nil
	}
	tx, err := s.pool.Begin(s.ctx)
	s.must(err)
	_, err = tx.Exec(s.ctx, `lock table `+table+` in access exclusive mode`)
	s.must(err)
	return tx
}

// waits polls, for want of a signal, until somebody waits for the table.
func (s *shop) waits(table string) {
	s.t.Helper()
	for s.number(`select count(*) from pg_locks where relation = $1::regclass and not granted`, table) == 0 {
		if s.ctx.Err() != nil {
			s.t.Fatal("nobody came to " + table)
		}
	}
}
