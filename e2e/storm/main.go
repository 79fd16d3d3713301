// Command storm shows that a room's log reaches its readers whole: hundreds of
// them are cut off again and again while lines are written, and the server is
// killed and started anew in between. Nobody may miss a line, see one twice,
// or see them out of order, and no line that the server took may be lost.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

type plan struct {
	binary  string
	readers int
	rate    int           // lines a second
	length  time.Duration // of the writing
	kills   int           // of the server, spread over it
}

func main() {
	var p plan
	flag.StringVar(&p.binary, "salon", "./bin/salon", "the program")
	flag.IntVar(&p.readers, "readers", 300, "how many attend")
	flag.IntVar(&p.rate, "rate", 20, "lines a second")
	flag.DurationVar(&p.length, "for", 30*time.Second, "how long lines are written")
	flag.IntVar(&p.kills, "kills", 1, "how often the server is killed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := p.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "storm:", err)
		os.Exit(1)
	}
}

// settle is how long readers may take, when no more lines are written, to have
// them all.
const settle = 60 * time.Second

func (p plan) run(ctx context.Context) error {
	h, err := open(ctx, p.binary)
	if err != nil {
		return err
	}
	defer h.close()
	room, err := h.room(ctx)
	if err != nil {
		return err
	}
	readers, leave := p.attend(ctx, room)
	written, err := p.write(ctx, h, room)
	if err == nil {
		err = caughtUp(ctx, readers, written)
	}
	leave()
	if err != nil {
		return err
	}
	return judge(readers, written)
}

// controls is how many readers forget how far they came: they show that what
// is counted here can be seen at all.
const controls = 5

// attend starts the readers; the returned function ends them.
func (p plan) attend(ctx context.Context, room room) ([]*reader, func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	readers := make([]*reader, p.readers+controls)
	for i := range readers {
		readers[i] = &reader{room: room, forgetful: i >= p.readers, grown: make(chan struct{}, 1)}
		all.Go(func() { readers[i].attend(ctx) })
	}
	return readers, func() { cancel(); all.Wait() }
}

// write writes lines and kills the server in between. It returns the texts the
// server said it took.
func (p plan) write(ctx context.Context, h *house, room room) ([]string, error) {
	tick := time.NewTicker(time.Second / time.Duration(p.rate))
	defer tick.Stop()
	lines, kills := int(p.length.Seconds())*p.rate, 0
	killed := make(chan error, 1)
	killed <- nil
	var taken []string
	for i := range lines {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
		// Lines go on being written while the server is away.
		if kills < p.kills && i >= (kills+1)*lines/(p.kills+1) {
			if err := <-killed; err != nil {
				return nil, err
			}
			kills++
			go func() { killed <- h.kill(ctx) }()
		}
		text := fmt.Sprintf("line %d", i)
		if room.say(ctx, text) == nil {
			taken = append(taken, text)
		}
	}
	return taken, <-killed
}

// caughtUp waits until every reader has the last line.
func caughtUp(ctx context.Context, readers []*reader, written []string) error {
	ctx, cancel := context.WithTimeout(ctx, settle)
	defer cancel()
	if len(written) == 0 {
		return fmt.Errorf("nothing was written")
	}
	last := written[len(written)-1]
	for i, r := range readers {
		for !r.has(last) {
			select {
			case <-ctx.Done():
				return fmt.Errorf("reader %d never saw %q", i, last)
			case <-r.grown:
			}
		}
	}
	return nil
}
