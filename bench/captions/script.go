package main

import (
	"time"

	"salon/captions/speech"
	"salon/captions/speech/speechtest"
)

// script is what is said: sentences with pauses between them.
type script struct {
	pcm       []int16
	packets   [][]byte // the same as Opus
	sentences []sentence
}

// sentence is one recording in the script. Times count from its beginning.
type sentence struct {
	text       string
	start, end time.Duration
}

// How the script is made: a pause is as long as people make it between two
// thoughts, so that a line ends there. Every fiftieth recording is taken, and
// as many that the small model knows by heart.
const (
	lead  = time.Second
	pause = 1500 * time.Millisecond
	every = 50
)

func write() (*script, error) {
	all, err := speechtest.Recordings()
	if err != nil {
		return nil, err
	}
	var chosen []speechtest.Recording
	for i := 0; i < len(all); i += every {
		chosen = append(chosen, all[i])
	}
	for _, one := range all {
		for _, name := range speechtest.Exact[:5] {
			if one.Name == name {
				chosen = append(chosen, one)
			}
		}
	}
	s := &script{pcm: make([]int16, samples(lead))}
	for _, one := range chosen {
		pcm, err := speechtest.Samples(one.Name)
		if err != nil {
			return nil, err
		}
		start := s.length()
		s.pcm = append(s.pcm, pcm...)
		s.sentences = append(s.sentences, sentence{one.Text, start, s.length()})
		s.pcm = append(s.pcm, make([]int16, samples(pause))...)
	}
	s.packets, err = speechtest.Opus(s.pcm)
	return s, err
}

func samples(d time.Duration) int { return int(d * speech.Rate / time.Second) }

func (s *script) length() time.Duration {
	return time.Duration(len(s.pcm)) * time.Second / speech.Rate
}

// at is the sentence that is being said, or was said last; -1 before the first.
func (s *script) at(offset time.Duration) int {
	found := -1
	for i, one := range s.sentences {
		if one.start <= offset {
			found = i
		}
	}
	return found
}
