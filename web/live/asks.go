package live

import (
	"context"
	"sync"
)

// maxAskers is how many questions are put to the database at once.
const maxAskers = 4

// question is whether somebody may stay, and what they see.
type question struct {
	room *room
	who  Visitor
}

// asks puts questions, the urgent ones first, and each once however often it
// came up meanwhile. Goroutines are there only while there are questions.
type asks struct {
	hub *Hub

	mu     sync.Mutex
	open   map[question]*asked
	urgent []question
	polite []question
	failed []question // to be put again at the next tick
	askers int
}

// asked is a question that was not answered yet.
type asked struct {
	running bool
	again   bool // it came up while it was being answered: the answer may be old
	urgent  bool
}

// add puts a question, soon if it is urgent.
func (a *asks) add(q question, urgent bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open == nil {
		a.open = map[question]*asked{}
	}
	s := a.open[q]
	switch {
	case s == nil:
		s = &asked{}
		a.open[q] = s
	case s.running:
		s.again, s.urgent = true, s.urgent || urgent
		return
	case s.urgent || !urgent:
		return
	}
	s.urgent = urgent
	a.queue(q, urgent)
}

func (a *asks) queue(q question, urgent bool) {
	if urgent {
		a.urgent = append(a.urgent, q)
	} else {
		a.polite = append(a.polite, q)
	}
	if a.askers < maxAskers {
		a.askers++
		go a.run()
	}
}

func (a *asks) run() {
	for {
		q, ok := a.next()
		if !ok {
			return
		}
		a.answer(q)
	}
}

// next is the next question that nobody is at. One that became urgent is in
// both queues.
func (a *asks) next() (question, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, queue := range []*[]question{&a.urgent, &a.polite} {
		for len(*queue) > 0 {
			q := (*queue)[0]
			*queue = (*queue)[1:]
			if s := a.open[q]; s != nil && !s.running {
				s.running, s.again, s.urgent = true, false, false
				return q, true
			}
		}
	}
	a.askers--
	return question{}, false
}

// done says whether the answer is the last word. If not, the question is put
// again.
func (a *asks) done(q question, failed bool) (final bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.open[q]
	s.running = false
	switch {
	case failed:
		a.failed = append(a.failed, q)
		return false
	case s.again:
		a.queue(q, s.urgent)
		return false
	}
	delete(a.open, q)
	return true
}

// retry puts the questions again that could not be answered.
func (a *asks) retry() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, q := range a.failed {
		a.queue(q, true)
	}
	a.failed = nil
}

func (a *asks) answer(q question) {
	conns := q.conns()
	if len(conns) == 0 {
		a.done(q, false)
		return
	}
	ctx, cancel := context.WithTimeout(a.hub.ctx, patience)
	defer cancel()
	you, moderates, err := a.ask(ctx, q)
	end := endingOf(err)
	final := a.done(q, err != nil && end == nil)
	switch {
	case end != nil:
		q.room.dismiss(q.conns(), *end)
	case err != nil:
		a.hub.Log.Warn("ask who may stay", "room", q.room.id, "error", err)
	default:
		for _, c := range conns { // who came since has an answer as new
			c.stay(you, moderates, final)
		}
	}
}

func (a *asks) ask(ctx context.Context, q question) (you []byte, moderates bool, err error) {
	if err := a.hub.Source.MayStay(ctx, q.room.id, q.who); err != nil {
		return nil, false, err
	}
	raw, moderates, err := a.hub.Source.You(ctx, q.room.id, q.who)
	return wrapped("you", raw), moderates, err
}

func (q question) conns() (theirs []*conn) {
	for _, c := range q.room.of(q.who.person()) {
		if c.who == q.who {
			theirs = append(theirs, c)
		}
	}
	return theirs
}

// dismiss ends connections, those that still get the rest of the log once it
// was read.
func (r *room) dismiss(all []*conn, e ending) {
	if !e.last {
		for _, c := range all {
			c.finish(e)
		}
		return
	}
	r.mu.Lock()
	for _, c := range all {
		r.leaving = append(r.leaving, leaver{c, e})
	}
	r.mu.Unlock()
	r.soon(due{log: true})
}
