package live

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

// again connects where the reader was.
func (r *reader) again(s *stand) *websocket.CloseError {
	r.ws.Close()
	query := url.Values{"who": {r.who.String()}, "epoch": {r.last.Epoch}, "after": {strconv.FormatInt(r.log.last, 10)}}
	ws, _, err := websocket.DefaultDialer.Dial(s.url(query), nil)
	if err != nil {
		return &websocket.CloseError{Code: websocket.CloseAbnormalClosure, Text: err.Error()}
	}
	r.ws = ws
	return nil
}

func TestHelloSaysWhereTheLogBegins(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{})
	s.source.write(s.room, 2000, 10)
	for name, c := range map[string]struct {
		epoch, after string
		from         int64
		resumed      bool
	}{
		"nothing known":       {"", "", 1801, false},
		"at the head":         {"one", "2000", 2001, true},
		"a little behind":     {"one", "1990", 1991, true},
		"as far as may be":    {"one", "1000", 1001, true},
		"too far":             {"one", "999", 1801, false},
		"ahead of everything": {"one", "2001", 1801, false},
		"another log":         {"zero", "1990", 1801, false},
		"not a number":        {"one", "many", 1801, false},
		"a negative number":   {"one", "-5", 1801, false},
	} {
		r := s.visit(url.Values{"epoch": {c.epoch}, "after": {c.after}})
		r.log.last = c.from - 1
		h := r.until("hello").hello
		if h.From != c.from || h.Resumed != c.resumed || h.Seq != 2000 || h.Epoch != "one" || h.Ping != 25 {
			t.Errorf("%s: %+v", name, h)
		}
		if r.reach(2000); r.log.faults() > 0 {
			t.Errorf("%s: %+v", name, r.log)
		}
	}
}

// When the log is another, readers who are there are greeted again.
func TestAnotherLogIsBegunAnew(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{})
	s.source.write(s.room, 50, 10)
	r := s.visit(nil)
	r.reach(50)
	s.source.mu.Lock()
	s.source.epoch, s.source.entries = "two", s.source.entries[:20]
	s.source.mu.Unlock()
	s.source.tell("room " + s.room.String())
	if h := r.until("hello").hello; h.Epoch != "two" || h.Resumed || h.From != 1 {
		t.Errorf("%+v", h)
	}
	s.source.write(s.room, 5, 10)
	if r.reach(25); r.log.faults() > 0 {
		t.Errorf("%+v", r.log)
	}
}

// The checker of the storm sees what it is there for.
func TestTheTallyCatchesFaults(t *testing.T) {
	t.Parallel()
	for want, seqs := range map[tally][]int64{
		{last: 4}:              {1, 2, 3, 4},
		{last: 4, gaps: 1}:     {1, 2, 4},
		{last: 2, repeats: 1}:  {1, 2, 2},
		{last: 3, disorder: 1}: {1, 2, 3, 2},
	} {
		var got tally
		for _, seq := range seqs {
			got.take(seq)
		}
		if got != want {
			t.Errorf("%v: %+v, want %+v", seqs, got, want)
		}
	}
}

// reads until the head is reached, coming back whenever the connection is lost,
// to the stand that where names then.
func (r *reader) follow(where func() *stand, head int64, progress *atomic.Int64) {
	for r.log.last < head {
		before := r.log.last
		_, closed := r.next()
		progress.Add(r.log.last - before)
		for closed != nil {
			closed = r.again(where())
		}
	}
}

func TestAStormOfResumptionsLosesNothing(t *testing.T) {
	t.Parallel()
	const clients, entries, kicked = 300, 400, 10
	s := newStand(t, newMemory(), Limits{Silence: time.Hour})
	var progress atomic.Int64
	var all sync.WaitGroup
	var readers []*reader
	for range clients {
		r := s.visit(nil)
		r.until("hello")
		readers = append(readers, r)
	}
	for _, r := range readers {
		all.Go(func() { r.follow(func() *stand { return s }, entries, &progress) })
	}
	for n := range entries {
		s.source.write(s.room, 1, 200)
		open := s.hub.all()
		for range min(kicked, len(open)) {
			open[rand.IntN(len(open))].abandon()
		}
		for progress.Load() < int64(n)*clients/2 { // not so fast that nobody follows
			runtime.Gosched()
		}
	}
	all.Wait()
	for _, r := range readers {
		if r.log.faults() > 0 || r.log.last != entries {
			t.Errorf("%+v", r.log)
		}
	}
	if n := len(s.closed); n < entries {
		t.Errorf("only %d connections were lost: no storm", n)
	}
}

