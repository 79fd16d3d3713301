// Package voskchild runs Vosk in a child process of the same binary and is the
// engine that speaks to it: native code that crashes or stalls takes no room
// and no server along. Each stream is a connection of its own to the child's
// socket, so that one voice never waits for another's bytes.
package voskchild

import (
	"encoding/binary"
	"io"
)

// What goes to the child: a length in samples, then so many samples, little
// endian. A length of zero asks for a final; the top bit asks for no guess. What
// comes back is one JSON answer a piece, before them an empty one: the child
// greets.
const (
	maxSamples = 1600
	noGuess    = 1 << 31
)

func writeSamples(w io.Writer, pcm []int16, guess bool) error {
	for len(pcm) > maxSamples {
		if err := writeSamples(w, pcm[:maxSamples], guess); err != nil {
			return err
		}
		pcm = pcm[maxSamples:]
	}
	head := uint32(len(pcm))
	if !guess {
		head |= noGuess
	}
	frame := make([]byte, 0, 4+2*len(pcm))
	frame = binary.LittleEndian.AppendUint32(frame, head)
	for _, sample := range pcm {
		frame = binary.LittleEndian.AppendUint16(frame, uint16(sample))
	}
	_, err := w.Write(frame)
	return err
}

// readSamples returns no samples when a final is asked for.
func readSamples(r io.Reader) (pcm []int16, guess bool, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, false, err
	}
	length := binary.LittleEndian.Uint32(head[:])
	guess = length&noGuess == 0
	if length &^= noGuess; length > maxSamples {
		return nil, false, io.ErrUnexpectedEOF
	}
	raw := make([]byte, 2*length)
	if _, err := io.ReadFull(r, raw); err != nil {
		return nil, false, io.ErrUnexpectedEOF
	}
	pcm = make([]int16, length)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(raw[2*i:]))
	}
	return pcm, guess, nil
}
