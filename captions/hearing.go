package captions

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"salon/captions/speech"
)

// hearing is one room the worker attends, or would.
type hearing struct {
	worker *Worker
	room   Room
	engine speech.Engine
	lease  Lease

	// Owned by Run.
	stop   context.CancelFunc // nil while another worker hears it
	until  time.Time          // when the lease ends unless it is renewed
	missed bool               // others may have heard the room before us
	last   chan struct{}      // closed when the latest listening has ended

	human  atomic.Bool // somebody writes the captions
	on     atomic.Bool
	gapped atomic.Bool // a gap is the latest that was noted
	meter  meter
}

// hears says whether a room is the one that is heard, whoever writes there.
func (h *hearing) hears(r Room) bool {
	r.Human = h.room.Human
	return r == h.room
}

// claim takes or renews the lease, and listens as long as it is ours.
func (h *hearing) claim(ctx context.Context, all *sync.WaitGroup) error {
	asked := h.worker.now()
	mine, err := h.lease.Hold(ctx)
	switch {
	case err != nil:
		h.expire()
	case mine:
		h.until = asked.Add(LeaseLife)
		if h.stop == nil {
			h.begin(ctx, all)
		}
	default:
		h.end()
		h.missed = true
	}
	return err
}

// expire ends what nobody could renew: another worker may have the room now.
func (h *hearing) expire() {
	if h.stop != nil && h.worker.now().After(h.until) {
		h.end()
		h.missed = true
	}
}

func (h *hearing) begin(ctx context.Context, all *sync.WaitGroup) {
	ctx, h.stop = context.WithCancel(ctx)
	before, missed, ended := h.last, h.missed, make(chan struct{})
	h.last, h.missed = ended, false
	all.Go(func() {
		defer close(ended)
		if before != nil {
			<-before // two of us would throw each other out
		}
		h.listen(ctx, missed)
	})
}

func (h *hearing) end() {
	if h.stop != nil {
		h.stop()
		h.stop = nil
	}
}

// againAfter is the pause before a connection that ended is opened anew.
const againAfter = 500 * time.Millisecond

// listen stays in the room until the context ends. Whoever comes back after
// having been away tells that words may be missing.
func (h *hearing) listen(ctx context.Context, missed bool) {
	for ctx.Err() == nil {
		err := h.worker.ear.Listen(ctx, h.room, &hearer{hearing: h, ctx: ctx, missed: missed})
		missed = true
		h.on.Store(false)
		if ctx.Err() != nil {
			return
		}
		h.worker.log.Debug("ear lost the room", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(againAfter):
		}
	}
}

// gap notes that words may be missing, once between two lines: an engine that
// dies takes the words of all voices along at once.
func (h *hearing) gap(ctx context.Context) {
	if h.gapped.Swap(true) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	if err := h.worker.rooms.Gap(ctx, h.room); err != nil {
		h.gapped.Store(false)
		h.worker.log.Warn("gap not noted", "error", err)
	}
}

// hearer opens a pipeline per voice of one room.
type hearer struct {
	hearing *hearing
	ctx     context.Context
	missed  bool // words, before we came

	segments segments // of agents
}

// Ready tells that the room is heard.
func (h *hearer) Ready() {
	h.hearing.on.Store(true)
	if h.missed {
		h.hearing.gap(h.ctx)
	}
}

// maxQueue is how many packets of sound may wait for a pipeline.
const maxQueue = 256

// Voice begins to caption one voice.
func (h *hearer) Voice(identity string) Sound {
	p := newPipeline(h.hearing, identity)
	go p.run(h.ctx)
	return p
}

func newPipeline(h *hearing, identity string) *pipeline {
	d := &demand{hearing: h}
	h.worker.load.add(d)
	return &pipeline{
		hearing: h, demand: d, worker: h.worker, room: h.room, identity: identity, log: h.worker.log, clock: clock{now: h.worker.now},
		in: make(chan []int16, maxQueue), done: make(chan struct{}),
	}
}
