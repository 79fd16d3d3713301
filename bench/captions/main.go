// Command captions times captions from a mouth to readers, on this machine,
// with the real product: a recording is said into a room, and 1, 100 and 2,000
// sockets read. Beside it the bare engine hears the same recording in a process
// of its own; that is the baseline. The two take turns. It ends with one line
// per figure.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"salon/bench/house"
)

func main() {
	salon := flag.String("salon", "./bin/salon", "the salon binary")
	speech := flag.String("speech", "./bin/speech", "folder of the speech engine")
	rounds := flag.Int("rounds", 3, "how often everything is measured")
	bare := flag.Bool("bare", false, "be the bare engine")
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	lksdk.SetLogger(logger.GetDiscardLogger())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *bare {
		err = runBare(*speech)
	} else {
		err = run(ctx, *salon, *speech, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench captions:", err)
		os.Exit(1)
	}
}

// crowds are how many read.
var crowds = []int{1, 100, 2000}

func run(ctx context.Context, salon, speech string, rounds int) error {
	script, err := write()
	if err != nil {
		return err
	}
	data, err := os.MkdirTemp("", "salon-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	product, err := house.Start(ctx, salon, data, "--no-demo", "--host-grace", "1h", "--vosk-library", filepath.Join(speech, "libvosk.so"), "--caption-model", "en="+filepath.Join(speech, "model-en"))
	if err != nil {
		return err
	}
	defer product.Stop()
	stage, err := openStage(ctx, product)
	if err != nil {
		return err
	}
	fmt.Printf("%d sentences in %.0f s, said %d times\n", len(script.sentences), script.length().Seconds(), rounds*len(crowds))
	var all []round
	for i := range rounds {
		one, err := measure(ctx, script, stage, speech)
		if err != nil {
			return fmt.Errorf("round %d: %w", i+1, err)
		}
		all = append(all, one)
	}
	tell(script, all)
	return nil
}

// round is everything once.
type round struct {
	bare     []event
	bareUsed time.Duration
	words    [][]word
	alone    []reading // what the bare engine would show
	heard    []hearing // one for each crowd
}

// hearing is the script, said once to a crowd.
type hearing struct {
	used    usage
	events  []event
	read    []reading
	partial []time.Duration // from the end of each word to each reader
	final   []time.Duration
	missed  int // frames that a reader was not sent, because a newer one came
}

func measure(ctx context.Context, s *script, stage *stage, speech string) (r round, err error) {
	if r.bare, r.bareUsed, err = hearBare(ctx, s, speech); err != nil {
		return r, err
	}
	r.words = spoken(s, r.bare)
	r.alone = read(s, r.words, r.bare)
	for _, n := range crowds {
		one, err := hear(ctx, s, stage, r.words, n)
		if err != nil {
			return r, err
		}
		r.heard = append(r.heard, one)
	}
	return r, nil
}

// after is how long readers wait for the last line.
const after = 3 * time.Second

func hear(ctx context.Context, s *script, stage *stage, words [][]word, n int) (h hearing, err error) {
	crowd, err := stage.gather(n)
	if err != nil {
		return h, err
	}
	defer crowd.close()
	select {
	case <-crowd.ready:
	case <-time.After(house.Patience):
		return h, fmt.Errorf("captions were never on")
	}
	leave, err := stage.publish(ctx) // a new voice, for which an engine begins afresh as the bare one does
	if err != nil {
		return h, err
	}
	defer leave()
	before, err := stage.used()
	if err != nil {
		return h, err
	}
	began := stage.say(ctx, s)
	now, err := stage.used()
	if err != nil {
		return h, err
	}
	h.used = now.since(before)
	<-time.After(after)
	crowd.close()
	var hashes []uint64
	h.events, hashes = crowd.events(began)
	h.read = read(s, words, h.events)
	for _, one := range h.read {
		h.partial = append(h.partial, crowd.delays(one.partial, h.events, hashes, began, &h.missed)...)
		h.final = append(h.final, crowd.delays(one.final, h.events, hashes, began, &h.missed)...)
	}
	return h, nil
}

// delays are those of every reader, for words that the first one saw.
func (r *readers) delays(seen []seeing, events []event, hashes []uint64, began time.Time, missed *int) (all []time.Duration) {
	for _, one := range seen {
		all = append(all, one.delay)
		for _, came := range r.came {
			if at, ok := came[hashes[one.event]]; ok {
				all = append(all, one.delay+at.Sub(began)-events[one.event].At)
			} else {
				*missed++
			}
		}
	}
	return all
}

func ms(d time.Duration) string { return fmt.Sprintf("%.0f", float64(d)/float64(time.Millisecond)) }

// quantile is the value below which a share q of the sorted values lies.
func quantile(values []time.Duration, q float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
