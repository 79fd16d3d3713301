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
// endian. A length of zero asks for a final. What comes back is one JSON event
// a line, the first of them empty: the child greets.
const maxSamples = 1600

func writeSamples(w io.Writer, pcm []int16) error {
	for len(pcm) > maxSamples {
		if err := writeSamples(w, pcm[:maxSamples]); err != nil {
			return err
		}
		pcm = pcm[maxSamples:]
	}
	frame := make([]byte, 0, 4+2*len(pcm))
	frame = binary.LittleEndian.AppendUint32(frame, uint32(len(pcm)))
	for _, sample := range pcm {
		frame = binary.LittleEndian.AppendUint16(frame, uint16(sample))
	}
	_, err := w.Write(frame)
	return err
}

// readSamples returns no samples when a final is asked for.
func readSamples(r io.Reader) ([]int16, error) {
	var length uint32
	if err := binary.Read(r, binary.LittleEndian, &length); err != nil {
		return nil, err
	}
	if length > maxSamples {
		return nil, io.ErrUnexpectedEOF
	}
	pcm := make([]int16, length)
	return pcm, binary.Read(r, binary.LittleEndian, pcm)
}
