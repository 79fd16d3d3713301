package captions

import (
	"sync"
	"sync/atomic"
	"time"

	"salon/captions/speech"
)

// demand is what a voice asks of the engines, as others see it.
type demand struct {
	hearing *hearing
	awake   atomic.Bool  // it is speaking, or was a moment ago
	out     atomic.Bool  // nobody has time for it
	queued  atomic.Int64 // samples that wait for the pipeline
	waits   atomic.Int64 // nanoseconds for which words have waited for a stream

	mu     sync.Mutex
	stream speech.Stream
	rest   spending // of earlier streams
	told   spending // by the latest call of spent
}

// spending is computing time and the sound it was spent on.
type spending struct{ sound, computing time.Duration }

// hears is told of each stream, and of nil when there is none.
func (d *demand) hears(s speech.Stream) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rest = d.total()
	d.stream = s
}

// total is what was ever spent. The lock is held.
func (d *demand) total() spending {
	all := d.rest
	if d.stream != nil {
		sound, computing := d.stream.Used()
		all.sound, all.computing = all.sound+sound, all.computing+computing
	}
	return all
}

// spent is what was spent since it was called before.
func (d *demand) spent() (sound, computing time.Duration) {
	d.mu.Lock()
	all := d.total()
	since := spending{all.sound - d.told.sound, all.computing - d.told.computing}
	d.told = all
	d.mu.Unlock()
	d.hearing.measure(func(m *meter) { m.spend(since) })
	return since.sound, since.computing
}

// backlog is how much sound waits to be recognised.
func (d *demand) backlog() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	waits := sound(d.queued.Load())
	if d.stream != nil {
		waits += d.stream.Backlog()
	}
	return waits
}

// late is by how much its words come late.
func (d *demand) late() time.Duration { return max(d.backlog(), time.Duration(d.waits.Load())) }

func sound(samples int64) time.Duration { return time.Duration(samples) * time.Second / speech.Rate }
