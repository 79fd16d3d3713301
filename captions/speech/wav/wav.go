// Package wav reads recordings as engines take them: WAVE files (RIFF, "Multimedia
// Programming Interface and Data Specifications 1.0") of 16 bit, one channel,
// at 16 or 48 kHz.
package wav

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"salon/captions/speech"
)

// high is the other rate that recordings have: what browsers and Opus use.
const high = 3 * speech.Rate

// maxSize bounds a recording, in bytes: an hour and a half at 48 kHz.
const maxSize = 512 << 20

// ErrFormat says that a file is no recording of the kinds that are read.
var ErrFormat = errors.New("not a WAV file of 16 bit, one channel, at 16 or 48 kHz")

// Read is a recording as 16 kHz mono samples.
func Read(path string) ([]int16, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	pcm, err := decode(bufio.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return pcm, nil
}

// format is the chunk "fmt ".
type format struct {
	Kind, Channels uint16
	Rate, Bytes    uint32
	Align, Bits    uint16
}

const plainPCM = 1

func decode(r io.Reader) ([]int16, error) {
	var head struct {
		Riff [4]byte
		_    uint32
		Wave [4]byte
	}
	if binary.Read(r, binary.LittleEndian, &head) != nil || string(head.Riff[:]) != "RIFF" || string(head.Wave[:]) != "WAVE" {
		return nil, ErrFormat
	}
	var f format
	for {
		var chunk struct {
			Name [4]byte
			Size uint32
		}
		if binary.Read(r, binary.LittleEndian, &chunk) != nil || chunk.Size > maxSize {
			return nil, ErrFormat
		}
		body := io.LimitReader(r, int64(chunk.Size))
		switch string(chunk.Name[:]) {
		case "fmt ":
			if binary.Read(body, binary.LittleEndian, &f) != nil {
				return nil, ErrFormat
			}
		case "data":
			return f.samples(body)
		}
		rest := body.(*io.LimitedReader).N + int64(chunk.Size%2) // chunks begin at even places
		if _, err := io.CopyN(io.Discard, r, rest); err != nil {
			return nil, ErrFormat
		}
	}
}

func (f format) samples(r io.Reader) ([]int16, error) {
	if f.Kind != plainPCM || f.Channels != 1 || f.Bits != 16 || f.Rate != speech.Rate && f.Rate != high {
		return nil, ErrFormat
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	pcm := make([]int16, len(raw)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(raw[2*i:]))
	}
	if f.Rate == high {
		pcm = third(pcm)
	}
	return pcm, nil
}

// taps is the length of the filter, on either side.
const taps = 24

// third keeps every third sample, after what 16 kHz cannot hold was filtered
// out: a windowed sinc, cut off at 7 kHz.
func third(pcm []int16) []int16 {
	var filter [2*taps + 1]float64
	sum := 0.0
	for i := range filter {
		x := float64(i - taps)
		filter[i] = 1
		if x != 0 {
			angle := 2 * math.Pi * 7000 / high * x
			filter[i] = math.Sin(angle) / angle
		}
		filter[i] *= 0.54 + 0.46*math.Cos(math.Pi*x/taps) // Hamming's window
		sum += filter[i]
	}
	out := make([]int16, 0, len(pcm)/3+1)
	for at := 0; at < len(pcm); at += 3 {
		value := 0.0
		for i, weight := range filter {
			if k := at + i - taps; k >= 0 && k < len(pcm) {
				value += weight * float64(pcm[k])
			}
		}
		out = append(out, int16(max(math.MinInt16, min(math.MaxInt16, math.Round(value/sum)))))
	}
	return out
}
