package captions

import "time"

// MaxWritten bounds a line that a person writes, in characters.
const MaxWritten = 500

// longestTyping is how long ago the writing of one line may have begun.
const longestTyping = time.Minute

// Written is a line that a captioner wrote, who began some time ago.
func Written(segment, text, language string, now time.Time, began time.Duration) Line {
	return Line{
		Segment: segment, Text: oneLine(text), Language: language, Source: Human, Revision: 1,
		Start: now.Add(-min(max(0, began), longestTyping)), End: now,
	}
}

// Corrected is the next revision of a line, as a captioner corrected it.
func (l Line) Corrected(text string) Line {
	l.Text, l.Source, l.Engine, l.Confidence = oneLine(text), Human, "", 0
	l.Revision++
	return l
}
