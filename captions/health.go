package captions

import (
	"math"
	"slices"
	"sync"
	"time"
)

// Health is how well a room, or all rooms together, are captioned.
type Health struct {
	Lines   Delays        // from the end of a line's last word until it was kept
	Shown   Delays        // from the end of the sound behind a guess until readers were shown it
	Loud    time.Duration // of sound that was no silence
	Missed  time.Duration // of it, what no engine recognised
	Dropped time.Duration // of any sound, lost because nobody had time for it

	Sound, Computing time.Duration // recognised, and what of one core it took
	RealTime         float64       // the same of late, one by the other; 0 is unknown
	Backlog          time.Duration // the most that any voice waits now
	Late             time.Duration // by which words come late now
	Voices, LeftOut  int           // who speak now, and who of them are not heard
}

// Delays are how long something took.
type Delays struct {
	Count    int64
	Sum      time.Duration
	P50, P95 time.Duration // of the latest 256; 0 without any
}

// captioned is which part of the speech was recognised, in percent; 100 if
// there was none.
func (h Health) captioned() int {
	if h.Loud <= 0 {
		return 100
	}
	return int(math.Round(100 * (1 - min(1, h.Missed.Seconds()/h.Loud.Seconds()))))
}

// delays remember the latest of many.
type delays struct {
	count  int64
	sum    time.Duration
	latest []time.Duration
}

const maxDelays = 256

func (d *delays) add(one time.Duration) {
	one = max(0, one)
	if len(d.latest) < maxDelays {
		d.latest = append(d.latest, one)
	} else {
		d.latest[d.count%maxDelays] = one
	}
	d.count++
	d.sum += one
}

func (d *delays) view() Delays {
	v := Delays{Count: d.count, Sum: d.sum}
	if n := len(d.latest); n > 0 {
		sorted := slices.Sorted(slices.Values(d.latest))
		v.P50, v.P95 = sorted[n/2], sorted[n*95/100]
	}
	return v
}

// meter counts what makes up a Health.
type meter struct {
	mu                    sync.Mutex
	lines, shown          delays
	loud, missed, dropped time.Duration
	spending
	cost ratio
}

func (m *meter) spend(s spending) {
	m.sound, m.computing = m.sound+s.sound, m.computing+s.computing
	m.cost.add(s.sound, s.computing)
}

// measure counts something for the room and for all rooms together.
func (h *hearing) measure(count func(*meter)) {
	for _, m := range []*meter{&h.meter, &h.worker.meter} {
		m.mu.Lock()
		count(m)
		m.mu.Unlock()
	}
}

// view is the health that was counted, and that of the voices now.
func (m *meter) view(voices []*demand) Health {
	m.mu.Lock()
	h := Health{
		Lines: m.lines.view(), Shown: m.shown.view(), Loud: m.loud, Missed: m.missed, Dropped: m.dropped,
		Sound: m.sound, Computing: m.computing, RealTime: m.cost.value(),
	}
	m.mu.Unlock()
	for _, v := range voices {
		h.Backlog, h.Late = max(h.Backlog, v.backlog()), max(h.Late, v.late())
		if v.awake.Load() {
			h.Voices++
		}
		if v.awake.Load() && v.out.Load() {
			h.LeftOut++
		}
	}
	return h
}

// Health is that of all rooms since the worker began.
func (w *Worker) Health() Health { return w.meter.view(w.load.all(nil)) }

// Degree is what captions do without at the moment: 0 nothing, 1 frequent
// updates, 2 guesses, 3 some voices.
func (w *Worker) Degree() int { return int(w.load.now()) }

// noticeLate is below which captions are not called late.
const noticeLate = 2 * time.Second

// describe puts a room's health into its status.
func (w *Worker) describe(h *hearing, s *Status) {
	health := h.meter.view(w.load.all(h))
	degree := w.load.now()
	switch {
	case health.LeftOut > 0:
		degree = someVoices
	case degree == someVoices: // not here
		degree = finalsOnly
	}
	s.Load = degreeNames[degree]
	if health.Late >= noticeLate {
		s.LateSeconds = int(health.Late / time.Second)
	}
	s.DelayP50, s.DelayP95 = health.Lines.P50.Milliseconds(), health.Lines.P95.Milliseconds()
	if health.Loud > 0 {
		percent := health.captioned()
		s.CaptionedPercent = &percent
	}
	s.RTF = math.Round(health.RealTime*1000) / 1000
	s.Backlog = health.Backlog.Milliseconds()
	s.DroppedSeconds = math.Round(health.Dropped.Seconds()*10) / 10
}
