package main

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"

	"salon/bench/house"
)

// ear notes when it last heard a packet.
type ear struct {
	last  atomic.Int64 // nanoseconds since the epoch
	heard chan struct{}
}

func newEar() *ear { return &ear{heard: make(chan struct{}, 1)} }

func (e *ear) listen(track *webrtc.TrackRemote) {
	go func() {
		for {
			if _, _, err := track.ReadRTP(); err != nil {
				return
			}
			e.last.Store(time.Now().UnixNano())
			select {
			case e.heard <- struct{}{}:
			default:
			}
		}
	}()
}

// speech waits for the next packet.
func (e *ear) speech() error {
	select {
	case <-e.heard:
	default:
	}
	select {
	case <-e.heard:
		return nil
	case <-time.After(house.Patience):
		return errors.New("nothing was heard")
	}
}

// quiet is how long nothing must be heard to call it silence.
const quiet = 15 * frameLength

// silence waits until nothing was heard for a while, and says when the last
// packet came.
func (e *ear) silence() time.Time {
	for {
		select {
		case <-e.heard:
		case <-time.After(quiet):
			return time.Unix(0, e.last.Load())
		}
	}
}

// timeMuting times from the host's command to the last packet a listener
// hears of the muted speaker.
func (s *stage) timeMuting(ctx context.Context, rounds int) (took []time.Duration, err error) {
	speaker, err := s.speaker(ctx)
	if err != nil {
		return nil, err
	}
	listener, err := s.newcomer(ctx)
	if err != nil {
		return nil, err
	}
	ear := newEar()
	hall, err := s.connect(ctx, listener, ear.listen)
	if err != nil {
		return nil, err
	}
	defer hall.Disconnect()
	for range rounds {
		one, err := s.muteOnce(ctx, speaker, ear)
		if err != nil {
			return nil, err
		}
		took = append(took, one)
	}
	return took, nil
}

func (s *stage) muteOnce(ctx context.Context, speaker *house.Person, ear *ear) (time.Duration, error) {
	room, err := s.connect(ctx, speaker, nil)
	if err != nil {
		return 0, err
	}
	defer room.Disconnect()
	talk, err := publish(room)
	if err != nil {
		return 0, err
	}
	defer talk.stop()
	if err := ear.speech(); err != nil {
		return 0, err
	}
	mute := s.path + "/people/" + speaker.ID + "/mute"
	began := time.Now()
	if err := s.host.Call(ctx, http.MethodPut, mute, nil, nil); err != nil {
		return 0, err
	}
	last := ear.silence()
	return max(0, last.Sub(began)), s.host.Call(ctx, http.MethodDelete, mute, nil, nil)
}
