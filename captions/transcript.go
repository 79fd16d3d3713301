package captions

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Cue is one line of a transcript. Times count from the room's start.
type Cue struct {
	Seq        int64         `json:"seq"`
	Speaker    string        `json:"speaker"`
	Handle     string        `json:"handle,omitempty"`
	Start, End time.Duration `json:"-"`
	Text       string        `json:"text"`
	Language   string        `json:"language"`
	Source     Source        `json:"source"`
	Segment    string        `json:"segment"`
	Revision   int           `json:"revision"` // past 1, the line was corrected
}

// Newest leaves of each line its newest revision, where the first one stands.
// The cues come in the order of the log.
func Newest(cues []Cue) []Cue {
	at := make(map[string]int, len(cues))
	newest := make([]Cue, 0, len(cues))
	for _, c := range cues {
		if i, corrected := at[c.Segment]; corrected {
			c.Seq = newest[i].Seq
			newest[i] = c
			continue
		}
		at[c.Segment] = len(newest)
		newest = append(newest, c)
	}
	return newest
}

// shortest is how long a cue stays at least: players drop shorter ones.
const shortest = 500 * time.Millisecond

func (c Cue) end() time.Duration { return max(c.End, c.Start+shortest) }

// WriteVTT writes a transcript as WebVTT (W3C), with the speakers as voices.
func WriteVTT(w io.Writer, language string, cues []Cue) error {
	if _, err := fmt.Fprintf(w, "WEBVTT\nLanguage: %s\n", language); err != nil {
		return err
	}
	for _, c := range cues {
		_, err := fmt.Fprintf(w, "\n%d\n%s --> %s\n<v %s><lang %s>%s</lang></v>\n",
			c.Seq, stamp(c.Start, '.'), stamp(c.end(), '.'), voice(c.Speaker), c.Language, escape(c.Text))
		if err != nil {
			return err
		}
	}
	return nil
}

// WriteSRT writes a transcript as SubRip.
func WriteSRT(w io.Writer, cues []Cue) error {
	for i, c := range cues {
		_, err := fmt.Fprintf(w, "%d\n%s --> %s\n%s: %s\n\n", i+1, stamp(c.Start, ','), stamp(c.end(), ','), oneLine(c.Speaker), oneLine(c.Text))
		if err != nil {
			return err
		}
	}
	return nil
}

// WriteText writes a transcript as people read it: a turn per speaker.
func WriteText(w io.Writer, cues []Cue) error {
	speaker := ""
	for i, c := range cues {
		if c.Speaker != speaker {
			between := "\n"
			if i == 0 {
				between = ""
			}
			if _, err := fmt.Fprintf(w, "%s[%s] %s:\n", between, stamp(c.Start, '.')[:8], oneLine(c.Speaker)); err != nil {
				return err
			}
			speaker = c.Speaker
		}
		if _, err := fmt.Fprintln(w, oneLine(c.Text)); err != nil {
			return err
		}
	}
	return nil
}

// stamp is a time as both formats write it, but for the mark before the
// milliseconds.
func stamp(d time.Duration, mark rune) string {
	d = max(0, d)
	return fmt.Sprintf("%02d:%02d:%02d%c%03d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60, mark, d.Milliseconds()%1000)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escape(text string) string { return escaper.Replace(oneLine(text)) }

// voice is a speaker's name inside a tag, which ends at the first >.
func voice(name string) string { return escape(name) }

// oneLine keeps a text from ending the cue it is in.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
