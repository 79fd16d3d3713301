package captions

import (
	"time"

	"salon/captions/speech"
)

// drift is how far sound may be from where the clock expects it before the
// clock is set anew: packets arrive unevenly, and pauses are cut.
const drift = 250 * time.Millisecond

// maxMarks bounds how far back the clock remembers.
const maxMarks = 32

// clock tells when sound was heard. Offsets count the sound that an engine was
// given; time that passed in silence is not in them.
type clock struct {
	now   func() time.Time
	fed   time.Duration
	marks []mark
}

// mark says that the sound at an offset was heard at a time.
type mark struct {
	offset time.Duration
	time   time.Time
}

// heard adds sound that arrived just now.
func (c *clock) heard(sound time.Duration) {
	began := c.now().Add(-sound)
	if len(c.marks) == 0 || began.Sub(c.at(c.fed)).Abs() > drift {
		c.marks = append(c.marks[max(0, len(c.marks)+1-maxMarks):], mark{c.fed, began})
	}
	c.fed += sound
}

// at is when the sound at an offset was heard.
func (c *clock) at(offset time.Duration) time.Time {
	var m mark
	for i, one := range c.marks {
		if i == 0 || one.offset <= offset {
			m = one
		}
	}
	return m.time.Add(offset - m.offset)
}

func samples(d time.Duration) int { return int(d * speech.Rate / time.Second) }

func duration(pcm []int16) time.Duration { return time.Duration(len(pcm)) * time.Second / speech.Rate }
