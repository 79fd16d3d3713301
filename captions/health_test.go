package captions

import (
	"errors"
	"testing"
	"time"

	"salon/captions/speech"
)

func (v *voiced) health() Health { return v.worker.Health() }

// Delays are told from the sound, not from the answer.
func TestDelaysOfLinesAndGuesses(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.speak(40 * chunk)
		v.engine.last().set(func(s *fakeStream) { s.backlog = 300 * time.Millisecond })
		v.guess("hello")
		v.guess("hello there")
		if got := v.health().Shown; got.Count != 1 || got.P50 != 300*time.Millisecond || got.Sum != got.P95 {
			t.Errorf("a guess about old sound: %+v", got)
		}
		v.event(speech.Event{Text: "hello there", Final: true, Words: []speech.Word{{Text: "there", Start: time.Second, End: 40*chunk - 500*time.Millisecond}}})
		if got := v.health().Lines; got.Count != 1 || got.P95 != 500*time.Millisecond {
			t.Errorf("a line of old words: %+v", got)
		}
		v.event(speech.Event{Text: "nobody knows when", Final: true})
		if got := v.health().Lines.Count; got != 1 {
			t.Errorf("a line without times counts: %d", got)
		}
	})
}

func TestQuantilesAreOfTheLatest(t *testing.T) {
	t.Parallel()
	var d delays
	if v := d.view(); v != (Delays{}) {
		t.Errorf("of nothing: %+v", v)
	}
	for range 1000 {
		d.add(time.Hour)
	}
	for i := range maxDelays {
		d.add(time.Duration(i) * time.Millisecond)
	}
	if v := d.view(); v.Count != 1000+maxDelays || v.P50 != 128*time.Millisecond || v.P95 != 243*time.Millisecond {
		t.Errorf("%+v", v)
	}
}

// Speech that no engine got is told as a part of all speech; silence is none.
func TestWhatWasNotRecognisedIsCounted(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.silent(20 * chunk)
		v.speak(100 * chunk)
		if h := v.health(); h.Loud != 100*chunk || h.Missed != 0 || h.captioned() != 100 {
			t.Errorf("%+v", h)
		}
		v.engine.last().set(func(s *fakeStream) { s.refuse, s.backlog = errors.New("slow"), 2*tooSlow })
		v.speak(chunk) // refused, and all that no line was made of with it
		if h := v.health(); h.Missed != 101*chunk || h.captioned() != 0 {
			t.Errorf("%+v", h)
		}
	})
	bubble(t, func(v *voiced) {
		v.engine.set(true)
		v.speak(2 * longestHeld) // half of it waits for an engine
		if h := v.health(); h.Missed != longestHeld || h.captioned() != 50 {
			t.Errorf("%+v", h)
		}
		if h := v.health(); h.Late < 2*longestHeld-time.Second || h.Late > 2*longestHeld {
			t.Errorf("late by %v", h.Late)
		}
		v.engine.set(false)
		v.speak(chunk)
		if h := v.health(); h.Missed != longestHeld+chunk || h.Late != 0 { // what made way for the newest
			t.Errorf("once there is an engine again: %+v", h)
		}
	})
}

// An engine without a place for a voice says so to readers, and the log says
// once that there are words missing.
func TestAFullEngineLeavesAVoiceOut(t *testing.T) {
	bubble(t, func(v *voiced) {
		v.engine.fail(speech.ErrFull)
		v.speak(50 * chunk)
		var s Status
		v.worker.describe(v.hearing, &s)
		if s.Load != "some-voices" || *s.CaptionedPercent != 0 || s.LateSeconds != 0 {
			t.Errorf("%+v", s)
		}
		v.hearing.gapped.Store(false) // somebody else said a line
		v.speak(chunk)
		v.gaps(1)
		v.engine.fail(nil)
		v.speak(chunk)
		if v.engine.count() != 1 || v.engine.last().heard != chunk {
			t.Errorf("%d streams, heard %v: old sound makes a full engine late", v.engine.count(), v.engine.last().heard)
		}
		s = Status{}
		if v.worker.describe(v.hearing, &s); s.Load != "" {
			t.Errorf("%+v", s)
		}
	})
}

// What a reader can do something about is told at once, figures seldom.
func TestWhatIsWorthTelling(t *testing.T) {
	t.Parallel()
	now, half, all := time.Unix(1000, 0), 50, 100
	known := toldStatus{status: Status{State: "on", CaptionedPercent: &all, DelayP50: 100}, at: now}
	alike := all
	for name, c := range map[string]struct {
		status Status
		after  time.Duration
		want   bool
	}{
		"the same":           {Status{State: "on", CaptionedPercent: &alike, DelayP50: 100}, time.Hour, false},
		"another state":      {Status{State: "starting", CaptionedPercent: &all, DelayP50: 100}, 0, true},
		"late":               {Status{State: "on", CaptionedPercent: &all, DelayP50: 100, LateSeconds: 3}, 0, true},
		"less":               {Status{State: "on", CaptionedPercent: &all, DelayP50: 100, Load: "finals-only"}, 0, true},
		"lost sound":         {Status{State: "on", CaptionedPercent: &all, DelayP50: 100, DroppedSeconds: 1}, 0, true},
		"a figure":           {Status{State: "on", CaptionedPercent: &all, DelayP50: 200}, 0, false},
		"a figure, later":    {Status{State: "on", CaptionedPercent: &all, DelayP50: 200}, figuresEvery, true},
		"a part, later":      {Status{State: "on", CaptionedPercent: &half, DelayP50: 100}, figuresEvery, true},
		"no part, later":     {Status{State: "on", DelayP50: 100}, figuresEvery, true},
		"a figure, too soon": {Status{State: "on", CaptionedPercent: &half, DelayP50: 100}, figuresEvery - 1, false},
	} {
		if got := known.news(c.status, now.Add(c.after)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
