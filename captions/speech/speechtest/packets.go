package speechtest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"testing"
	"time"

	"github.com/pion/webrtc/v4/pkg/media/oggreader"
)

// PacketTime is how much sound one packet holds.
const PacketTime = 20 * time.Millisecond

// Packets packs 16 kHz mono samples into Opus at 24 kbit/s, as browsers do for
// speech.
func Packets(t testing.TB, pcm []int16) [][]byte {
	t.Helper()
	packets, err := Opus(pcm)
	if err != nil {
		t.Fatal(err)
	}
	return packets
}

// Opus is Packets outside of tests.
func Opus(pcm []int16) (packets [][]byte, err error) {
	raw := make([]byte, 0, 2*len(pcm))
	for _, sample := range pcm {
		raw = binary.LittleEndian.AppendUint16(raw, uint16(sample))
	}
	cmd := exec.Command("opusenc", "--quiet", "--raw", "--raw-rate", "16000", "--raw-chan", "1", "--bitrate", "24", "--speech", "--max-delay", "20", "-", "-")
	cmd.Stdin = bytes.NewReader(raw)
	ogg, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("opusenc, of the package opus-tools: %w", err)
	}
	pages, _, err := oggreader.NewWith(bytes.NewReader(ogg))
	if err != nil {
		return nil, err
	}
	for {
		packet, _, err := pages.ParseNextPage()
		if errors.Is(err, io.EOF) {
			return packets, nil
		}
		if err != nil {
			return nil, err
		}
		if len(packet) > 0 && !bytes.HasPrefix(packet, []byte("OpusTags")) {
			packets = append(packets, packet)
		}
	}
}

// Play hands out packets at the pace of speech, until the context ends. One
// that was held up is followed sooner by the next, as a microphone's are.
func Play(ctx context.Context, packets [][]byte, send func(packet []byte)) {
	due := time.Now()
	for _, packet := range packets {
		due = due.Add(PacketTime)
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(due)):
			send(packet)
		}
	}
}
