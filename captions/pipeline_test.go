package captions

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"salon/captions/speech"
)

// voiced is one pipeline in a bubble, where time passes only when everyone waits.
type voiced struct {
	*pipeline
	t      *testing.T
	engine *fakeEngine
	rooms  *fakeRooms
	began  time.Time
}

func bubble(t *testing.T, test func(v *voiced)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		engine, rooms := &fakeEngine{}, &fakeRooms{}
		w := NewWorker(Engines{Running: []speech.Engine{engine}}, rooms, nil, nil, silentLog)
		p := newPipeline(&hearing{worker: w, room: english(), engine: w.engines.Running[0]}, "ana")
		v := &voiced{p, t, engine, rooms, time.Now()}
		go p.run(t.Context())
		test(v)
		v.Close()
		for i, s := range engine.streams {
			if !s.closed {
				t.Errorf("stream %d is left open", i)
			}
		}
	})
}

func (v *voiced) sound(d time.Duration, volume int16) {
	v.t.Helper()
	const packet = 20 * time.Millisecond
	for range d / packet {
		time.Sleep(packet)
		pcm := make([]int16, samples(packet))
		for i := range pcm {
			pcm[i] = volume * int16(1-i%2*2)
		}
		v.PCM(pcm)
	}
	synctest.Wait()
}

func (v *voiced) speak(d time.Duration)  { v.sound(d, 3000) }
func (v *voiced) silent(d time.Duration) { v.sound(d, 0) }

func (v *voiced) event(e speech.Event) {
	v.engine.last().tell(e)
	synctest.Wait()
}

func (v *voiced) guess(text string) { v.event(speech.Event{Text: text}) }

func (v *voiced) lines(want ...string) {
	v.t.Helper()
	if got := v.rooms.texts(); !slices.Equal(got, want) {
		v.t.Errorf("lines %q, want %q", got, want)
	}
}

func (v *voiced) gaps(want int) {
	v.t.Helper()
	if got := v.rooms.gapCount(); got != want {
		v.t.Errorf("%d gaps, want %d", got, want)
	}
}

func TestALineAndItsTimes(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.silent(20 * chunk)
		v.speak(30 * chunk)
		v.guess("hello")
		v.guess("hello there")
		v.event(speech.Event{Text: "hello there", Final: true, Words: []speech.Word{
			{Text: "hello", Start: 1300 * time.Millisecond, End: 1500 * time.Millisecond, Confidence: 1},
			{Text: "there", Start: 1500 * time.Millisecond, End: 2000 * time.Millisecond, Confidence: 0.5},
		}})
		partials := v.rooms.shown()
		if len(partials) != 1 || partials[0].Text != "Hello" || partials[0].Start.Sub(v.began) != 20*chunk {
			t.Errorf("%+v, began %v", partials, v.began)
		}
		v.lines("Hello there")
		line := v.rooms.lines[0].line
		if start, end := line.Start.Sub(v.began), line.End.Sub(v.began); start != 1300*time.Millisecond || end != 2*time.Second {
			t.Errorf("from %v to %v", start, end)
		}
		if line.Segment != partials[0].Segment || line.Segment == "" || line.Revision != 1 || line.Source != Machine ||
			line.Engine != "fake" || line.Confidence != 0.75 || line.Language != "en-GB" || v.rooms.lines[0].who != "ana" {
			t.Errorf("%+v", line)
		}
		v.silent(showEvery + 20*time.Millisecond)
		v.guess("and")
		v.guess("and so")
		if now := v.rooms.shown(); len(now) != 2 || now[1].Segment == line.Segment {
			t.Errorf("the next line has the same segment: %+v", now)
		}
	})
}

// Times are those of the sound, not of the answer, after a nap and a mute, too.
func TestTimesAfterTheEngineRested(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(time.Second)
		v.silent(20 * time.Second)
		fed := v.clock.fed
		v.speak(time.Second)
		after(20 * time.Second) // muted: no packets
		again := v.clock.fed
		v.speak(2 * time.Second)
		word := func(at time.Duration) speech.Event {
			return speech.Event{Text: "word", Final: true, Words: []speech.Word{{Text: "word", Start: at, End: at + 100*time.Millisecond}}}
		}
		v.event(word(fed + preRoll))
		v.event(word(again))
		for i, want := range []time.Duration{21 * time.Second, 42 * time.Second} {
			if got := v.rooms.lines[i].line.Start.Sub(v.began); (got - want).Abs() > drift {
				t.Errorf("line %d at %v, want %v", i, got, want)
			}
		}
	})
}

func TestGuessesGoOutNoOftenerThanTheyCanBeRead(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(100 * time.Millisecond)
		text := ""
		for range 20 {
			text += " word"
			v.guess(text)
		}
		if n := len(v.rooms.shown()); n != 1 {
			t.Errorf("%d partials at once", n)
		}
		v.speak(300 * time.Millisecond) // what was held back comes when it is time
		shown := v.rooms.shown()
		if len(shown) != 2 || len(shown[1].Text) != len("word")*19+18 {
			t.Errorf("%+v", shown)
		}
	})
}

