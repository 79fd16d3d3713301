package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"salon/captions/speech"
	"salon/captions/speech/speechtest"
)

// record writes X.wav, and X.txt if there is a text.
func record(t *testing.T, folder, name string, pcm []int16, text string) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("RIFF\x00\x00\x00\x00WAVEfmt ")
	for _, part := range []any{uint32(16), uint16(1), uint16(1), uint32(speech.Rate), uint32(2 * speech.Rate), uint16(2), uint16(16)} {
		_ = binary.Write(&b, binary.LittleEndian, part)
	}
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, uint32(2*len(pcm)))
	_ = binary.Write(&b, binary.LittleEndian, pcm)
	if err := os.WriteFile(filepath.Join(folder, name+".wav"), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if text == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, name+".txt"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBenchOfAModel(t *testing.T) {
	library, model := speechtest.Files(t)
	folder := t.TempDir()
	said := speechtest.Said(t, "dir-nomore")
	record(t, folder, "right", speechtest.PCM(t, "dir-nomore"), strings.ToUpper(said)+"!\n")
	record(t, folder, "wrong", speechtest.PCM(t, "conf-kicked"), "You have been invited to this conference.")
	recordings, err := readRecordings(folder)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := startEngine(t.Context(), library, model, "en")
	if err != nil {
		t.Fatal(err)
	}
	defer engine.stop()
	var out bytes.Buffer
	if err := judge(t.Context(), &out, engine, recordings); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 {
		t.Fatalf("%s", &out)
	}
	for i, want := range []struct{ name, wrong string }{{"recording", "wrong"}, {"right.wav", "0"}, {"wrong.wav", "2"}, {"all", "2"}} {
		if cells := strings.Fields(lines[i]); cells[0] != want.name || cells[3] != want.wrong {
			t.Errorf("%q, want %s with %s wrong", lines[i], want.name, want.wrong)
		}
	}
}

// Nonsense is told as such, in a sentence and by its exit code.
func TestBenchRefusesNonsense(t *testing.T) {
	t.Parallel()
	empty, wordless, textless, noSound := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	record(t, wordless, "a", make([]int16, 10), " ?! ")
	record(t, textless, "a", make([]int16, 10), "")
	record(t, noSound, "a", nil, "a word")
	notes := t.TempDir()
	record(t, notes, "a", nil, "a word")
	if err := os.WriteFile(filepath.Join(notes, "a.wav"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	for folder, want := range map[string]string{
		"/nonexistent": "is no folder", empty: "no recordings", wordless: "text of a.wav is empty", textless: "no text beside it",
		noSound: "a.wav is empty", notes: "not a WAV file",
	} {
		c := captionsBench{Dir: folder, Language: "en", Data: t.TempDir()}
		if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) || exitCode(err) != 2 {
			t.Errorf("%v, want %q", err, want)
		}
	}
	record(t, empty, "a", make([]int16, 10), "a word")
	c := captionsBench{Dir: empty, Language: "tlh", Data: t.TempDir()}
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "captions install tlh") || exitCode(err) != 2 {
		t.Errorf("a language without a model: %v", err)
	}
	if exitCode(os.ErrNotExist) != 1 {
		t.Error("every failure counts as nonsense")
	}
}
