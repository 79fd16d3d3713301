package rooms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/fault"
	"salon/internal/postgres"
	"salon/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// told records what the media side was told, in order.
type told struct {
	mu    sync.Mutex
	calls []string
}

func (m *told) note(call string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, call)
}

func (m *told) Open(context.Context, string)         { m.note("open") }
func (m *told) Close(context.Context, string)        { m.note("close") }
func (m *told) Apply(_ context.Context, _, _ string) { m.note("apply") }
func (m *told) Pass(s Seat, _ string) (Pass, error)  { return Pass{Token: string(s.Role)}, nil }
func (m *told) take() (calls []string)               { calls, m.calls = m.calls, nil; return calls }

// counted says how many followers everyone has.
type counted struct{ n int }

func (c *counted) ReachTx(context.Context, pgx.Tx, uuid.UUID, int) (Reach, error) {
	return Reach{Counting: c.n}, nil
}

type bundle struct {
	*Service
	t     *testing.T
	ctx   context.Context
	pool  *pgxpool.Pool
	media *told
	reach *counted
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	pool := postgrestest.New(t)
	media, reach := &told{}, &counted{600}
	return &bundle{NewService(NewStore(pool), NewGate(pool, reach), media), t, t.Context(), pool, media, reach}
}

func (b *bundle) logger() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (b *bundle) account(handle string) uuid.UUID {
	b.t.Helper()
	id := uuid.Must(uuid.NewV7())
	_, err := b.pool.Exec(b.ctx, `insert into accounts (id, handle, display_name, email, password_hash)
		values ($1, $2, $2, $2 || '@example.org', '')`, id, handle)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *bundle) live(host uuid.UUID) Room {
	b.t.Helper()
	room, err := b.Create(b.ctx, host, NewRoom{Title: "Evening", Topics: []string{"news"}, Language: "en"})
	if err == nil {
		room, err = b.Start(b.ctx, host, room.ID)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return room
}

func (b *bundle) act(room Room, actor uuid.UUID, action Action, target uuid.UUID) error {
	return b.Act(b.ctx, Deed{Room: room.ID, Actor: actor, Target: target, Action: action})
}

func TestARoomsLife(t *testing.T) {
	b := setup(t)
	host, other := b.account("host"), b.account("other")
	room, err := b.Create(b.ctx, host, NewRoom{Title: "  Evening ", Topics: []string{" news "}, Language: "fr-ca"})
	if err != nil || room.Title != "Evening" || room.Topics[0] != "news" || room.Language != "fr-CA" || room.Status() != Scheduled {
		t.Fatalf("Create: %+v %v", room, err)
	}
	if _, err := b.Join(b.ctx, other, room.ID, false); !errors.Is(err, ErrNotStarted) {
		t.Errorf("join before start: %v", err)
	}
	if _, err := b.End(b.ctx, host, room.ID); !errors.Is(err, ErrNotStarted) {
		t.Errorf("end before start: %v", err)
	}
	if _, err := b.Start(b.ctx, other, room.ID); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("another starts: %v", err)
	}
	first, err := b.Start(b.ctx, host, room.ID)
	again, err2 := b.Start(b.ctx, host, room.ID)
	if err != nil || err2 != nil || *first.Run != *again.Run || first.Status() != Live || len(*first.Run) != 32 {
		t.Fatalf("Start: %+v %v, again %+v %v", first, err, again, err2)
	}
	if entry, err := b.Join(b.ctx, other, room.ID, false); err != nil || entry.Role != Listener || len(entry.Identity) != 32 {
		t.Errorf("Join: %+v %v", entry, err)
	}
	if _, err := b.End(b.ctx, other, room.ID); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("another ends: %v", err)
	}
	for range 2 {
		if ended, err := b.End(b.ctx, host, room.ID); err != nil || ended.Status() != Ended {
			t.Errorf("End: %+v %v", ended, err)
		}
	}
	if _, err := b.Join(b.ctx, other, room.ID, false); !errors.Is(err, ErrEnded) {
		t.Errorf("join after end: %v", err)
	}
	if _, err := b.Start(b.ctx, host, room.ID); !errors.Is(err, ErrEnded) {
		t.Errorf("start after end: %v", err)
	}
	if _, err := b.Room(b.ctx, uuid.Must(uuid.NewV7())); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown room: %v", err)
	}
	if got := b.media.take(); !slices.Equal(got, []string{"open", "open", "close", "close"}) {
		t.Errorf("media was told %v", got)
	}
}

