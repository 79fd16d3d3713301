// Command socket compares the room socket with a plain chat server, on this
// machine: what an idle connection weighs, what a delivery costs, and whether
// readers who take nothing delay the others. Servers run in processes of their
// own, one after the other in each round, so that all see the same machine. It
// ends with one line per figure.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"time"
)

func main() {
	serve := flag.String("serve", "", "be a server: salon or plain")
	people := flag.Int("n", 5000, "connections")
	rounds := flag.Int("rounds", 3, "how often each server is measured")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *serve != "" {
		err = runServer(ctx, *serve)
	} else {
		err = run(ctx, *people, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench socket:", err)
		os.Exit(1)
	}
}

// measured is what one round says of one server.
type measured struct {
	bytes   float64       // of memory for an idle connection
	cost    time.Duration // of the processor for a delivery
	p99     time.Duration // from the server's clock to a reader
	stalled []float64     // how much longer it is while one in a hundred reads nothing, each time
}

func run(ctx context.Context, people, rounds int) error {
	var plain, salon []measured
	for range rounds {
		for _, one := range []struct {
			name string
			into *[]measured
		}{{"plain", &plain}, {"salon", &salon}} {
			m, err := measure(ctx, one.name, people)
			if err != nil {
				return fmt.Errorf("%s: %w", one.name, err)
			}
			fmt.Printf("%s: %.1f KB each, %.2f us a delivery, p99 %.1f ms, with stalled readers times %.2f\n", one.name,
				m.bytes/1024, float64(m.cost)/float64(time.Microsecond), float64(m.p99)/float64(time.Millisecond), m.stalled)
			*one.into = append(*one.into, m)
		}
	}
	ratio := func(of func(i int) float64) float64 {
		all := make([]float64, rounds)
		for i := range all {
			all[i] = of(i)
		}
		return median(all)
	}
	fmt.Printf("figure socket.memory_ratio %.2f\n", ratio(func(i int) float64 { return salon[i].bytes / plain[i].bytes }))
	fmt.Printf("figure socket.cpu_ratio %.2f\n", ratio(func(i int) float64 { return float64(salon[i].cost) / float64(plain[i].cost) }))
	var stalled []float64
	for _, m := range salon {
		stalled = append(stalled, m.stalled...)
	}
	fmt.Printf("figure socket.stalled_p99_ratio %.2f\n", median(stalled))
	return nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// How a measurement goes: messages, ten a second.
const (
	messages = 40
	pause    = 100 * time.Millisecond
	fills    = 25 // messages that fill the buffers of who does not read
	stalls   = 3  // each time one in a hundred stops to read
)

func measure(ctx context.Context, name string, people int) (m measured, err error) {
	s, err := start(ctx, name)
	if err != nil {
		return m, err
	}
	defer s.stop()
	empty, err := s.weigh()
	if err != nil {
		return m, err
	}
	c, err := gather(s.address, people)
	if err != nil {
		return m, err
	}
	defer c.close()
	full, err := s.weigh()
	if err != nil {
		return m, err
	}
	m.bytes = float64(full.Memory-empty.Memory) / float64(people)
	if _, err = s.speak(c, 3, 0, 0); err != nil { // everything was used once
		return m, err
	}
	if m.cost, err = s.speak(c, messages, pause, 0); err != nil {
		return m, err
	}
	m.p99 = c.p99()
	if name == "plain" { // what it does about stalled readers is not compared
		return m, nil
	}
	for range stalls {
		ratio, err := stallSome(s, c, people/100)
		if err != nil {
			return m, err
		}
		m.stalled = append(m.stalled, ratio)
	}
	return m, s.letGo(int(c.reading()))
}

// stallSome times the others without and with a few who stop to read, one right
// after the other.
func stallSome(s *server, c *crowd, few int) (float64, error) {
	if _, err := s.speak(c, messages/2, pause, 0); err != nil {
		return 0, err
	}
	before := c.p99()
	c.stall(few)
	if _, err := s.speak(c, fills, 0, fill); err != nil { // their buffers are full now
		return 0, err
	}
	if _, err := s.speak(c, messages/2, pause, 0); err != nil {
		return 0, err
	}
	return float64(c.p99()) / float64(before), nil
}
