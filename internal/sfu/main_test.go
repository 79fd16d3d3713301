package sfu

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

// TestMain makes the test binary the child that Child starts: `exe sfu`.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "sfu" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		err := RunChild(ctx, os.Stdin)
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

func testConfig(t *testing.T) Config {
	t.Helper()
	http, udp, tcp, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return Config{
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
