package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"salon/bench/house"
	"salon/captions/speech/speechtest"
)

// stage is a live room of the running product, whose host speaks.
type stage struct {
	product *house.House
	host    *house.Person
	path    string // of the room in the API
	track   *lksdk.LocalTrack
}

func openStage(ctx context.Context, product *house.House) (*stage, error) {
	host, err := product.SignUp(ctx, "host")
	if err != nil {
		return nil, err
	}
	if err := product.Admin(ctx, "allow", "host"); err != nil {
		return nil, err
	}
	var room struct{ ID string }
	if err := host.Call(ctx, http.MethodPost, "/api/rooms", map[string]any{"title": "Bench", "language": "en", "start": true}, &room); err != nil {
		return nil, err
	}
	s := &stage{product: product, host: host, path: "/api/rooms/" + room.ID}
	return s, host.Call(ctx, http.MethodPost, s.path+"/join", nil, nil) // who reads came in
}

// publish connects the host's microphone, which says nothing yet.
func (s *stage) publish(ctx context.Context) (leave func(), err error) {
	var entry struct{ URL, Token string }
	if err := s.host.Call(ctx, http.MethodPost, s.path+"/join", nil, &entry); err != nil {
		return nil, err
	}
	room, err := lksdk.ConnectToRoomWithToken(entry.URL, entry.Token, lksdk.NewRoomCallback())
	if err != nil {
		return nil, err
	}
	bound := make(chan struct{})
	s.track, err = lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2})
	if err == nil {
		s.track.OnBind(func() { close(bound) })
		_, err = room.LocalParticipant.PublishTrack(s.track, &lksdk.TrackPublicationOptions{Name: "microphone", Source: livekit.TrackSource_MICROPHONE})
	}
	if err != nil {
		room.Disconnect()
		return nil, err
	}
	select {
	case <-bound:
		return room.Disconnect, nil
	case <-time.After(house.Patience):
		room.Disconnect()
		return nil, errors.New("the microphone was never connected")
	}
}

// say says the script and returns when it began.
func (s *stage) say(ctx context.Context, script *script) time.Time {
	began := time.Now()
	speechtest.Play(ctx, script.packets, func(packet []byte) {
		s.track.WriteSample(media.Sample{Data: packet, Duration: speechtest.PacketTime}, nil)
	})
	return began
}

// usage is the computing time of what captions: the server's process, with all
// else that it does, and its speech engines. The media server is not in it.
type usage struct{ server, engines time.Duration }

func (u usage) sum() time.Duration { return u.server + u.engines }

func (u usage) since(before usage) usage {
	return usage{u.server - before.server, u.engines - before.engines}
}

// used reads the usage so far.
func (s *stage) used() (u usage, err error) {
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return u, err
	}
	server := strconv.Itoa(s.product.PID())
	for _, folder := range processes {
		fields, ok := stat(folder)
		if !ok {
			continue // it has ended
		}
		user, _ := strconv.ParseInt(fields[13], 10, 64)
		system, _ := strconv.ParseInt(fields[14], 10, 64)
		took := time.Duration(user+system) * time.Second / clockTicks
		line, _ := os.ReadFile(filepath.Join(folder, "cmdline"))
		switch {
		case filepath.Base(folder) == server:
			u.server = took
		case fields[3] == server && strings.HasSuffix(string(line), "\x00speech\x00"):
			u.engines += took
		}
	}
	if u.server == 0 || u.engines == 0 {
		return u, fmt.Errorf("no process %s with a speech engine", server)
	}
	return u, nil
}

// clockTicks is USER_HZ, in which Linux counts computing time.
const clockTicks = 100

// stat is what proc(5) says of a process, field n at n-1. The program's name,
// the second, is left empty: it may hold spaces.
func stat(folder string) (fields []string, ok bool) {
	text, err := os.ReadFile(filepath.Join(folder, "stat"))
	end := strings.LastIndex(string(text), ")")
	if err != nil || end < 0 {
		return nil, false
	}
	fields = append([]string{"", ""}, strings.Fields(string(text)[end+1:])...)
	return fields, len(fields) > 14
}
