package listener

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pion/rtp"
)

const frame = 960 // RTP samples in 20 ms

// letters is a decoder of packets that are one letter: 20 ms of that number.
type letters struct{}

func (letters) DecodeToInt16(packet []byte, out []int16) (int, error) {
	if packet[0] == '!' {
		return 0, errors.New("nonsense")
	}
	for i := range frame / ratio {
		out[i] = int16(packet[0])
	}
	return frame / ratio, nil
}

// heard keeps the sound in pieces of 20 ms, as letters; silence is a space.
type heard struct {
	t       *testing.T
	letters []byte
	rest    int
	closed  bool
}

func (h *heard) PCM(samples []int16) {
	for i := 0; i < len(samples); i += frame / ratio {
		if letter := samples[i]; letter == 0 {
			h.rest += min(frame/ratio, len(samples)-i)
			for ; h.rest >= frame/ratio; h.rest -= frame / ratio {
				h.letters = append(h.letters, ' ')
			}
		} else {
			h.letters = append(h.letters, byte(letter))
		}
	}
}

func (h *heard) Close() { h.closed = true }

func newVoice(t *testing.T) (*voice, *heard) {
	h := &heard{t: t}
	return &voice{decoder: letters{}, sound: h}, h
}

// sent is a packet of one letter at a place in the stream.
func sent(sequence uint16, place uint32, letter byte) *rtp.Packet {
	p := &rtp.Packet{Header: rtp.Header{SequenceNumber: sequence, Timestamp: place * frame}}
	if letter != 0 {
		p.Payload = []byte{letter}
	}
	return p
}

func (h *heard) want(text string) {
	h.t.Helper()
	if string(h.letters) != text {
		h.t.Errorf("heard %q, want %q", h.letters, text)
	}
}

const alphabet = "abcdefghijklmnopqrstuvwxyz"

func TestPacketsAreHeardInOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 2))
		v, h := newVoice(t)
		first := uint16(65530 - r.IntN(3)) // it wraps around in the middle
		var packets []*rtp.Packet
		for i := range len(alphabet) {
			packets = append(packets, sent(first+uint16(i), uint32(i), alphabet[i]))
		}
		for rest := packets[1:]; len(rest) > 0; { // never the first: nobody knows what was before it
			some := rest[:min(1+r.IntN(reorder), len(rest))]
			r.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
			rest = rest[len(some):]
		}
		for _, p := range packets {
			v.packet(p)
			if r.IntN(4) == 0 {
				v.packet(p) // twice
			}
		}
		v.flush()
		if h.want(alphabet); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestWhatIsLostIsSilence(t *testing.T) {
	t.Parallel()
	v, h := newVoice(t)
	for i := range len(alphabet) {
		if i != 3 && i != 4 {
			v.packet(sent(uint16(i), uint32(i), alphabet[i]))
		}
	}
	v.flush()
	h.want("abc  fghijklmnopqrstuvwxyz")
	v.packet(sent(3, 3, 'd'))
	h.want("abc  fghijklmnopqrstuvwxyz") // too late
}

// A sender that is silent sends nothing; the next packet's time tells how long.
func TestPausesAreSilence(t *testing.T) {
	t.Parallel()
	v, h := newVoice(t)
	v.packet(sent(1, 0, 'a'))
	v.packet(sent(2, 10, 'b'))
	h.want("a         b")
	v.packet(sent(3, 10_000_000, 'c'))
	silence := maxGap / frame
	h.want("a         b" + string(slices.Repeat([]byte{' '}, silence)) + "c")
}

func TestTimestampsWrapAround(t *testing.T) {
	t.Parallel()
	v, h := newVoice(t)
	for i := range uint32(5) {
		p := sent(uint16(i), 0, alphabet[i])
		p.Timestamp = 0xffffffff - 2*frame + i*frame
		v.packet(p)
	}
	h.want("abcde")
}

func TestPaddingHoldsNothingUp(t *testing.T) {
	t.Parallel()
	v, h := newVoice(t)
	v.packet(sent(1, 7, 0))
	v.packet(sent(2, 50, 'a'))
	v.packet(sent(3, 50, 0))
	v.packet(sent(4, 51, 'b'))
	h.want("ab")
}

func TestWhatCannotBeDecodedIsSilence(t *testing.T) {
	t.Parallel()
	v, h := newVoice(t)
	for i, letter := range []byte("ab!d") {
		v.packet(sent(uint16(i), uint32(i), letter))
	}
	h.want("ab d")
}

// A sender that begins to count anew is heard again soon.
func TestASenderThatCountsAnew(t *testing.T) {
	t.Parallel()
	v, h := newVoice(t)
	v.packet(sent(40000, 1000, 'a'))
	for i := range uint16(anew + 4) {
		v.packet(sent(30000+i, 5+uint32(i), alphabet[i%26]))
	}
	h.want("a" + "yzab")
}

func FuzzVoice(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 1, 2})
	f.Fuzz(func(t *testing.T, script []byte) {
		v, h := newVoice(t)
		for ; len(script) >= 4; script = script[4:] {
			v.packet(sent(uint16(script[0])<<8|uint16(script[1]), uint32(script[2])<<14, script[3]))
			if len(v.waiting) > reorder {
				t.Fatalf("%d wait", len(v.waiting))
			}
		}
		v.flush()
		if len(v.waiting) != 0 {
			t.Error("some still wait")
		}
		_ = h
	})
}
