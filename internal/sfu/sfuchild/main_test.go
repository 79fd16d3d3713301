package sfuchild

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"salon/internal/sfu"
)

// TestMain makes the test binary the child that New starts: `exe sfu`.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "sfu" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		err := Run(ctx, os.Stdin)
		stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// within bounds what has to happen; only a failure meets it.
const within = 30 * time.Second

func testConfig(t *testing.T) sfu.Config {
	t.Helper()
	http, udp, tcp, err := sfu.FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return sfu.Config{
		HTTPPort: http, UDPPort: udp, TCPPort: tcp, Loopback: true,
		Key: keys.Key, Secret: keys.Secret, LogLevel: "error",
	}
}

func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	t.Cleanup(cancel)
	return ctx
}

// makeRoom shows that the server takes commands.
func makeRoom(t *testing.T, c sfu.Config, name string) {
	t.Helper()
	rooms := lksdk.NewRoomServiceClient(fmt.Sprintf("http://127.0.0.1:%d", c.HTTPPort), c.Key, c.Secret)
	if _, err := rooms.CreateRoom(bounded(t), &livekit.CreateRoomRequest{Name: name}); err != nil {
		t.Fatal(err)
	}
}
