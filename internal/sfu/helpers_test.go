package sfu

import (
	"context"
	"crypto/rand"
	"testing"
	"time"
)

// within bounds what has to happen; only a failure meets it.
const within = 30 * time.Second

func testConfig(t *testing.T) Config {
	t.Helper()
	http, udp, tcp, err := FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		HTTPPort: http, UDPPort: udp, TCPPort: tcp, Loopback: true,
		Key: "APItest", Secret: rand.Text() + rand.Text(), LogLevel: "error",
	}
}

func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	t.Cleanup(cancel)
	return ctx
}
