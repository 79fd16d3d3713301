package captions

import (
	"context"
	"time"
)

// What of a voice is recognised, and what is not, is counted here.

// speak counts what is said.
func (p *pipeline) speak(pcm []int16) {
	if p.silence == 0 {
		p.hearing.measure(func(m *meter) { m.loud += duration(pcm) })
	}
}

// miss counts what no engine will recognise.
func (p *pipeline) miss(pcm []int16) {
	if d := loudIn(pcm); d > 0 {
		p.hearing.measure(func(m *meter) { m.missed += d })
	}
}

// drop counts sound that came while too much waited already.
func (p *pipeline) drop(pcm []int16) {
	d := loudIn(pcm)
	p.hearing.measure(func(m *meter) {
		m.dropped += duration(pcm)
		m.loud, m.missed = m.loud+d, m.missed+d
	})
}

// loudIn is how much of the sound is no silence.
func loudIn(pcm []int16) (d time.Duration) {
	for len(pcm) > 0 {
		n := min(len(pcm), samples(chunk))
		if level(pcm[:n]) >= loud {
			d += duration(pcm[:n])
		}
		pcm = pcm[n:]
	}
	return d
}

// hold keeps sound for a stream that begins later.
func (p *pipeline) hold(pcm []int16) {
	p.held = append(p.held, pcm...)
	over := max(0, len(p.held)-samples(longestHeld))
	if p.stream == nil {
		p.miss(p.held[:over])
	}
	p.held = p.held[over:]
}

// await counts for how long words have waited for a stream.
func (p *pipeline) await() {
	if p.spoken {
		p.demand.waits.Store(int64(p.clock.now().Sub(p.onset)))
	}
}

// shutOut leaves a voice out for which nobody has time. When its turn comes it
// is heard from then on: old sound would make matters worse.
func (p *pipeline) shutOut(ctx context.Context, pcm []int16) {
	if !p.demand.out.Swap(true) {
		p.lose(ctx)
		p.leave()
		p.hearing.gap(ctx)
	}
	p.miss(p.held)
	p.miss(pcm)
	p.held, p.spoken = nil, false
	p.demand.waits.Store(0)
}

// part gives up the place of a voice that has been silent for long, and says
// whether it has none any more. Streams that nobody speaks to hold memory.
func (p *pipeline) part() bool {
	if p.stream != nil && !p.flushing && !p.unasked && p.clock.now().Sub(p.soundAt) >= partAfter {
		p.leave()
		p.held, p.spoken = nil, false
	}
	return p.stream == nil
}
