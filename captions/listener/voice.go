package listener

import (
	"github.com/pion/opus"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"salon/captions"
	"salon/captions/speech"
)

const (
	opusRate = 48000         // of RTP timestamps, RFC 7587
	maxFrame = opusRate / 25 // samples of the longest gap step we fill at once, 40 ms
	maxGap   = 2 * opusRate  // a longer pause is cut: nobody needs minutes of silence
	ratio    = opusRate / speech.Rate
	reorder  = 8  // packets that may wait for one that is late
	anew     = 50 // packets in a row that are all too late: the sender counts anew
)

// hear feeds a voice until its track ends.
func hear(track *webrtc.TrackRemote, sound captions.Sound) {
	defer sound.Close()
	decoder, err := opus.NewDecoderWithOutput(speech.Rate, 1)
	if err != nil {
		return
	}
	v := voice{decoder: &decoder, sound: sound}
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			v.flush()
			return
		}
		v.packet(packet)
	}
}

// decoder turns a packet into samples.
type decoder interface {
	DecodeToInt16(packet []byte, out []int16) (int, error)
}

// voice puts packets in order and decodes them.
type voice struct {
	decoder decoder
	sound   captions.Sound
	waiting map[uint16]*rtp.Packet
	next    uint16 // sequence number
	late    int    // packets in a row that came too late
	began   bool
	timed   bool                   // time is known
	time    uint32                 // timestamp that the next packet should have
	buffer  [speech.Rate / 8]int16 // the longest packet, 120 ms
}

func (v *voice) packet(p *rtp.Packet) {
	if !v.began {
		v.begin(p)
	}
	if int16(p.SequenceNumber-v.next) < 0 {
		if v.late++; v.late <= anew {
			return // too late
		}
		v.flush()
		v.begin(p) // the sender counts anew
	}
	v.late = 0
	v.waiting[p.SequenceNumber] = p
	v.inOrder()
	for len(v.waiting) > reorder { // what did not come is lost
		v.next++
		v.inOrder()
	}
}

func (v *voice) begin(p *rtp.Packet) {
	v.began, v.next, v.timed, v.waiting = true, p.SequenceNumber, false, map[uint16]*rtp.Packet{}
}

func (v *voice) inOrder() {
	for p := v.waiting[v.next]; p != nil; p = v.waiting[v.next] {
		delete(v.waiting, v.next)
		v.next++
		if len(p.Payload) > 0 { // else padding, which only counts
			v.decode(p)
		}
	}
}

// flush decodes what still waits.
func (v *voice) flush() {
	for len(v.waiting) > 0 {
		v.next++
		v.inOrder()
	}
}

func (v *voice) decode(p *rtp.Packet) {
	if !v.timed {
		v.timed, v.time = true, p.Timestamp
	}
	v.fill(int32(p.Timestamp - v.time))
	n, err := v.decoder.DecodeToInt16(p.Payload, v.buffer[:])
	if err != nil {
		v.time = p.Timestamp
		return // the gap is filled by the next one
	}
	v.time = p.Timestamp + uint32(n*ratio)
	v.sound.PCM(append([]int16(nil), v.buffer[:n]...))
}

// fill puts silence where packets are missing: lost, or not sent because
// nothing was said. Without it an engine would hear no pause.
func (v *voice) fill(gap int32) {
	for gap = min(gap, maxGap); gap >= maxFrame/4; gap -= maxFrame {
		v.sound.PCM(make([]int16, min(gap, maxFrame)/ratio))
	}
}
