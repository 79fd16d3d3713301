package voskchild

import (
	"sync"
	"time"
)

// For how long a child may owe answers without giving any: then it is avoided,
// then it is ended. The longest single answer takes a fifth of a second.
const (
	doubtAfter = time.Second
	stallAfter = 3 * time.Second
)

// pulse tells whether a child that owes answers still gives some. However many
// streams wait, one answer to any of them is a sign of life.
type pulse struct {
	mu   sync.Mutex
	open int // streams
	owed map[*stream]int
	last time.Time // of an answer, or when the first came to be owed
}

// begin is told of a new stream, which waits for the child's greeting.
func (p *pulse) begin(s *stream) {
	p.mu.Lock()
	p.open++
	p.mu.Unlock()
	p.asked(s)
}

func (p *pulse) streams() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}

// asked notes that a stream waits for one more answer, unless it is over.
func (p *pulse) asked(s *stream) (open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.over() {
		return false
	}
	if len(p.owed) == 0 {
		p.owed, p.last = map[*stream]int{}, time.Now()
	}
	p.owed[s]++
	return true
}

func (p *pulse) answered(s *stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = time.Now()
	if p.owed[s]--; p.owed[s] <= 0 {
		delete(p.owed, s)
	}
}

// end is told of a stream that gets no more answers.
func (p *pulse) end(s *stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(s.gone)
	p.open--
	delete(p.owed, s)
}

// silent says that the child has owed answers for so long without giving any.
func (p *pulse) silent(d time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.owed) > 0 && time.Since(p.last) > d
}
