package main

import (
	"slices"
	"strings"
	"time"

	"salon/captions/speech/score"
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
	partial []seeing // when each word was first seen, if ever
	final   []seeing // the last new word of each line that was kept
	heard   string   // the lines
}

// seeing is when which event showed a word.
type seeing struct {
	delay time.Duration
	event int
}

// read follows the events of each sentence: its lines and the guess that is
// being made, one after the other, are what a reader sees of it.
func read(s *script, words [][]word, events []event) []reading {
	all := make([]reading, len(s.sentences))
	lines := make([][]event, len(s.sentences))
	known := make([][]bool, len(s.sentences))
	kept := make([][]bool, len(s.sentences))
	for i := range words {
		known[i], kept[i] = make([]bool, len(words[i])), make([]bool, len(words[i]))
	}
	where := map[string]int{}
	for n, e := range events {
		i, begun := where[e.Segment]
		if !begun {
			if i = s.at(e.At); i < 0 {
				continue
			}
			where[e.Segment] = i
			lines[i] = append(lines[i], e)
		}
		k := slices.IndexFunc(lines[i], func(l event) bool { return l.Segment == e.Segment })
		lines[i][k] = e
		shown, final := "", ""
		for _, l := range lines[i] {
			shown += " " + l.Text
			if l.Final {
				final += " " + l.Text
			}
		}
		all[i].heard = speechtest.Normal(final)
		for _, w := range news(words[i], shown, known[i]) {
			all[i].partial = append(all[i].partial, seeing{e.At - words[i][w].end, n})
		}
		if latest := news(words[i], final, kept[i]); len(latest) > 0 {
			all[i].final = append(all[i].final, seeing{e.At - words[i][latest[len(latest)-1]].end, n})
		}
	}
	return all
}

// news are the words that a text shows and that were not known before, in
// order.
func news(words []word, text string, known []bool) (found []int) {
	for _, w := range shared(words, strings.Fields(speechtest.Normal(text))) {
		if !known[w] {
			known[w] = true
			found = append(found, w)
		}
	}
	return found
}

// shared are the words that a text has in common with what was said, in order:
// the longest such row, and the earliest of them.
func shared(words []word, text []string) (found []int) {
	longest := make([][]int, len(words)+1) // of what follows two places
	for i := range longest {
		longest[i] = make([]int, len(text)+1)
	}
	for i := len(words) - 1; i >= 0; i-- {
		for j := len(text) - 1; j >= 0; j-- {
			if longest[i][j] = max(longest[i+1][j], longest[i][j+1]); words[i].text == text[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			}
		}
	}
	for i, j := 0, 0; i < len(words) && j < len(text); {
		switch {
		case words[i].text == text[j]:
			found = append(found, i)
			i, j = i+1, j+1
		case longest[i][j+1] >= longest[i+1][j]:
			j++
		default:
			i++
		}
	}
	return found
}

// unrest is how many guesses were shown, and how many words of them were shown
// in vain: they were gone from the next guess or from the line.
func unrest(events []event) (updates, rewritten int) {
	last := map[string][]word{}
	for _, e := range events {
		now := strings.Fields(speechtest.Normal(e.Text))
		before := last[e.Segment]
		rewritten += len(before) - len(shared(before, now))
		last[e.Segment] = nil
		for _, text := range now {
			last[e.Segment] = append(last[e.Segment], word{text: text})
		}
		if !e.Final && e.Text != "" {
			updates++
		}
	}
	return updates, rewritten
}

// mistakes is how many words of the script are wrong in what was kept.
func mistakes(s *script, all []reading) (wrong, words int) {
	for i, one := range s.sentences {
		wrong += score.Errors(one.text, all[i].heard)
		words += len(strings.Fields(one.text))
	}
	return wrong, words
}
