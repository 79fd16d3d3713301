// Command room times what people feel of a room, on this machine, with the
// real product: how long joining and publishing take, how soon a mute is
// silence and a refund closes the door, what joining costs on top of a bare media server, and how soon a
// warm start is ready. It ends with one line per figure.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"salon/bench/house"
)

func main() {
	salon := flag.String("salon", "./bin/salon", "the salon binary")
	rounds := flag.Int("rounds", 40, "how often each thing is timed")
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	lksdk.SetLogger(logger.GetDiscardLogger())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *salon, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench room:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, salon string, rounds int) error {
	data, err := os.MkdirTemp("", "salon-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	ready, err := timeStarts(ctx, salon, data)
	if err != nil {
		return err
	}
	product, err := house.Start(ctx, salon, data, "--no-demo") // its voices would compete with what is timed
	if err != nil {
		return err
	}
	defer product.Stop()
	stage, err := openStage(ctx, product)
	if err != nil {
		return err
	}
	publish, err := stage.timePublishing(ctx, rounds)
	if err != nil {
		return err
	}
	silence, err := stage.timeMuting(ctx, rounds)
	if err != nil {
		return err
	}
	through, bare, err := stage.timeJoining(ctx, salon, rounds)
	if err != nil {
		return err
	}
	refunds, err := stage.timeRefunds(ctx, rounds) // last: from then on the room asks for tickets
	if err != nil {
		return err
	}
	fmt.Printf("join through Salon: median %s, p95 %s; bare media server: median %s, p95 %s\n",
		ms(quantile(through, 0.5)), ms(quantile(through, 0.95)), ms(quantile(bare, 0.5)), ms(quantile(bare, 0.95)))
	fmt.Printf("figure room.join_to_publish_p95_ms %s\n", ms(quantile(publish, 0.95)))
	fmt.Printf("figure stage.mute_to_silence_p95_ms %s\n", ms(quantile(silence, 0.95)))
	fmt.Printf("figure tickets.refund_to_door_p95_ms %s\n", ms(quantile(refunds, 0.95)))
	fmt.Printf("figure room.join_vs_bare %.2f\n", float64(quantile(through, 0.5))/float64(quantile(bare, 0.5)))
	fmt.Printf("figure room.ready_warm_ms %s\n", ms(quantile(ready, 0.5)))
	return nil
}

// timeStarts starts salon dev, its demo and all, on an empty folder and then
// again and again on what is there by then. The later times are returned.
func timeStarts(ctx context.Context, salon, data string) (warm []time.Duration, err error) {
	for i := range 6 {
		product, err := house.Start(ctx, salon, data)
		if err == nil {
			err = product.Stop()
		}
		if err != nil {
			return nil, fmt.Errorf("start %d: %w", i, err)
		}
		if i == 0 {
			fmt.Printf("first start on an empty folder: %d ms\n", product.ReadyAfter.Milliseconds())
			continue
		}
		warm = append(warm, product.ReadyAfter)
	}
	return warm, nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond)) }

// quantile is the value below which a share q of the sorted values lies.
func quantile(values []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
