package stripesim

import (
	"container/heap"
	"time"
)

// due is something that happens by itself at a time. What it finds then may
// have changed, so run looks before it acts.
type due struct {
	at  time.Time
	seq int // of two at one time, what was planned first comes first
	run func()
}

type agenda struct {
	planned []due
	seq     int
}

func (a *agenda) Len() int { return len(a.planned) }
func (a *agenda) Less(i, j int) bool {
	x, y := a.planned[i], a.planned[j]
	return x.at.Before(y.at) || x.at.Equal(y.at) && x.seq < y.seq
}
func (a *agenda) Swap(i, j int) { a.planned[i], a.planned[j] = a.planned[j], a.planned[i] }
func (a *agenda) Push(x any)    { a.planned = append(a.planned, x.(due)) }
func (a *agenda) Pop() any {
	last := len(a.planned) - 1
	x := a.planned[last]
	a.planned = a.planned[:last]
	return x
}

// at plans something.
func (st *state) at(t time.Time, run func()) {
	st.agenda.seq++
	heap.Push(&st.agenda, due{t, st.agenda.seq, run})
}

// runDue lets everything happen that is due until a time, which then is now.
func (st *state) runDue(until time.Time) {
	for st.agenda.Len() > 0 && !st.agenda.planned[0].at.After(until) {
		next := heap.Pop(&st.agenda).(due)
		if next.at.After(st.now) {
			st.now = next.at
		}
		next.run()
	}
	if until.After(st.now) {
		st.now = until
	}
}

// nextDue says when something is due again.
func (st *state) nextDue() (time.Time, bool) {
	if st.agenda.Len() == 0 {
		return time.Time{}, false
	}
	return st.agenda.planned[0].at, true
}
