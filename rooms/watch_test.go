package rooms

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// mailbag notes who was told, or refuses.
type mailbag struct {
	told []uuid.UUID
	err  error
	mu   sync.Mutex
}

func (m *mailbag) TellMayHostTx(_ context.Context, _ pgx.Tx, account uuid.UUID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err == nil {
		m.told = append(m.told, account)
	}
	return m.err
}

func TestWhoeverAskedIsToldOnceWhenTheyPass(t *testing.T) {
	b := setup(t)
	bag := &mailbag{}
	watchman := NewWatchman(b.gate, bag, postgres.NewLease(b.pool, "gate-watch", time.Minute), b.logger())
	ada, bob := b.account("ada"), b.account("bob")
	b.reach.n = 0
	if err := b.gate.Watch(b.ctx, ada); err != nil {
		t.Fatal(err)
	}
	look := func(what string, want ...uuid.UUID) {
		t.Helper()
		if err := watchman.Look(b.ctx); err != nil {
			t.Fatal(what, err)
		}
		if !slices.Equal(bag.told, want) {
			t.Errorf("%s: told %v, want %v", what, bag.told, want)
		}
	}
	look("not yet")
	for _, account := range []uuid.UUID{ada, bob} {
		if err := b.gate.Allow(b.ctx, uuid.Nil, account); err != nil {
			t.Fatal(err)
		}
	}
	bag.err = errors.New("no mail today")
	if err := watchman.Look(b.ctx); !errors.Is(err, bag.err) {
		t.Errorf("the mail failed: %v", err)
	}
	bag.err = nil
	look("told once the mail could be queued", ada)
	look("once", ada)
	w, err := b.gate.Watching(b.ctx, ada)
	if err != nil || !w.On || w.PassedAt == nil {
		t.Errorf("stays until seen: %+v %v", w, err)
	}
	if err := b.gate.Unwatch(b.ctx, ada); err != nil {
		t.Fatal(err)
	}
	if w, err = b.gate.Watching(b.ctx, ada); err != nil || w.On {
		t.Errorf("put away: %+v %v", w, err)
	}
}

func TestOneOfManyWatchmenTells(t *testing.T) {
	b := setup(t)
	bag := &mailbag{}
	ada := b.account("ada")
	if err := b.gate.Watch(b.ctx, ada); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			lease := postgres.NewLease(b.pool, "gate-watch", time.Minute)
			if err := NewWatchman(b.gate, bag, lease, b.logger()).Look(b.ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(bag.told) != 1 {
		t.Errorf("told %d times", len(bag.told))
	}
}

func TestVouchesAreListedFromBothEnds(t *testing.T) {
	b := setup(t)
	ada, bob := b.account("ada"), b.account("bob")
	if err := b.gate.Vouch(b.ctx, ada, bob); err != nil {
		t.Fatal(err)
	}
	given, received, err := b.gate.Vouches(b.ctx, ada)
	if err != nil || len(given) != 1 || given[0].Handle != "bob" || len(received) != 0 {
		t.Errorf("ada: %v %v %v", given, received, err)
	}
	given, received, err = b.gate.Vouches(b.ctx, bob)
	if err != nil || len(given) != 0 || len(received) != 1 || received[0].AccountID != ada {
		t.Errorf("bob: %v %v %v", given, received, err)
	}
}
