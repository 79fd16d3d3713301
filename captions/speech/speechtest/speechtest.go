// Package speechtest gives tests the real engine's files, and recordings of a
// human voice with what is said in them: the prompts that Debian packages for
// Asterisk, spoken by Allison Smith, CC BY-SA 3.0.
package speechtest

import (
	"bufio"
	"compress/gzip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gotranspile/g722"

	"salon/captions/speech/score"
)

const (
	sounds     = "/usr/share/asterisk/sounds/en_US_f_Allison/"
	transcript = "/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz"
)

// Files are the library and the model of the engine. The test is skipped when
// the environment names no folder of them, and fails when it names one that
// lacks them.
func Files(t testing.TB) (library, model string) {
	t.Helper()
	folder := os.Getenv("SALON_SPEECH")
	if folder == "" {
		t.Skip("SALON_SPEECH does not name the folder of the speech engine: `make speech` fills bin/speech, and `make go-test` sets it")
	}
	library, model = filepath.Join(folder, "libvosk.so"), filepath.Join(folder, "model-en")
	for _, path := range []string{library, model, sounds, transcript} {
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("%v: run `make speech` and `deploy/need.sh recordings`", err)
		}
	}
	return library, model
}

// Exact are recordings that the small English model understands to the letter.
var Exact = []string{
	"conf-kicked", "conf-onlyperson", "confbridge-only-participant", "confbridge-lock-no-join", "conf-invalid",
	"pls-hold-while-try", "privacy-incorrect", "feature-not-avail-line", "check-number-dial-again", "dir-nomore",
}

// Recording is an utterance.
type Recording struct {
	Name string
	Text string // normalised
}

var (
	line   = regexp.MustCompile(`^([\w/*-]+):\s*(.*)$`)
	digit  = regexp.MustCompile(`\b\d\b`)
	digits = strings.Fields("zero one two three four five six seven eight nine")
)

// Normal is a text as it is compared, with single digits as words.
func Normal(text string) string {
	return score.Normal(digit.ReplaceAllStringFunc(text, func(d string) string { return " " + digits[d[0]-'0'] + " " }))
}

// All are the recordings of at least four words, without those whose text is
// not quite what is spoken, by name.
func All(t testing.TB) []Recording {
	t.Helper()
	all, err := Recordings()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Recordings is All outside of tests.
func Recordings() (all []Recording, err error) {
	file, err := os.Open(transcript)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(text); lines.Scan(); {
		found := line.FindStringSubmatch(strings.TrimSpace(lines.Text()))
		if found == nil || strings.ContainsAny(found[2], "[(") {
			continue
		}
		if _, err := os.Stat(sounds + found[1] + ".g722"); err != nil {
			continue
		}
		said := digit.ReplaceAllString(found[2], "")
		if spoken := Normal(found[2]); !strings.ContainsAny(said, "0123456789") && len(strings.Fields(spoken)) >= 4 {
			all = append(all, Recording{found[1], spoken})
		}
	}
	slices.SortFunc(all, func(a, b Recording) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Said is what is said in a recording.
func Said(t testing.TB, name string) string {
	t.Helper()
	all := All(t)
	i := slices.IndexFunc(all, func(r Recording) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("no recording %s", name)
	}
	return all[i].Text
}

// PCM is a recording as 16 kHz mono samples.
func PCM(t testing.TB, name string) []int16 {
	t.Helper()
	pcm, err := Samples(name)
	if err != nil {
		t.Fatal(err)
	}
	return pcm
}

// Samples is PCM outside of tests.
func Samples(name string) ([]int16, error) {
	packed, err := os.ReadFile(sounds + name + ".g722")
	if err != nil {
		return nil, err
	}
	return g722.Decode(packed, g722.Rate64000, 0), nil
}
