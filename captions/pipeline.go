package captions

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/google/uuid"

	"salon/captions/speech"
)

// Times of one voice's pipeline.
const (
	chunk       = 60 * time.Millisecond  // what the engine gets at once
	showEvery   = 200 * time.Millisecond // partials go out no oftener
	showSeldom  = time.Second            // nor than this when fewer must do
	quietAfter  = 900 * time.Millisecond // of silence, or without sound: what was said is final
	sleepAfter  = 3 * time.Second        // of silence: the engine rests until there is sound
	partAfter   = 2 * time.Minute        // of silence: another voice can have the place
	preRoll     = 300 * time.Millisecond // of what was before a sound, for its first letter
	longLine    = 8 * time.Second        // past it a monologue is cut where it is softest
	longestLine = 12 * time.Second       // past it, anywhere
	softFor     = 160 * time.Millisecond // is no mere stop in a word
	longestHeld = 15 * time.Second       // of sound that a new stream can begin with
	tooSlow     = 5 * time.Second        // an engine so far behind is not given old sound
	recycle     = 5 * time.Minute        // a stream this old is replaced at the next final: it grows, but a new one costs more at first
	keepTimeout = 10 * time.Second
	closeWait   = 3 * time.Second // for the last line of a voice that left
	againEvery  = 100 * time.Millisecond
)

// loud is the level, of 32768, below which sound counts as silence.
const loud = 160

// pipeline turns one voice into lines. It lives until its sound is closed.
type pipeline struct {
	hearing  *hearing
	demand   *demand
	worker   *Worker
	room     Room
	identity string
	log      *slog.Logger

	in   chan []int16
	done chan struct{}
	once sync.Once

	// Owned by run.
	pending []int16 // less than a chunk
	roll    []int16 // the latest sound while the engine rests
	silence time.Duration
	asleep  bool
	soundAt time.Time // when there was sound that is no silence

	stream   speech.Stream // nil until there is something to hear
	born     time.Time     // of the stream
	base     time.Duration // offset at which the stream began
	clock    clock
	held     []int16 // sound after the last final: a new stream begins with it
	deaths   int     // of streams since the last final
	unasked  bool    // there is sound after the last flush
	flushing bool    // a flush waits for its answer

	spoken   bool      // there is sound after the last final that is no silence
	onset    time.Time // of what was spoken after it
	loudness float64   // of the voice, on average
	segment  string    // "" before the first guess
	length   time.Duration
	soft     time.Duration // of the latest sound, much softer than the voice
	start    time.Time
	stable   stable
	unshown  string        // a guess that waits for its turn
	behind   time.Duration // offset of the sound that it is made of
	shown    string
	shownAt  time.Time
}

// PCM takes sound. A pipeline that does not keep up loses sound, not time.
func (p *pipeline) PCM(pcm []int16) {
	select {
	case p.in <- pcm:
		p.demand.queued.Add(int64(len(pcm)))
	default:
		p.drop(pcm)
	}
}

// Close ends the voice and returns when its last line is kept.
func (p *pipeline) Close() {
	p.once.Do(func() { close(p.in) })
	<-p.done
}

// run is the pipeline's goroutine.
func (p *pipeline) run(ctx context.Context) {
	defer close(p.done)
	defer p.leave()
	defer p.worker.load.remove(p.demand)
	quiet := time.NewTimer(quietAfter)
	defer quiet.Stop()
	for {
		select {
		case pcm, more := <-p.in:
			if !more {
				p.finish(ctx)
				return
			}
			quiet.Reset(quietAfter)
			p.demand.queued.Add(-int64(len(pcm)))
			p.take(ctx, pcm)
		case <-quiet.C: // muted, or the network is gone: what was said is said
			p.demand.awake.Store(false)
			if !p.pause(ctx) {
				quiet.Reset(againEvery)
			} else if !p.part() {
				quiet.Reset(partAfter)
			}
		case event, open := <-p.events():
			if !open {
				p.broken(ctx)
				quiet.Reset(quietAfter)
				continue
			}
			p.heard(ctx, event)
		}
	}
}

func (p *pipeline) events() <-chan speech.Event {
	if p.stream == nil {
		return nil
	}
	return p.stream.Events()
}

// take cuts sound into chunks.
func (p *pipeline) take(ctx context.Context, pcm []int16) {
	p.pending = append(p.pending, pcm...)
	for len(p.pending) >= samples(chunk) {
		piece := p.pending[:samples(chunk):samples(chunk)]
		p.pending = p.pending[samples(chunk):]
		p.piece(ctx, piece)
	}
}

