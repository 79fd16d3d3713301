package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// talker is a server of sockets at which the bench speaks.
type talker interface {
	http.Handler
	say(text string)
	frameOverhead() int // bytes around the text
	connections() int
}

// figures are what a server says of itself.
type figures struct {
	Memory      int64         // resident, in bytes
	Cost        time.Duration // of the processor, since the start
	Connections int
}

// Bytes of a message, and of one that fills buffers.
const (
	size = 200
	fill = 8 << 10
)

// runServer serves until the bench, which holds the other end of its input,
// has gone.
func runServer(ctx context.Context, name string) error {
	t := map[string]func(context.Context) talker{"salon": newSalon, "plain": newPlain}[name](ctx)
	mux := http.NewServeMux()
	mux.Handle("/socket", t)
	mux.HandleFunc("/figures", func(w http.ResponseWriter, _ *http.Request) { json.NewEncoder(w).Encode(read(t)) })
	mux.HandleFunc("/collect", func(http.ResponseWriter, *http.Request) { debug.FreeOSMemory() })
	mux.HandleFunc("/speak", func(_ http.ResponseWriter, r *http.Request) { speak(t, r) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() {
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	return http.Serve(l, mux)
}

func read(t talker) figures {
	statm, _ := os.ReadFile("/proc/self/statm")
	pages, _ := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	return figures{pages * int64(os.Getpagesize()), used(), t.connections()}
}

func used() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// speak sends messages at a pace. Each begins its text with a mark and the time.
func speak(t talker, r *http.Request) {
	n, _ := strconv.Atoi(r.FormValue("n"))
	pause, _ := time.ParseDuration(r.FormValue("pause"))
	more, _ := strconv.Atoi(r.FormValue("more"))
	next := time.Now()
	for range n {
		<-time.After(time.Until(next))
		next = next.Add(pause)
		text := fmt.Sprintf("%c%d ", mark, time.Now().UnixNano())
		t.say(text + strings.Repeat("x", max(0, size+more-t.frameOverhead()-len(text))))
	}
}
