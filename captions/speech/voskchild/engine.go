package voskchild

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"salon/captions/speech"
)

// StreamsPerChild is how many voices one child carries before another is
// started. For as long as one of several children is away, the others carry
// its voices too.
const StreamsPerChild = 8

// Config is what an engine is made of.
type Config struct {
	Socket    string // path of the children's sockets, which end in a number
	Library   string // libvosk.so
	Model     string // folder
	Languages []string
	Children  int // most at a time; 0 means 1
}

// Engine is Vosk with one model in supervised children: one at first, another
// whenever all are full.
type Engine struct {
	exe    string
	config Config
	log    *slog.Logger
	ctx    context.Context // ends with Stop
	cancel context.CancelFunc

	mu       sync.Mutex
	children []*process
	growing  sync.WaitGroup
	grow     bool      // another child is being started
	noSooner time.Time // after one that did not start
}

// growAgain is how long nobody tries to start another child after that failed.
const growAgain = time.Minute

// New returns the engine of one model; exe is our own binary. Start it before
// use.
func New(exe string, c Config, log *slog.Logger) *Engine {
	c.Children = max(1, c.Children)
	e := &Engine{exe: exe, config: c, log: log}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	return e
}

// Start loads the model in a child, or says why it cannot.
func (e *Engine) Start(ctx context.Context) error {
	for _, path := range []string{e.config.Library, filepath.Join(e.config.Model, "am", "final.mdl")} {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("speech: %w", err)
		}
	}
	return e.add(ctx)
}

// add starts one child more.
func (e *Engine) add(ctx context.Context) error {
	p := newProcess(e.exe, order{e.config.Socket + strconv.Itoa(len(e.running())), e.config.Library, e.config.Model}, e.log)
	if err := p.start(ctx); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.children = append(e.children, p)
	return nil
}

// Stop ends the children and with them every stream. It is safe to repeat.
func (e *Engine) Stop() error {
	e.cancel()
	e.growing.Wait()
	var failed []error
	for _, p := range e.running() {
		failed = append(failed, p.stop())
	}
	return errors.Join(failed...)
}

// Info says which model is used.
func (e *Engine) Info() speech.Info {
	return speech.Info{Engine: "vosk", Model: filepath.Base(e.config.Model), Languages: e.config.Languages, Local: true}
}

// running are the children that were started, also those which are away at the
// moment.
func (e *Engine) running() []*process {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.children)
}

// PIDs are the children's process ids, 0 for one that is away at the moment.
func (e *Engine) PIDs() (ids []int) {
	for _, p := range e.running() {
		ids = append(ids, p.child.PID())
	}
	return ids
}

// NewStream begins a stream in the child that has the fewest, or in the next
// one if that does not answer.
func (e *Engine) NewStream(ctx context.Context) (speech.Stream, error) {
	children, err := e.byLoad()
	if err != nil {
		return nil, err
	}
	var failed []error
	for _, p := range children {
		s, err := p.open(ctx)
		if err == nil {
			return s, nil
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(failed...)
}

// byLoad are the children in the order in which to ask them: one that has
// owed an answer for long is asked last.
func (e *Engine) byLoad() (children []*process, err error) {
	children = e.running()
	if len(children) == 0 {
		return nil, errors.New("speech: not started")
	}
	open, load := 0, map[*process]int{}
	for _, p := range children {
		n := p.pulse.streams()
		open += n
		if load[p] = n; p.pulse.silent(doubtAfter) {
			load[p] += StreamsPerChild * e.config.Children
		}
	}
	if open >= StreamsPerChild*e.config.Children {
		return nil, speech.ErrFull
	}
	if open+1 >= StreamsPerChild*len(children) {
		e.another()
	}
	slices.SortStableFunc(children, func(a, b *process) int { return cmp.Compare(load[a], load[b]) })
	return children, nil
}

// another starts a child beside the others, unless there are as many as there
// may be. Nobody waits for it.
func (e *Engine) another() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.grow || len(e.children) == 0 || len(e.children) >= e.config.Children || e.ctx.Err() != nil || time.Now().Before(e.noSooner) {
		return
	}
	e.grow = true
	e.growing.Go(func() {
		err := e.add(e.ctx)
		e.mu.Lock()
		defer e.mu.Unlock()
		e.grow = false
		if err != nil && e.ctx.Err() == nil {
			e.noSooner = time.Now().Add(growAgain)
			e.log.Warn("no further speech child", "model", e.config.Model, "error", err)
		}
	})
}
