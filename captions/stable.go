package captions

import "strings"

// stable shows of a growing guess the words that two guesses in a row agree
// on: engines rewrite their last words again and again, and a reader's eye
// should not.
type stable struct {
	before []string // the guess before
	shown  []string
}

// next takes a new guess and returns the text to show, and whether it grew.
func (s *stable) next(guess string) (string, bool) {
	words := strings.Fields(guess)
	agreed := 0
	for agreed < len(words) && agreed < len(s.before) && words[agreed] == s.before[agreed] {
		agreed++
	}
	s.before = words
	if agreed <= len(s.shown) {
		return "", false
	}
	s.shown = words[:agreed]
	return strings.Join(s.shown, " "), true
}

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