func TestTheEngineRestsThroughSilence(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(20 * chunk)
		v.silent(sleepAfter)
		before, flushes := v.engine.last().counts()
		if flushes != 1 {
			t.Errorf("%d flushes on falling asleep", flushes)
		}
		v.silent(20 * time.Second)
		if after, _ := v.engine.last().counts(); after != before {
			t.Errorf("%d writes in 20 s of silence", after-before)
		}
		heard := v.engine.last().heard
		v.speak(2 * chunk)
		if got := v.engine.last().heard - heard; got != preRoll+2*chunk {
			t.Errorf("woken with %v of sound", got)
		}
	})
}

// A voice that is silent for long leaves its place to others, muted or not, and
// gets one again when it speaks.
func TestALongSilenceGivesUpThePlace(t *testing.T) {
	for name, silence := range map[string]func(*voiced, time.Duration){
		"silent": (*voiced).silent, "muted": func(_ *voiced, d time.Duration) { after(d) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(v *voiced) {
				v.speak(20 * chunk)
				silence(v, partAfter-time.Second)
				first := v.engine.last()
				if first.isClosed() {
					t.Error("the place was given up too soon")
				}
				silence(v, partAfter)
				if !first.isClosed() {
					t.Error("the place was not given up")
				}
				v.speak(2 * chunk)
				if v.engine.count() != 2 || v.engine.last().heard > preRoll+2*chunk {
					t.Errorf("%d streams, the last heard %v", v.engine.count(), v.engine.last().heard)
				}
			})
		})
	}
}

func TestAMuteMakesAFinal(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(1040 * time.Millisecond) // not a whole number of chunks
		v.engine.last().set(func(s *fakeStream) { s.final = "hold on" })
		time.Sleep(quietAfter + time.Millisecond)
		synctest.Wait()
		v.lines("Hold on")
		if heard := v.engine.last().heard; heard != 1040*time.Millisecond {
			t.Errorf("the engine heard %v", heard)
		}
		time.Sleep(time.Minute)
		if _, flushes := v.engine.last().counts(); flushes != 1 {
			t.Errorf("%d flushes", flushes)
		}
	})
}

// A pause ends a line even when the engine does not think so.
func TestAPauseMakesAFinal(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(20 * chunk)
		v.guess("hold on")
		v.silent(quietAfter - chunk)
		if _, flushes := v.engine.last().counts(); flushes != 0 {
			t.Error("flushed in the middle of a pause")
		}
		v.engine.last().set(func(s *fakeStream) { s.final = "hold on" })
		v.silent(2 * time.Second)
		v.lines("Hold on")
		if _, flushes := v.engine.last().counts(); flushes != 1 {
			t.Errorf("%d flushes", flushes)
		}
	})
}

// Sound that came while a flush was under way is not forgotten by the next pause.
func TestAPauseBehindAFlush(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(time.Second)
		v.engine.last().set(func(s *fakeStream) { s.deaf = true })
		time.Sleep(quietAfter + time.Millisecond)
		v.speak(time.Second)
		time.Sleep(2 * quietAfter)
		v.engine.last().set(func(s *fakeStream) { s.deaf, s.final = false, "two" })
		v.event(speech.Event{Text: "one", Final: true, Flushed: true})
		time.Sleep(quietAfter)
		synctest.Wait()
		v.lines("One", "Two")
	})
}

func TestTheLastLineIsKeptOnClose(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(time.Second)
		v.engine.last().set(func(s *fakeStream) { s.final = "good night" })
		v.Close() // no guess came yet
		v.lines("Good night")
		v.gaps(0)
	})
}

func TestCloseDoesNotWaitForADeafEngine(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(time.Second)
		v.guess("good")
		v.guess("good night")
		v.engine.last().set(func(s *fakeStream) { s.deaf = true })
		began := time.Now()
		v.Close()
		if took := time.Since(began); took > closeWait+time.Second {
			t.Errorf("%v", took)
		}
		v.lines("Good") // what readers saw stays
		v.gaps(1)
	})
}

func TestAMonologueIsCutWhereItIsSoftest(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(200 * time.Millisecond)
		v.guess("on")
		v.speak(longLine)
		if _, flushes := v.engine.last().counts(); flushes != 0 {
			t.Error("cut in the middle of a word")
		}
		v.sound(200*time.Millisecond, 500)
		if _, flushes := v.engine.last().counts(); flushes != 1 {
			t.Errorf("%d flushes in a soft place", flushes)
		}
		v.guess("and on")
		v.speak(longestLine - time.Second)
		if _, flushes := v.engine.last().counts(); flushes != 1 {
			t.Errorf("%d flushes", flushes)
		}
		v.speak(2 * time.Second)
		if _, flushes := v.engine.last().counts(); flushes != 2 {
			t.Errorf("%d flushes when there is no soft place", flushes)
		}
	})
}

