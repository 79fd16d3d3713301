package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"salon/accounts"
	"salon/captions/speech/voskchild"
	"salon/internal/postgres"
	"salon/internal/postgres/postgrestest"
	"salon/internal/sfu"
	"salon/internal/sfu/sfuchild"
	"salon/internal/supervise"
	"salon/rooms"
)

// TestMain makes the test binary the children that a house starts.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "speech" {
		if err := voskchild.Run(context.Background(), os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "sfu" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		if err := sfuchild.Run(ctx, os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "captions" {
		main()
		return
	}
	lksdk.SetLogger(logger.GetDiscardLogger()) // it would log every candidate's fate
	postgrestest.Main(m)
}

func openHouse(t *testing.T, s settings, change ...func(*house)) *house {
	t.Helper()
	s.Listen, s.RequestsPerSecond, s.GuessesPerMinute = "127.0.0.1:0", 1000, 1000
	h := &house{settings: s, log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))}
	for _, c := range change {
		c(h)
	}
	if err := h.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.stop(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// status is the HTTP status at a path of the house.
func (h *house) status(t *testing.T, path string) int {
	t.Helper()
	answer, err := http.Get(h.public.String() + path)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// until polls what has no signal.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("not %s", what)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// host makes an account that hosts a live room, and connects it.
func (h *house) host(t *testing.T) (*lksdk.Room, rooms.Room) {
	t.Helper()
	people := h.people()
	gate := rooms.NewGate(h.pool, followers{people})
	service := rooms.NewService(rooms.NewStore(h.pool), gate, h.control)
	host, err := people.SignUp(t.Context(), accounts.NewAccount{Handle: "host", DisplayName: "Host", Email: "host@example.org", Password: "long enough"})
	if err == nil {
		err = gate.Allow(t.Context(), uuid.Nil, host.ID)
	}
	var room rooms.Room
	if err == nil {
		room, err = service.Create(t.Context(), host.ID, rooms.NewRoom{Title: "Evening", Language: "en"})
	}
	if err == nil {
		room, err = service.Start(t.Context(), host.ID, room.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	entry, err := service.Join(t.Context(), host.ID, room.ID, false)
	if err != nil {
		t.Fatal(err)
	}
	connected, err := lksdk.ConnectToRoomWithToken(h.public.String(), entry.Token, lksdk.NewRoomCallback())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connected.Disconnect)
	return connected, room
}

// On an empty folder everything comes up by itself, the media server's death
// is not ours, and the next start finds what was there.
func TestAHouseOfItsOwn(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	first := openHouse(t, settings{Data: data})
	if got := first.status(t, "/readyz"); got != http.StatusOK {
		t.Errorf("ready: %d", got)
	}
	first.host(t)
	pid := first.sfuPID()
	if err := supervise.Signal(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, "back with another media server", func() bool {
		if got := first.status(t, "/healthz"); got != http.StatusOK {
			t.Errorf("the web server noticed: %d", got)
		}
		return first.sfuPID() != pid && first.sfuPID() != 0 && first.status(t, "/readyz") == http.StatusOK
	})
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	again := openHouse(t, settings{Data: data})
	if got := again.status(t, "/api/accounts/host"); got != http.StatusOK {
		t.Errorf("the account after a second start: %d", got)
	}
}

// DATABASE_URL and LIVEKIT_URL change where the parts are, and nothing else.
func TestAHouseOnOthersParts(t *testing.T) {
	const key, secret = "APItest", "a secret for tests that is long enough"
	ports, udp, tcp, err := sfu.FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	livekit, err := sfu.Start(t.Context(), sfu.Config{HTTPPort: ports, UDPPort: udp, TCPPort: tcp, Loopback: true, Key: key, Secret: secret, LogLevel: "error"})
	if err != nil {
		t.Fatal(err)
	}
	defer livekit.Stop(context.Background())
	data := filepath.Join(t.TempDir(), "data")
	h := openHouse(t, settings{Data: data, DatabaseURL: postgrestest.URL(t), LiveKitURL: livekit.URL(), LiveKitKey: key, LiveKitSecret: secret})
	connected, room := h.host(t)
	if got := connected.LocalParticipant.Permissions(); !got.GetCanPublish() {
		t.Errorf("the host may not publish: %v", got)
	}
	if connected.Name() != *room.Run {
		t.Errorf("connected to %s", connected.Name())
	}
	if left, err := filepath.Glob(filepath.Join(data, "*")); err != nil || len(left) != 0 {
		t.Errorf("parts of our own in the data directory: %v %v", left, err)
	}
}

func TestAHouseThatCannotOpenLeavesNothingRunning(t *testing.T) {
	h := &house{settings: settings{Data: filepath.Join(t.TempDir(), "data"), Listen: "256.0.0.1:0"}, log: slog.New(slog.DiscardHandler)}
	err := h.open(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "listen: ") {
		t.Errorf("open: %v", err)
	}
	if _, err := postgres.Connect(t.Context(), h.databaseURL); err == nil {
		t.Error("the database still runs")
	}
}