// piece lets the engine rest through silence.
func (p *pipeline) piece(ctx context.Context, pcm []int16) {
	if p.hearing.human.Load() {
		p.demand.awake.Store(false)
		p.flush() // what was said before is the machine's to finish
		p.part()
		return
	}
	if volume := level(pcm); volume < loud {
		p.silence += duration(pcm)
	} else {
		p.silence, p.soundAt = 0, p.clock.now()
		p.loudness += (volume - p.loudness) * duration(pcm).Seconds()
	}
	p.demand.awake.Store(p.silence < sleepAfter)
	if p.silence >= sleepAfter {
		if !p.asleep {
			p.flush()
			p.asleep = true
		}
		p.part()
		p.roll = append(p.roll, pcm...)
		p.roll = p.roll[max(0, len(p.roll)-samples(preRoll)):]
		return
	}
	if p.asleep {
		p.asleep = false
		pcm = append(p.roll, pcm...)
		p.roll = nil
	}
	p.feed(ctx, pcm)
}

// level is the root mean square of the samples.
func level(pcm []int16) float64 {
	sum := 0.0
	for _, s := range pcm {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum / float64(max(1, len(pcm))))
}

func (p *pipeline) feed(ctx context.Context, pcm []int16) {
	p.speak(pcm)
	if !p.worker.load.admits(p.demand) {
		p.shutOut(ctx, pcm)
		return
	}
	p.clock.heard(duration(pcm))
	p.hold(pcm)
	if p.silence == 0 && !p.spoken {
		p.spoken, p.onset = true, p.clock.at(p.clock.fed-min(duration(pcm), chunk))
	}
	if p.stream == nil {
		p.open(ctx)
	} else {
		p.write(ctx, pcm)
	}
	p.cut(pcm)
	p.show()
}

// open begins a stream with the sound that no final was made of yet.
func (p *pipeline) open(ctx context.Context) {
	stream, err := p.hearing.engine.NewStream(ctx)
	if errors.Is(err, speech.ErrFull) {
		p.shutOut(ctx, nil)
		return
	}
	if err != nil {
		p.log.Debug("no stream for a voice", "error", err)
		p.await()
		return
	}
	p.stream, p.born, p.base = stream, p.clock.now(), p.clock.fed-duration(p.held)
	p.demand.hears(stream)
	p.demand.out.Store(false)
	p.demand.waits.Store(0)
	p.write(ctx, p.held)
}

func (p *pipeline) write(ctx context.Context, pcm []int16) {
	p.unasked = true
	if err := p.stream.Write(pcm, p.worker.load.now() < finalsOnly); err != nil {
		p.log.Warn("engine gave up a voice", "error", err)
		p.broken(ctx)
	}
}

// broken ends a stream that failed. The next one hears again what this one
// made no line of, but only once, and not from an engine that is too slow.
func (p *pipeline) broken(ctx context.Context) {
	if !p.spoken && p.segment == "" {
		p.held, p.deaths = nil, 0
	} else if p.deaths++; p.deaths > 1 || p.stream.Backlog() > tooSlow {
		p.lose(ctx)
	}
	p.leave()
}

// lose gives up what was said after the last final. What readers saw of it
// stays, and the log tells that there was more.
func (p *pipeline) lose(ctx context.Context) {
	lost := p.spoken || p.segment != ""
	if p.shown != "" {
		p.keep(ctx, Line{Text: sentence(p.shown), Start: p.start, End: p.clock.now()})
	}
	p.miss(p.held)
	p.held = nil
	p.settled()
	if lost {
		p.hearing.gap(ctx)
	}
}

// leave ends the stream.
func (p *pipeline) leave() {
	if p.stream != nil {
		p.demand.hears(nil)
		p.stream.Close()
	}
	p.stream, p.flushing, p.unasked = nil, false, false
	p.stable.anew()
}

// cut ends a line at a pause, which engines do by themselves most times, and one
// that has grown long where the voice is softest: there, no word is likely to
// be cut in two.
func (p *pipeline) cut(pcm []int16) {
	if p.segment == "" && (!p.spoken || p.worker.load.now() < finalsOnly) {
		return // there is no guess yet, or never will be
	}
	p.length += duration(pcm)
	if p.soft += duration(pcm); level(pcm) >= p.loudness/3 {
		p.soft = 0
	}
	if p.silence >= quietAfter || p.length >= longestLine || p.length >= longLine && p.soft >= softFor {
		p.flush()
	}
}

// flush asks for a final of what was said so far.
func (p *pipeline) flush() {
	if p.stream == nil || p.flushing || !p.unasked {
		return
	}
	if p.stream.Flush() == nil { // a failed stream ends by its events
		p.flushing, p.unasked = true, false
	}
}

// pause makes a final of what was said when no more sound comes. It says
// whether it could: there may be no engine at the moment, or one that still
// owes an answer.
func (p *pipeline) pause(ctx context.Context) bool {
	if len(p.pending) > 0 {
		rest := p.pending
		p.pending = nil
		p.piece(ctx, rest)
	}
	if p.stream == nil && p.spoken {
		p.open(ctx)
	}
	p.flush()
	return !p.unasked && (p.stream != nil || !p.spoken)
}