// An engine that dies in the middle of a sentence: the next one hears the
// sentence from its beginning, and the line keeps its segment.
func TestASentenceOutlivesItsEngine(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(20 * chunk)
		v.event(speech.Event{Text: "first", Final: true, Words: []speech.Word{{Text: "first", Start: 0, End: 20 * chunk}}})
		v.speak(40 * chunk)
		v.guess("never")
		v.guess("never lost")
		v.engine.set(true)
		v.engine.last().die()
		v.speak(20 * chunk)
		v.engine.set(false)
		v.speak(2 * chunk)
		if v.engine.count() != 2 || v.engine.last().heard != 62*chunk {
			t.Errorf("%d streams, the last heard %v", v.engine.count(), v.engine.last().heard)
		}
		v.event(speech.Event{Text: "never lost", Final: true, Words: []speech.Word{{Text: "never", Start: 100 * time.Millisecond, End: time.Second}}})
		v.lines("First", "Never lost")
		line := v.rooms.lines[1].line
		if line.Segment != v.rooms.shown()[0].Segment || line.Start.Sub(v.began) != 20*chunk+100*time.Millisecond {
			t.Errorf("%+v, %+v", line, v.rooms.shown())
		}
		v.gaps(0)
	})
}

// It comes back even if its speaker fell silent meanwhile, or left.
func TestASentenceOutlivesItsEngineThroughAMute(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(time.Second)
		v.engine.set(true)
		v.engine.last().die()
		time.Sleep(2 * time.Second)
		v.engine.set(false)
		time.Sleep(time.Second)
		synctest.Wait()
		if v.engine.count() != 2 || v.engine.last().heard != time.Second {
			t.Fatalf("%d streams", v.engine.count())
		}
		v.gaps(0)
	})
}

// Sound that kills every engine is given up, and the log says so.
func TestDeadlySoundIsGivenUp(t *testing.T) {
	bubble(t, func(v *voiced) {
		for range 2 {
			v.speak(20 * chunk)
			v.guess("boom")
			v.guess("boom boom")
			v.engine.last().die()
			synctest.Wait()
		}
		v.lines("Boom")
		v.gaps(1)
		v.speak(2 * chunk)
		if heard := v.engine.last().heard; heard != 2*chunk {
			t.Errorf("the third engine was given %v of sound", heard)
		}
	})
}

func TestAnEngineTooSlowIsNotGivenOldSound(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(20 * chunk)
		v.engine.last().set(func(s *fakeStream) { s.refuse, s.backlog = errors.New("slow"), 2*tooSlow })
		v.speak(chunk)
		v.gaps(1)
		v.speak(chunk)
		if v.engine.count() != 2 || v.engine.last().heard != chunk {
			t.Errorf("%d streams, %v", v.engine.count(), v.engine.last().heard)
		}
	})
}

func TestAGuessThatWasNothingIsTakenBack(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(time.Second)
		v.guess("the")
		v.guess("the the")
		v.event(speech.Event{Final: true})
		shown := v.rooms.shown()
		if len(shown) != 2 || shown[1].Text != "" || shown[1].Segment != shown[0].Segment {
			t.Errorf("%+v", shown)
		}
		v.lines()
		v.gaps(0)
	})
}

func TestOldStreamsAreReplacedAtAFinal(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(recycle + time.Second)
		if v.engine.count() != 1 {
			t.Errorf("%d streams", v.engine.count())
		}
		end := v.clock.fed - 10*chunk
		v.event(speech.Event{Text: "long", Final: true, Words: []speech.Word{{Text: "long", Start: end - time.Second, End: end}}})
		v.speak(2 * chunk)
		if v.engine.count() != 2 || v.engine.last().heard != 12*chunk {
			t.Errorf("%d streams, the last heard %v", v.engine.count(), v.engine.last().heard)
		}
	})
}

func TestWhatNobodyHasTimeForIsCounted(t *testing.T) {
	t.Parallel()
	w := NewWorker(fakeEngines(), &fakeRooms{}, nil, nil, silentLog)
	h := &hearing{worker: w, room: english(), engine: w.engines.Running[0]}
	p := newPipeline(h, "ana") // nobody runs it
	for range maxQueue + 3 {
		p.PCM(make([]int16, 320))
	}
	var s Status
	if w.describe(h, &s); w.Health().Dropped != 60*time.Millisecond || s.DroppedSeconds != 0.1 {
		t.Errorf("%v are lost, readers are told of %v s", w.Health().Dropped, s.DroppedSeconds)
	}
	if s.LateSeconds != 5 || s.Backlog != 5120 {
		t.Errorf("what waits for the pipeline is not late: %+v", s)
	}
}
