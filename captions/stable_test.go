package captions

import (
	"math/rand/v2"
	"strings"
	"testing"
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

func TestStableShowsWhatTwoGuessesAgreeOn(t *testing.T) {
	t.Parallel()
	var s stable
	for _, step := range []struct{ guess, want string }{
		{"the", ""}, {"the cat", "the"}, {"the cap is", ""}, {"the cap is on", "the cap is"}, {"the", ""}, {"", ""},
		{"the cap is on", ""}, {"the cap is on fire", "the cap is on"}, {"the cap is on fire", "the cap is on fire"},
	} {
		got, grew := s.next(step.guess)
		if got != step.want || grew != (step.want != "") {
			t.Errorf("%q: %q, %v, want %q", step.guess, got, grew, step.want)
		}
	}
	s.reset()
	if got, grew := s.next("the"); grew {
		t.Errorf("after a reset: %q", got)
	}
}

// Whatever an engine guesses, what is shown only grows, and no word of it is
// rewritten more often than in the guesses themselves.
func TestStableIsCalmerThanTheEngine(t *testing.T) {
	t.Parallel()
	calmer := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var s stable
		var raw, shown display
		var guess []string
		length := 0
		for range 40 {
			guess = guess[:max(0, len(guess)-r.IntN(3))]
			for range r.IntN(4) {
				guess = append(guess, string(rune('a'+r.IntN(3))))
			}
			raw.show(strings.Join(guess, " "))
			text, grew := s.next(strings.Join(guess, " "))
			if !grew {
				continue
			}
			if n := len(strings.Fields(text)); n <= length {
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
