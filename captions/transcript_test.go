package captions

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var cues = []Cue{
	{Seq: 3, Speaker: "Ada <b>", Start: 1500 * time.Millisecond, End: 3 * time.Second, Text: "One & two\n\n--> three", Language: "en", Source: Machine},
	{Seq: 5, Speaker: "Ada <b>", Start: 4 * time.Second, End: 4 * time.Second, Text: "Four", Language: "en", Source: Machine},
	{Seq: 9, Speaker: "Bob", Start: time.Hour + 2*time.Minute + 3*time.Second + 4*time.Millisecond, End: 2 * time.Hour, Text: "Five", Language: "en", Source: Human},
}

func written(t *testing.T, write func(*strings.Builder) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTranscriptFormats(t *testing.T) {
	t.Parallel()
	vtt := written(t, func(b *strings.Builder) error { return WriteVTT(b, "en", cues) })
	want := "WEBVTT\nLanguage: en\n\n3\n00:00:01.500 --> 00:00:03.000\n<v Ada &lt;b&gt;><lang en>One &amp; two --&gt; three</lang></v>\n" +
		"\n5\n00:00:04.000 --> 00:00:04.500\n<v Ada &lt;b&gt;><lang en>Four</lang></v>\n" +
		"\n9\n01:02:03.004 --> 02:00:00.000\n<v Bob><lang en>Five</lang></v>\n"
	if vtt != want {
		t.Errorf("VTT:\n%s", vtt)
	}
	srt := written(t, func(b *strings.Builder) error { return WriteSRT(b, cues) })
	if !strings.HasPrefix(srt, "1\n00:00:01,500 --> 00:00:03,000\nAda <b>: One & two --> three\n\n2\n") || !strings.HasSuffix(srt, "Bob: Five\n\n") {
		t.Errorf("SRT:\n%s", srt)
	}
	text := written(t, func(b *strings.Builder) error { return WriteText(b, cues) })
	if text != "[00:00:01] Ada <b>:\nOne & two --> three\nFour\n\n[01:02:03] Bob:\nFive\n" {
		t.Errorf("text:\n%s", text)
	}
}

func TestNewestRevisionStandsWhereTheFirstStood(t *testing.T) {
	t.Parallel()
	got := Newest([]Cue{
		{Seq: 1, Segment: "a", Text: "wun", Revision: 1}, {Seq: 2, Segment: "b", Text: "two", Revision: 1},
		{Seq: 3, Segment: "a", Text: "one", Revision: 2}, {Seq: 4, Segment: "a", Text: "One", Revision: 3},
	})
	want := []Cue{{Seq: 1, Segment: "a", Text: "One", Revision: 3}, {Seq: 2, Segment: "b", Text: "two", Revision: 1}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