func TestCreateRefusesWithTheDecisionItStored(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	b.reach.n = 599
	_, err := b.Create(b.ctx, host, NewRoom{Title: "x", Language: "en"})
	var f *fault.Fault
	if !errors.As(err, &f) || f.Kind != ErrHostGate {
		t.Fatalf("599: %v", err)
	}
	if d := f.Members["gate"].(Decision); d.Passed || d.Paths[0].Have != 599 {
		t.Errorf("decision %+v", d)
	}
	b.reach.n = 600
	if _, err := b.Create(b.ctx, host, NewRoom{Title: "x", Language: "en"}); err != nil {
		t.Errorf("600: %v", err)
	}
	var stored, passed int
	b.pool.QueryRow(b.ctx, `select count(*), count(*) filter (where passed) from gate_decisions`).Scan(&stored, &passed)
	if stored != 2 || passed != 1 {
		t.Errorf("%d decisions stored, %d passed", stored, passed)
	}
}

// A room that may be held stays held: losing followers later ends nothing.
func TestALostFollowerClosesNothing(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	room, err := b.Create(b.ctx, host, NewRoom{Title: "x", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	b.reach.n = 0
	if _, err := b.Start(b.ctx, host, room.ID); err != nil {
		t.Errorf("start: %v", err)
	}
	if _, err := b.Join(b.ctx, b.account("guest"), room.ID, false); err != nil {
		t.Errorf("join: %v", err)
	}
}

func TestCreateChecksItsInput(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	long := func(n int) string { return fmt.Sprintf("%0*d", n, 0) }
	for field, n := range map[string]NewRoom{
		"title":     {Title: " ", Language: "en"},
		"title ":    {Title: long(maxTitle + 1), Language: "en"},
		"title  ":   {Title: "a\nb", Language: "en"},
		"topics":    {Title: "x", Language: "en", Topics: []string{"a", "b", "c", "d"}},
		"topics ":   {Title: "x", Language: "en", Topics: []string{long(maxTopic + 1)}},
		"title   ":  {Title: "a\u202eb", Language: "en"},
		"language":  {Title: "x", Language: "not a language"},
		"starts_at": {Title: "x", Language: "en", Start: true, StartsAt: new(time.Now().Add(time.Hour))},
	} {
		if _, err := b.Create(b.ctx, host, n); !errors.Is(err, fault.InvalidInput) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestOpenRoomsAreBoundedUnderConcurrency(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	var all sync.WaitGroup
	var mu sync.Mutex
	refused := 0
	for range 3 * maxOpenRooms {
		all.Go(func() {
			_, err := b.Create(b.ctx, host, NewRoom{Title: "x", Language: "en"})
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, ErrTooManyRoom) {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if refused != 2*maxOpenRooms {
		t.Errorf("%d refused, want %d", refused, 2*maxOpenRooms)
	}
}

func TestPowersAreRows(t *testing.T) {
	b := setup(t)
	host, ada, bob := b.account("host"), b.account("ada"), b.account("bob")
	room := b.live(host)
	if err := b.act(room, ada, RaiseHand, ada); !errors.Is(err, ErrNotThere) {
		t.Errorf("not joined: %v", err)
	}
	for _, who := range []uuid.UUID{host, ada, bob} {
		if _, err := b.Join(b.ctx, who, room.ID, false); err != nil {
			t.Fatal(err)
		}
	}
	for _, action := range StageActions() {
		if action.On() == OnSelf {
			if err := b.act(room, host, action, ada); !errors.Is(err, ErrNotAllowed) {
				t.Errorf("host does %s for another: %v", action, err)
			}
			continue
		}
		for _, actor := range []uuid.UUID{ada, b.account("stranger_" + strings.ReplaceAll(string(action), "-", "_"))} {
			if err := b.act(room, actor, action, bob); !errors.Is(err, ErrNotAllowed) {
				t.Errorf("%s by no host: %v", action, err)
			}
		}
	}
	b.media.take()
	for _, step := range []struct {
		actor  uuid.UUID
		action Action
		target uuid.UUID
		told   bool
	}{
		{ada, RaiseHand, ada, false}, {host, Invite, ada, false}, {ada, Accept, ada, true},
		{host, Mute, ada, true}, {host, Mute, ada, false}, {host, Unmute, ada, true},
		{host, PullDown, ada, true}, {host, Ban, ada, true},
	} {
		if err := b.act(room, step.actor, step.action, step.target); err != nil {
			t.Fatalf("%s: %v", step.action, err)
		}
		if got := len(b.media.take()) > 0; got != step.told {
			t.Errorf("%s: media told %v, want %v", step.action, got, step.told)
		}
	}
	if _, err := b.Join(b.ctx, ada, room.ID, false); !errors.Is(err, ErrBanned) {
		t.Errorf("banned joins: %v", err)
	}
	if _, err := b.pool.Exec(b.ctx, `update accounts set suspended_at = now() where id = $1`, bob); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Join(b.ctx, bob, room.ID, false); !errors.Is(err, ErrSuspended) {
		t.Errorf("suspended joins: %v", err)
	}
}

func TestVouching(t *testing.T) {
	b := setup(t)
	ada, bob, candidate := b.account("ada"), b.account("bob"), b.account("candidate")
	b.reach.n = 0
	if err := b.gate.Vouch(b.ctx, ada, candidate); !errors.Is(err, ErrVouchGate) {
		t.Errorf("not eligible: %v", err)
	}
	for _, voucher := range []uuid.UUID{ada, bob} {
		if d, err := b.gate.Standing(b.ctx, candidate); err != nil || d.Passed {
			t.Fatalf("before: %+v %v", d, err)
		}
		if err := b.gate.Allow(b.ctx, uuid.Nil, voucher); err != nil {
			t.Fatal(err)
		}
		for range 2 { // vouching twice is vouching once
			if err := b.gate.Vouch(b.ctx, voucher, candidate); err != nil {
				t.Fatal(err)
			}
		}
	}
	if d, err := b.gate.Standing(b.ctx, candidate); err != nil || !d.Passed {
		t.Errorf("two vouchers: %+v %v", d, err)
	}
	if err := b.gate.Unvouch(b.ctx, ada, candidate); err != nil {
		t.Fatal(err)
	}
	if d, err := b.gate.Standing(b.ctx, candidate); err != nil || d.Passed {
		t.Errorf("one taken back: %+v %v", d, err)
	}
	if err := b.gate.Vouch(b.ctx, ada, ada); !errors.Is(err, ErrVouchSelf) {
		t.Errorf("self: %v", err)
	}
	if err := b.gate.Vouch(b.ctx, ada, uuid.Must(uuid.NewV7())); !errors.Is(err, ErrNoAccount) {
		t.Errorf("unknown: %v", err)
	}
}

func TestRulesAreDataAndTheNewestHolds(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	if paths, err := b.gate.Rules(b.ctx); err != nil || !slices.Equal(paths, DefaultPaths) {
		t.Fatalf("default: %v %v", paths, err)
	}
	b.reach.n = 5
	for _, c := range []struct {
		paths  []Path
		passed bool
	}{{[]Path{{PathFollowers, 5}}, true}, {[]Path{{PathFollowers, 6}}, false}, {[]Path{{Kind: PathEveryone}}, true}} {
		if err := b.gate.SetRules(b.ctx, host, c.paths); err != nil {
			t.Fatal(err)
		}
		if d, err := b.gate.Standing(b.ctx, host); err != nil || d.Passed != c.passed {
			t.Errorf("%v: %+v %v", c.paths, d, err)
		}
	}
}

// storm counts real rows while they are being written.
type storm struct{}

func (storm) ReachTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, _ int) (r Reach, err error) {
	err = tx.QueryRow(ctx, `select count(*) from follows where followee_id = $1`, account).Scan(&r.Counting)
	return r, err
}

// However the ground moves at the threshold, each decision is the pure
// function of the snapshot stored beside it.
func TestEachDecisionFollowsFromItsSnapshot(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	gate := NewGate(b.pool, storm{})
	service := NewService(b.Store, gate, b.media)
	if err := gate.SetRules(b.ctx, uuid.Nil, []Path{{PathFollowers, 5}}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 10 {
		fan := b.account(fmt.Sprintf("fan%d", i))
		all.Go(func() {
			for range 10 {
				b.pool.Exec(b.ctx, `insert into follows values ($1, $2, now(), now()) on conflict do nothing`, fan, host)
				b.pool.Exec(b.ctx, `delete from follows where follower_id = $1`, fan)
			}
		})
	}
	for range 5 {
		all.Go(func() {
			for range 10 {
				service.Create(b.ctx, host, NewRoom{Title: "x", Language: "en"})
			}
		})
	}
	all.Wait()
	rows, _ := b.pool.Query(b.ctx, `select snapshot, passed from gate_decisions`)
	decisions, mismatches := 0, 0
	var text []byte
	var passed bool
	if _, err := pgx.ForEachRow(rows, []any{&text, &passed}, func() error {
		var s Snapshot
		decisions++
		if err := json.Unmarshal(text, &s); err != nil {
			return err
		}
		if Decide(s).Passed != passed {
			mismatches++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if decisions < 10 || mismatches > 0 {
		t.Errorf("%d of %d decisions do not follow from their snapshot", mismatches, decisions)
	}
}

func TestLeaseHasOneHolder(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	one, two := postgres.NewLease(pool, "job", time.Hour), postgres.NewLease(pool, "job", time.Hour)
	for _, c := range []struct {
		lease *postgres.Lease
		want  bool
	}{{one, true}, {two, false}, {one, true}} {
		if got, err := c.lease.Hold(t.Context()); err != nil || got != c.want {
			t.Errorf("Hold: %v %v", got, err)
		}
	}
	if _, err := pool.Exec(t.Context(), `update leases set expires_at = now()`); err != nil {
		t.Fatal(err)
	}
	if got, err := two.Hold(t.Context()); err != nil || !got {
		t.Errorf("after expiry: %v %v", got, err)
	}
}
