package wav

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// file is a WAV file of these samples, with a chunk of another kind before them.
func file(f format, pcm []int16) []byte {
	var data, b bytes.Buffer
	_ = binary.Write(&data, binary.LittleEndian, pcm)
	b.WriteString("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00")
	_ = binary.Write(&b, binary.LittleEndian, f)
	b.WriteString("LIST\x03\x00\x00\x00abc\x00data")
	_ = binary.Write(&b, binary.LittleEndian, uint32(data.Len()))
	b.Write(data.Bytes())
	return b.Bytes()
}

func mono(rate uint32) format { return format{plainPCM, 1, rate, 2 * rate, 2, 16} }

func TestRead(t *testing.T) {
	t.Parallel()
	want := []int16{0, 1, -1, math.MaxInt16, math.MinInt16}
	path := filepath.Join(t.TempDir(), "a.wav")
	if err := os.WriteFile(path, file(mono(16000), want), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(path); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v %v", got, err)
	}
	if _, err := Read(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
}

// tone is a second of a sine.
func tone(rate uint32, hertz float64) []int16 {
	pcm := make([]int16, rate)
	for i := range pcm {
		pcm[i] = int16(10000 * math.Sin(2*math.Pi*hertz*float64(i)/float64(rate)))
	}
	return pcm
}

// loudest is the loudest sample, but for the edges.
func loudest(pcm []int16) (most int16) {
	for _, s := range pcm[100 : len(pcm)-100] {
		most = max(most, s, -s)
	}
	return most
}

// Speech stays, and what 16 kHz cannot hold does not come back as another tone.
func TestFortyEightKilohertz(t *testing.T) {
	t.Parallel()
	speech, err := decode(bytes.NewReader(file(mono(48000), tone(48000, 1000))))
	if err != nil || len(speech) != 16000 {
		t.Fatalf("%d samples, %v", len(speech), err)
	}
	for i, want := range tone(16000, 1000) {
		if i > 100 && i < 15900 && math.Abs(float64(speech[i]-want)) > 100 {
			t.Fatalf("sample %d is %d, want %d", i, speech[i], want)
		}
	}
	high, err := decode(bytes.NewReader(file(mono(48000), tone(48000, 12000))))
	if err != nil || loudest(high) > 200 {
		t.Errorf("12 kHz is heard at %d, %v", loudest(high), err)
	}
}

func TestReadRefusesNonsense(t *testing.T) {
	t.Parallel()
	good := file(mono(16000), []int16{1, 2, 3})
	stereo, wrong, floats := mono(16000), mono(44100), mono(16000)
	stereo.Channels, floats.Kind = 2, 3
	for name, text := range map[string][]byte{
		"nothing": nil, "nonsense": []byte("nonsense, and a good deal of it, which is no recording"), "cut off": good[:20],
		"no sound": good[:len(good)-14], "stereo": file(stereo, nil), "44.1 kHz": file(wrong, nil), "floats": file(floats, nil),
		"a chunk without end": append(bytes.Clone(good[:36]), "LIST\xff\xff\xff\xff"...),
	} {
		if pcm, err := decode(bytes.NewReader(text)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v %v", name, pcm, err)
		}
	}
}
