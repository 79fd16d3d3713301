package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"salon/internal/sfu"
	"salon/internal/sfu/sfuchild"
)

// bareServer is the same media server with nothing in front of it.
type bareServer struct {
	config sfu.Config
	url    string
	stop   func() error
}

func startBare(ctx context.Context, salon string) (*bareServer, error) {
	http, udp, tcp, err := sfu.FreePorts()
	if err != nil {
		return nil, err
	}
	config := sfu.Config{HTTPPort: http, UDPPort: udp, TCPPort: tcp, Loopback: true,
		Key: "APIbench", Secret: "a secret for the bench that is long enough"}
	child := sfuchild.New(salon, config, slog.Default(), nil)
	if err := child.Start(ctx); err != nil {
		return nil, err
	}
	b := &bareServer{config, fmt.Sprintf("http://127.0.0.1:%d", http), child.Stop}
	_, err = lksdk.NewRoomServiceClient(b.url, config.Key, config.Secret).CreateRoom(ctx, &livekit.CreateRoomRequest{Name: "bare"})
	return b, err
}

func (b *bareServer) connect() (*lksdk.Room, error) {
	grant := &auth.VideoGrant{RoomJoin: true, Room: "bare"}
	grant.SetCanPublish(false)
	token, err := auth.NewAccessToken(b.config.Key, b.config.Secret).SetIdentity("listener").SetVideoGrant(grant).ToJWT()
	if err != nil {
		return nil, err
	}
	return lksdk.ConnectToRoomWithToken(b.url, token, callbacks(nil))
}

// timeJoining times a listener's join both ways, in turn, so that both see
// the same machine: through Salon with its API and gate, and bare with a token
// made on the spot.
func (s *stage) timeJoining(ctx context.Context, salon string, rounds int) (through, bare []time.Duration, err error) {
	server, err := startBare(ctx, salon)
	if err != nil {
		return nil, nil, err
	}
	defer server.stop()
	listener, err := s.newcomer(ctx)
	if err != nil {
		return nil, nil, err
	}
	for range rounds {
		one, err := timed(func() (*lksdk.Room, error) { return s.connect(ctx, listener, nil) })
		if err != nil {
			return nil, nil, fmt.Errorf("through Salon: %w", err)
		}
		other, err := timed(server.connect)
		if err != nil {
			return nil, nil, fmt.Errorf("bare: %w", err)
		}
		through, bare = append(through, one), append(bare, other)
	}
	return through, bare, nil
}

func timed(connect func() (*lksdk.Room, error)) (time.Duration, error) {
	began := time.Now()
	room, err := connect()
	took := time.Since(began)
	if err == nil {
		room.Disconnect()
	}
	return took, err
}
