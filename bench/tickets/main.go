// Command tickets counts how many seats of one offer 64 people at once can be
// held a second, through the same method as every request, against a row lock
// for each, one statement for each, and the fastest reads pgbench makes, on a
// database that survives a power cut. All take turns in every round, so that
// they see the same machine. It ends with one line per figure.
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
	clients := flag.Int("c", 64, "people at once")
	rounds := flag.Int("rounds", 5, "how often each way is measured")
	lasts := flag.Duration("for", 2*time.Second, "how long each time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *clients, *rounds, *lasts); err != nil {
		fmt.Fprintln(os.Stderr, "bench tickets:", err)
		os.Exit(1)
	}
}

// measured is what one round says of one way.
type measured struct {
	rate float64 // seats a second
	p99  time.Duration
}

// all is what each round said, by the name of the way.
type all map[string][]measured

func run(ctx context.Context, clients, rounds int, lasts time.Duration) error {
	h, err := start(ctx, clients)
	if err != nil {
		return err
	}
	defer h.stop()
	fast, err := h.measure(ctx, append(ways, reading), rounds, lasts)
	if err != nil {
		return err
	}
	over, err := h.sellOut(ctx)
	if err != nil {
		return err
	}
	if err := h.slowDown(ctx); err != nil {
		return err
	}
	slow, err := h.measure(ctx, ways, rounds, lasts)
	if err != nil {
		return err
	}
	fmt.Printf("figure tickets.held_per_second %.0f\n", fast.median("salon", rate))
	fmt.Printf("figure tickets.vs_for_update %.1f\n", fast.ratio("salon", "for update", rate))
	fmt.Printf("figure tickets.vs_one_statement %.1f\n", fast.ratio("salon", "one statement", rate))
	fmt.Printf("figure tickets.vs_pgbench_s %.2f\n", fast.ratio("salon", "pgbench -S", rate))
	fmt.Printf("figure tickets.p99_ratio %.2f\n", fast.ratio("salon", "for update", p99))
	fmt.Printf("figure tickets.slow_vs_for_update %.1f\n", slow.ratio("salon", "for update", rate))
	fmt.Printf("figure tickets.slow_vs_one_statement %.1f\n", slow.ratio("salon", "one statement", rate))
	fmt.Printf("figure tickets.oversold %d\n", over)
	return nil
}

func rate(m measured) float64 { return m.rate }
func p99(m measured) float64  { return float64(m.p99) }

// median is that of what the rounds say of one way.
func (a all) median(one string, of func(measured) float64) float64 {
	values := make([]float64, len(a[one]))
	for i, m := range a[one] {
		values[i] = of(m)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// ratio is the median of what each round says of one way over another.
func (a all) ratio(one, other string, of func(measured) float64) float64 {
	ratios := make([]float64, len(a[one]))
	for i := range ratios {
		ratios[i] = of(a[one][i]) / of(a[other][i])
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}