// finish waits for the last line, if one is to come.
func (p *pipeline) finish(ctx context.Context) {
	late, again := time.NewTimer(closeWait), time.NewTicker(againEvery)
	defer late.Stop()
	defer again.Stop()
	for p.pause(ctx); p.flushing || p.unasked || p.spoken && p.stream == nil; p.pause(ctx) {
		select {
		case event, open := <-p.events():
			if !open {
				p.broken(ctx)
				continue
			}
			p.heard(ctx, event)
		case <-again.C:
		case <-late.C:
			p.lose(ctx)
			return
		}
	}
}

// heard shows a guess, or keeps a final.
func (p *pipeline) heard(ctx context.Context, event speech.Event) {
	if event.Flushed {
		p.flushing = false
	}
	if event.Final {
		p.final(ctx, event)
		return
	}
	if p.segment == "" {
		p.segment, p.start = uuid.NewString(), p.onset
		if p.start.IsZero() {
			p.start = p.clock.now()
		}
	}
	at := p.base + event.Until
	if text, other := p.stable.next(event.Text, at); other {
		p.unshown, p.behind = text, at
	}
	p.show()
}

// show lets readers see the guess that waits, if it is time.
func (p *pipeline) show() {
	every := showEvery
	if p.worker.load.now() >= fewerUpdates {
		every = showSeldom
	}
	if p.unshown == "" || p.clock.now().Sub(p.shownAt) < every {
		return
	}
	p.shown, p.unshown, p.shownAt = p.unshown, "", p.clock.now()
	p.tell(sentence(p.shown))
	p.hearing.measure(func(m *meter) { m.shown.add(p.shownAt.Sub(p.clock.at(p.behind))) })
}

func (p *pipeline) tell(text string) {
	p.worker.rooms.Show(p.room, p.identity, Partial{Segment: p.segment, Text: text, Start: p.start, Language: p.room.Language})
}

func (p *pipeline) final(ctx context.Context, event speech.Event) {
	switch {
	case event.Text != "":
		p.deaths = 0
		line := p.line(event)
		p.keep(ctx, line)
		if len(event.Words) > 0 { // else the end is a guess
			p.hearing.measure(func(m *meter) { m.lines.add(p.clock.now().Sub(line.End)) })
		}
	case p.shown != "":
		p.tell("") // it was nothing
	}
	p.forget(event)
	p.settled()
	if p.stream != nil && p.clock.now().Sub(p.born) > recycle {
		p.leave() // Kaldi's streams grow with age
	}
}

func (p *pipeline) line(event speech.Event) Line {
	line := Line{Text: sentence(event.Text), Start: p.start, End: p.clock.now(), Confidence: confidence(event.Words)}
	if line.Start.IsZero() {
		line.Start = p.onset
	}
	if n := len(event.Words); n > 0 {
		line.Start, line.End = p.clock.at(p.base+event.Words[0].Start), p.clock.at(p.base+event.Words[n-1].End)
	}
	if line.Start.IsZero() {
		line.Start = line.End
	}
	return line
}

// forget drops the sound that a final was made of.
func (p *pipeline) forget(event speech.Event) {
	upTo := p.base + event.Until
	if n := len(event.Words); n > 0 {
		upTo = p.base + event.Words[n-1].End
	}
	from := p.clock.fed - duration(p.held)
	p.held = p.held[min(max(0, samples(upTo-from)), len(p.held)):]
}

// settled makes ready for the next line.
func (p *pipeline) settled() {
	p.segment, p.start, p.length, p.unshown, p.shown = "", time.Time{}, 0, "", ""
	p.stable.reset()
	p.spoken, p.onset = false, time.Time{}
	for at := 0; at < len(p.held) && !p.spoken; at += samples(chunk) {
		if level(p.held[at:min(at+samples(chunk), len(p.held))]) >= loud {
			p.spoken, p.onset = true, p.clock.at(p.clock.fed-duration(p.held[at:]))
		}
	}
}

// keep stores a line of the present segment.
func (p *pipeline) keep(ctx context.Context, line Line) {
	line.Segment, line.Language, line.Source, line.Engine, line.Revision = p.segment, p.room.Language, Machine, p.hearing.engine.Info().Engine, 1
	if line.Segment == "" {
		line.Segment = uuid.NewString()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	if err := p.worker.rooms.Keep(ctx, p.room, p.identity, line); err != nil {
		p.log.Warn("a line is lost", "error", err)
	}
	p.hearing.gapped.Store(false)
}

func confidence(words []speech.Word) float32 {
	if len(words) == 0 {
		return 0
	}
	sum := float32(0)
	for _, w := range words {
		sum += w.Confidence
	}
	return sum / float32(len(words))
}
