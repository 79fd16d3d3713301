package captions

import (
	"slices"
	"strings"
	"time"
)

// settle is for how much sound the last word of a guess must stand before it is
// shown: a quarter of them is rewritten by then. It is the step in which the
// decoders of Vosk's models go on.
const settle = 240 * time.Millisecond

// stable shows of a growing guess the words that will hardly change: engines
// rewrite their last word again and again, and a reader's eye should not.
// Earlier words are shown at once, the last one when another follows or when it
// has stood for a while.
type stable struct {
	guess []string      // the latest
	since time.Duration // offset of the sound at which it came
	shown []string
}

// next takes a guess about the sound up to an offset, and returns the text to
// show and whether that is another than before. It never gets shorter.
func (s *stable) next(guess string, at time.Duration) (string, bool) {
	words := strings.Fields(guess)
	n := len(words)
	if !slices.Equal(words, s.guess) {
		n = max(agreed(words, s.guess), n-1)
		s.guess, s.since = words, at
	} else if at-s.since < settle {
		return "", false
	}
	if n < len(s.shown) || slices.Equal(words[:n], s.shown) {
		return "", false
	}
	s.shown = words[:n]
	return strings.Join(s.shown, " "), true
}

// agreed is how many words two guesses have in common from the start.
func agreed(a, b []string) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// anew forgets the latest guess: another stream knows nothing of it.
func (s *stable) anew() { s.guess = nil }

func (s *stable) reset() { *s = stable{} }

// sentence is a line as people write it: engines leave out capitals.
func sentence(text string) string {
	words := strings.Fields(text)
	for i, word := range words {
		if word == "i" || strings.HasPrefix(word, "i'") {
			words[i] = "I" + word[1:]
		}
	}
	text = strings.Join(words, " ")
	if text == "" {
		return ""
	}
	first := []rune(text)
	return strings.ToUpper(string(first[0])) + string(first[1:])
}