// The same without resuming shows that connections are really lost.
func TestWithoutResumingEntriesAreMissed(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{})
	r := s.visit(nil)
	r.until("hello")
	s.source.write(s.room, 10, 10)
	r.reach(10)
	s.hub.all()[0].abandon()
	r.end()
	s.source.write(s.room, 1500, 10)
	var progress atomic.Int64
	last := r.log.last
	r.last.Epoch = "unknown"
	if closed := r.again(s); closed != nil {
		t.Fatal(closed)
	}
	if h := r.until("hello").hello; h.Resumed || h.From <= last+1 {
		t.Errorf("%+v", h)
	}
	r.follow(func() *stand { return s }, 1510, &progress)
}

func TestDrainMovesEveryoneW7(t *testing.T) {
	t.Parallel()
	const clients, before = 100, 40
	const head = before + clients
	source := newMemory()
	old := newStand(t, source, Limits{Drain: time.Second, Silence: time.Hour})
	next := newStand(t, source, Limits{Silence: time.Hour})
	next.room = old.room
	var readers []*reader
	for range clients {
		readers = append(readers, old.visit(nil))
	}
	var progress atomic.Int64
	var all sync.WaitGroup
	for _, r := range readers {
		r.until("hello")
		all.Go(func() { r.follow(func() *stand { return next }, head, &progress) })
	}
	source.write(old.room, before, 100)
	drained := make(chan error, 1)
	go func() { drained <- old.hub.Drain(t.Context()) }()
	for range clients { // an entry for everyone who leaves: the last is read where all have gone
		if code := <-old.closed; code != codeStopping {
			t.Errorf("closed with %d", code)
		}
		source.write(old.room, 1, 100)
	}
	if err := <-drained; err != nil {
		t.Error(err)
	}
	all.Wait()
	for _, r := range readers {
		if r.log.faults() > 0 || !r.last.Resumed {
			t.Errorf("%+v %+v", r.log, r.last)
		}
	}
	if old.hub.Connections() != 0 || next.hub.Connections() != clients {
		t.Errorf("%d on the old, %d on the new", old.hub.Connections(), next.hub.Connections())
	}
}

func TestWhoeverComesWhileItStopsIsSentAway(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{Drain: 2 * time.Second})
	r := s.visit(nil)
	r.until("you")
	drained := make(chan error, 1)
	go func() { drained <- s.hub.Drain(t.Context()) }()
	if closed := r.end(); closed.Code != codeStopping || closed.Text != "server-stopping;within=2000" {
		t.Error(closed)
	}
	_, answer, err := websocket.DefaultDialer.Dial(s.url(url.Values{"who": {uuid.NewString()}}), nil)
	if err == nil || answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") != "5" {
		t.Errorf("%+v %v", answer, err)
	}
	if err := <-drained; err != nil {
		t.Error(err)
	}
}

// goroutines of this package and of gorilla's, by their stacks.
func goroutines() int {
	all := make([]byte, 4<<20)
	all = all[:runtime.Stack(all, true)]
	n := 0
	for _, stack := range strings.Split(string(all), "\n\n") {
		if strings.Contains(stack, "salon/web/live.(*conn)") {
			n++
		}
	}
	return n
}

// Not parallel: it counts what is left of connections when they have gone.
func TestNothingIsLeftOfConnectionsThatWent(t *testing.T) {
	s := newStand(t, newMemory(), Limits{Drain: 100 * time.Millisecond})
	const clients = 200
	for range clients {
		r := s.visit(nil)
		r.until("hello")
		go r.end()
	}
	if err := s.hub.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	for range clients {
		<-s.closed // the last thing a connection does
	}
	for n := goroutines(); n > 0; n = goroutines() { // the last of them return
		runtime.Gosched()
	}
	r := s.hub.open(s.room)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) != 0 || len(r.people) != 0 {
		t.Errorf("%d connections, %d people", len(r.list), len(r.people))
	}
}
