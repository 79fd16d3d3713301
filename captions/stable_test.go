package captions

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// display counts how often a word that was shown is replaced by another.
type display struct {
	words    []string
	rewrites int
}

func (d *display) show(text string) {
	for i, word := range strings.Fields(text) {
		if i == len(d.words) {
			d.words = append(d.words, word)
		} else if d.words[i] != word {
			d.words[i] = word
			d.rewrites++
		}
	}
}

func TestStableKeepsTheLastWordBack(t *testing.T) {
	t.Parallel()
	var s stable
	at := time.Duration(0)
	for _, step := range []struct {
		after       time.Duration
		guess, want string
	}{
		{0, "the", ""},
		{settle - 1, "the", ""}, // it stands, but not for long enough
		{1, "the", "the"},
		{settle, "the", ""}, // nothing new
		{1, "the cap is", "the cap"},
		{1, "the cat is on", "the cat is"}, // a word that was shown is corrected
		{1, "the", ""},                     // nothing is taken away
		{1, "the cat is on", ""},
		{settle, "the cat is on", "the cat is on"},
		{1, "", ""},
		{1, "the cat is on fire now", "the cat is on fire"},
		{1, "the cat is on fire", ""}, // two guesses agree
		{1, "the cat is on fire now", ""},
		{1, "the cat is on fire now it", "the cat is on fire now"},
	} {
		at += step.after
		got, other := s.next(step.guess, at)
		if got != step.want || other != (step.want != "") {
			t.Errorf("%q at %v: %q, %v, want %q", step.guess, at, got, other, step.want)
		}
	}
	s.reset()
	if got, other := s.next("the", at); other {
		t.Errorf("after a reset: %q", got)
	}
}

// Another stream's first guess does not confirm an old one.
func TestStableAsksEachStreamAnew(t *testing.T) {
	t.Parallel()
	var s stable
	s.next("the cat", 0)
	s.anew()
	if got, other := s.next("the cat", settle); other {
		t.Errorf("%q", got)
	}
}

// Whatever an engine guesses, what is shown never gets shorter, and no word of
// it is rewritten more often than in the guesses themselves.
func TestStableIsCalmerThanTheEngine(t *testing.T) {
	t.Parallel()
	calmer := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var s stable
		var raw, shown display
		var guess []string
		length := 0
		for step := range time.Duration(40) {
			guess = guess[:max(0, len(guess)-r.IntN(3))]
			for range r.IntN(4) {
				guess = append(guess, string(rune('a'+r.IntN(3))))
			}
			raw.show(strings.Join(guess, " "))
			text, other := s.next(strings.Join(guess, " "), step*settle/2)
			if !other {
				continue
			}
			if n := len(strings.Fields(text)); n < length {
				t.Fatalf("seed %d: %d words after %d", seed, n, length)
			} else {
				length = n
			}
			shown.show(text)
		}
		if shown.rewrites > raw.rewrites {
			t.Errorf("seed %d: %d rewrites, the engine has %d", seed, shown.rewrites, raw.rewrites)
		}
		if shown.rewrites < raw.rewrites {
			calmer++
		}
	}
	if calmer < 150 {
		t.Errorf("calmer than the engine only %d times of 300", calmer)
	}
}

func TestSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "  ": "", "hello  there": "Hello there", "i think i'm in it": "I think I'm in it", "iris is in": "Iris is in",
		"élan i'd say": "Élan I'd say",
	} {
		if got := sentence(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
