package captions

import (
	"slices"
	"sync"
	"time"
)

// degree is what captions do without while the engines do not keep up: each
// does without what the ones before it do, too.
type degree int

// The degrees, in the order in which they are reached.
const (
	whole        degree = iota
	fewerUpdates        // guesses are shown once a second
	finalsOnly          // engines are not asked for guesses
	someVoices          // the newest voices are left out
)

// degreeNames are what readers are told.
var degreeNames = [...]string{"", "fewer-updates", "finals-only", "some-voices"}

// When another degree is reached. Captions get worse soon and better slowly,
// and each step is given time to show what it does.
const (
	weighEvery  = time.Second
	lateAt      = time.Second            // of sound that waits for an engine
	calmAt      = 300 * time.Millisecond // below it, they keep up
	worseAfter  = 2                      // times in a row
	betterAfter = 10
)

// load weighs what the voices ask of the engines of this machine.
type load struct {
	cores int

	mu     sync.Mutex
	voices []*demand // in the order in which they came
	degree degree
	places int // voices that are heard in the last degree
	late   int // times in a row
	calm   int
	cost   ratio
}

func (l *load) add(v *demand) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.voices = append(l.voices, v)
}

func (l *load) remove(v *demand) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.voices = slices.DeleteFunc(l.voices, func(one *demand) bool { return one == v })
}

// all are the voices of a room, or of every room if it is nil.
func (l *load) all(h *hearing) (voices []*demand) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, v := range l.voices {
		if h == nil || v.hearing == h {
			voices = append(voices, v)
		}
	}
	return voices
}

func (l *load) now() degree {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.degree
}

// admits says whether there is an engine's time for a voice: those who came
// first keep it.
func (l *load) admits(v *demand) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.degree < someVoices {
		return true
	}
	before := 0
	for _, one := range l.voices {
		if one == v {
			break
		}
		if one.awake.Load() {
			before++
		}
	}
	return before < l.places
}

// weigh looks how much waits, once a second.
func (l *load) weigh() {
	l.mu.Lock()
	defer l.mu.Unlock()
	var waits, sound, computing time.Duration
	for _, v := range l.voices {
		waits = max(waits, v.backlog())
		s, c := v.spent()
		sound, computing = sound+s, computing+c
	}
	l.cost.add(sound, computing)
	switch {
	case waits >= lateAt:
		l.calm = 0
		if l.late++; l.late >= worseAfter {
			l.late = 0
			l.worse()
		}
	case waits < calmAt:
		l.late = 0
		if l.calm++; l.calm >= betterAfter {
			l.calm = 0
			l.better()
		}
	default:
		l.late, l.calm = 0, 0
	}
}

// worse does without something more. The lock is held.
func (l *load) worse() {
	switch l.degree {
	case someVoices:
		l.places = max(1, l.places-1)
	case finalsOnly:
		l.degree = someVoices
		l.places = max(1, min(l.awake()-1, l.fits()))
	default:
		l.degree++
	}
}

// better takes something back. The lock is held.
func (l *load) better() {
	switch {
	case l.degree == someVoices && l.places < l.awake():
		l.places = max(l.places, min(l.places+1, l.fits()))
	case l.degree > whole:
		l.degree--
	}
}

// awake is how many voices have something to say. The lock is held.
func (l *load) awake() (n int) {
	for _, v := range l.voices {
		if v.awake.Load() {
			n++
		}
	}
	return n
}

// fits is how many voices the cores carry at once by what one has cost lately.
// The lock is held.
func (l *load) fits() int {
	cost := l.cost.value()
	if cost == 0 {
		return len(l.voices)
	}
	return int(float64(l.cores) / cost)
}

// ratio is computing time by time of sound: the real-time factor, of about the
// last ten seconds of each.
type ratio struct{ sound, computing time.Duration }

func (r *ratio) add(sound, computing time.Duration) {
	if sound > 0 {
		r.sound, r.computing = r.sound*9/10+sound, r.computing*9/10+computing
	}
}

// value is 0 while too little was heard to tell.
func (r *ratio) value() float64 {
	if r.sound < time.Second {
		return 0
	}
	return r.computing.Seconds() / r.sound.Seconds()
}
