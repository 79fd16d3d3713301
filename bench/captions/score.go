package main

import (
	"slices"
	"strings"
	"time"

	"salon/captions/speech/speechtest"
)

// word is one that was understood, and when its sound ended.
type word struct {
	text     string
	sentence int
	end      time.Duration
}

// spoken are the words of the bare engine's finals, by sentence.
func spoken(s *script, bare []event) [][]word {
	all := make([][]word, len(s.sentences))
	for _, e := range bare {
		for _, w := range e.Words {
			if i := s.at((w.Start + w.End) / 2); i >= 0 {
				all[i] = append(all[i], word{w.Text, i, w.End})
			}
		}
	}
	return all
}

// reading is what somebody saw of one sentence.
type reading struct {
	partial []seeing // when words were first seen right
	final   []seeing // when they were in a line that was kept
	heard   string   // the lines
}

// seeing is when which event showed a word.
type seeing struct {
	word  int
	delay time.Duration
	event int
}

// read follows the events of each sentence: its lines and the guess that is
// being made, one after the other, are what a reader sees of it.
func read(s *script, words [][]word, events []event) []reading {
	all := make([]reading, len(s.sentences))
	type line struct {
		segment, text string
		final         bool
	}
	lines := make([][]line, len(s.sentences))
	where := map[string]int{}
	for n, e := range events {
		i, known := where[e.Segment]
		if !known {
			if i = s.at(e.At); i < 0 {
				continue
			}
			where[e.Segment] = i
		}
		k := slices.IndexFunc(lines[i], func(l line) bool { return l.segment == e.Segment })
		if k < 0 {
			k, lines[i] = len(lines[i]), append(lines[i], line{segment: e.Segment})
		}
		lines[i][k].text, lines[i][k].final = e.Text, e.Final
		shown, kept := "", ""
		for _, l := range lines[i] {
			shown += " " + l.text
			if l.final {
				kept += " " + l.text
			}
		}
		all[i].heard = speechtest.Normal(kept)
		all[i].partial = seen(all[i].partial, words[i], shown, e.At, n)
		all[i].final = seen(all[i].final, words[i], kept, e.At, n)
	}
	return all
}

// seen notes the words that are right for the first time.
func seen(already []seeing, words []word, text string, at time.Duration, event int) []seeing {
	for n := len(already); n < agreed(words, strings.Fields(speechtest.Normal(text))); n++ {
		already = append(already, seeing{n, at - words[n].end, event})
	}
	return already
}

func agreed(words []word, text []string) (n int) {
	for n < len(words) && n < len(text) && words[n].text == text[n] {
		n++
	}
	return n
}

// unrest is how many guesses were shown, and how many words of them were
// shown in vain: another came in their place, or none.
func unrest(events []event) (updates, rewritten int) {
	last := map[string][]string{}
	for _, e := range events {
		now := strings.Fields(speechtest.Normal(e.Text))
		before := last[e.Segment]
		same := 0
		for same < len(before) && same < len(now) && before[same] == now[same] {
			same++
		}
		rewritten += len(before) - same
		last[e.Segment] = now
		if !e.Final && e.Text != "" {
			updates++
		}
	}
	return updates, rewritten
}

// mistakes is how many words of the script are wrong in what was kept.
func mistakes(s *script, all []reading) (wrong, words int) {
	for i, one := range s.sentences {
		wrong += speechtest.Errors(one.text, all[i].heard)
		words += len(strings.Fields(one.text))
	}
	return wrong, words
}
