package live

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"salon/rooms"
)

// The first byte of a frame of RFC 6455 that is whole in itself.
const (
	textFrame  = 0x81
	closeFrame = 0x88
	pingFrame  = 0x89
	pongFrame  = 0x8a
)

// A server's frames are not masked, so one encoding serves all connections.
func appendFrame(b []byte, first byte, payload []byte) []byte {
	switch n := len(payload); {
	case n < 126:
		b = append(b, first, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, first, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, first, 127), uint64(n))
	}
	return append(b, payload...)
}

func textOf(payload []byte) []byte { return appendFrame(nil, textFrame, payload) }

// wrapped is {"type": kind, kind: value} as a frame.
func wrapped(kind string, value json.RawMessage) []byte {
	return textOf(fmt.Appendf(nil, `{"type":%q,%q:%s}`, kind, kind, value))
}

// maxReason is what a close frame has room for, in bytes.
const maxReason = 123

func closing(e ending) []byte {
	payload := binary.BigEndian.AppendUint16(nil, uint16(e.code))
	return appendFrame(nil, closeFrame, append(payload, e.reason[:min(len(e.reason), maxReason)]...))
}

// line is one entry of the log as it is sent.
type line struct {
	seq  int64
	text []byte
}

func linesOf(entries []rooms.LogEntry) ([]line, error) {
	lines := make([]line, len(entries))
	for i, e := range entries {
		text, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("encode entry %d: %w", e.Seq, err)
		}
		lines[i] = line{e.Seq, text}
	}
	return lines, nil
}

// logFrame holds as many of the lines as the size allows, and at least one. It
// returns how many.
func logFrame(lines []line, size int) (frame []byte, n int) {
	var b bytes.Buffer
	b.WriteString(`{"type":"log","entries":[`)
	for n < len(lines) && (n == 0 || b.Len()+len(lines[n].text) < size) {
		if n > 0 {
			b.WriteByte(',')
		}
		b.Write(lines[n].text)
		n++
	}
	b.WriteString(`]}`)
	return textOf(b.Bytes()), n
}
