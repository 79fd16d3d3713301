package live

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"salon/rooms"
)

// The first byte of a frame of RFC 6455 that is whole in itself.
const (
	textFrame  = 0x81
	closeFrame = 0x88
	pingFrame  = 0x89
	pongFrame  = 0x8a
)

// maxHead is the longest that comes before a payload, in bytes.
const maxHead = 10

// A server's frames are not masked, so one encoding serves all connections.
func appendFrame(b []byte, first byte, payload []byte) []byte {
	return append(appendHead(b, first, len(payload)), payload...)
}

func appendHead(b []byte, first byte, size int) []byte {
	switch {
	case size < 126:
		return append(b, first, byte(size))
	case size < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, first, 126), uint16(size))
	}
	return binary.BigEndian.AppendUint64(append(b, first, 127), uint64(size))
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

// What is around the entries of a log frame.
const logHead, logTail = `{"type":"log","entries":[`, `]}`

// fitting is how many of the lines one frame of a size holds, at least one.
func fitting(lines []line, size int) (n int) {
	for size -= len(logHead) + len(logTail); n < len(lines); n++ {
		if size -= len(lines[n].text) + 1; size < 0 && n > 0 {
			break
		}
	}
	return n
}

// appendLog adds a frame with the lines.
func appendLog(b []byte, lines []line) []byte {
	size := len(logHead) + len(logTail) + len(lines) - 1
	for _, l := range lines {
		size += len(l.text)
	}
	b = appendHead(slices.Grow(b, size+maxHead), textFrame, size)
	b = append(b, logHead...)
	for i, l := range lines {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, l.text...)
	}
	return append(b, logTail...)
}
