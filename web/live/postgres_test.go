package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/postgres"
	"salon/internal/postgres/postgrestest"
	"salon/rooms"
)

// rows reads the log as the product does, and lets everyone stay who is not
// banned.
type rows struct {
	*memory
	store *rooms.Store
	pool  *pgxpool.Pool
}

func (r rows) Head(ctx context.Context, room uuid.UUID) (rooms.Head, error) {
	return r.store.LogHead(ctx, room)
}

func (r rows) Log(ctx context.Context, room uuid.UUID, after int64, limit int) ([]rooms.LogEntry, error) {
	return r.store.Log(ctx, room, after, limit)
}

func (r rows) MayStay(ctx context.Context, room uuid.UUID, v Visitor) (err error) {
	var out bool
	err = r.pool.QueryRow(ctx, `select exists (select from participants where room_id = $1 and account_id = $2 and banned_at is not null)`,
		room, v.Account).Scan(&out)
	if err == nil && out {
		return banned
	}
	return err
}

func (r rows) State(ctx context.Context, room uuid.UUID) (json.RawMessage, error) {
	var state json.RawMessage
	return state, r.pool.QueryRow(ctx, `select json_build_object('title', title) from rooms where id = $1`, room).Scan(&state)
}

type followers struct{}

func (followers) ReachTx(context.Context, pgx.Tx, uuid.UUID, int) (rooms.Reach, error) {
	return rooms.Reach{Counting: 600}, nil
}

// tables is a room in a database, with a hub that hears of it.
type tables struct {
	*stand
	pool *pgxpool.Pool
	host uuid.UUID
}

func newTables(t *testing.T) *tables {
	pool := postgrestest.New(t)
	store := rooms.NewStore(pool)
	x := &tables{pool: pool, host: uuid.Must(uuid.NewV7())}
	x.account(t, x.host, "host")
	room, err := rooms.NewService(store, rooms.NewGate(pool, followers{}), nil).Create(t.Context(), x.host, rooms.NewRoom{Title: "Evening", Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	x.stand = newStand(t, newMemory(), Limits{})
	x.room = room.ID
	x.hub.Source = rows{x.source, store, pool}
	listening := make(chan struct{})
	var first sync.Once
	listener := &postgres.Listener{Pool: pool, Log: slog.New(slog.DiscardHandler), Heard: x.hub.Heard, Missed: func() {
		x.hub.Missed()
		first.Do(func() { close(listening) })
	}}
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { listener.Run(ctx) })
	t.Cleanup(func() { stop(); done.Wait() })
	<-listening
	return x
}

func (x *tables) account(t *testing.T, id uuid.UUID, handle string) {
	t.Helper()
	_, err := x.pool.Exec(t.Context(), `insert into accounts (id, handle, display_name, email, password_hash)
		values ($1, $2, $2, $2 || '@example.org', '')`, id, handle)
	if err != nil {
		t.Fatal(err)
	}
}

// add appends in a transaction, as everyone does who has something to tell.
func (x *tables) add(n int) {
	x.t.Helper()
	err := postgres.InTx(context.Background(), x.pool, func(tx pgx.Tx) error {
		entries := make([]rooms.NewEntry, n)
		for i := range entries {
			entries[i] = rooms.NewEntry{Kind: rooms.KindNotice, Actor: x.host, Body: map[string]any{"text": "Welcome"}}
		}
		_, err := rooms.AppendTx(context.Background(), tx, x.room, entries...)
		return err
	})
	if err != nil {
		x.t.Error(err)
	}
}

func (x *tables) head() int64 {
	x.t.Helper()
	head, err := x.hub.Source.Head(x.t.Context(), x.room)
	if err != nil {
		x.t.Fatal(err)
	}
	return head.Seq
}

func TestFromTheDatabaseToTheSocket(t *testing.T) {
	t.Parallel()
	x := newTables(t)
	begin := x.head()
	r, other := x.visit(nil), x.visit(nil)
	if state := string(r.until("state").State); state != `{"title" : "Evening"}` {
		t.Error(state)
	}
	other.until("hello")
	x.add(2)
	r.reach(begin + 2)

	// Gone while much is written by many at once, and back.
	r.ws.Close()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 10 {
				x.add(3)
			}
		})
	}
	other.reach(begin + 300)
	if closed := r.again(x.stand); closed != nil {
		t.Fatal(closed)
	}
	for _, one := range []*reader{r, other} {
		if one.reach(begin + 602); one.log.faults() > 0 {
			t.Errorf("%+v", one.log)
		}
	}
	all.Wait()
	if !r.last.Resumed {
		t.Errorf("%+v", r.last)
	}
}

func TestABanInTheDatabaseClosesTheSocket(t *testing.T) {
	t.Parallel()
	x := newTables(t)
	guest := uuid.Must(uuid.NewV7())
	x.account(t, guest, "bob")
	r, other := x.visit(url.Values{"who": {guest.String()}}), x.visit(nil)
	r.until("you")
	other.until("hello")
	err := postgres.InTx(t.Context(), x.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into participants (room_id, account_id, identity, role, banned_at) values ($1, $2, 'x', 'listener', now())`, x.room, guest)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	x.add(1)
	other.reach(x.head())
	before := r.log.last
	if closed := r.end(); closed.Code != codeRefused || closed.Text != "banned" || r.log.last != before {
		t.Errorf("%v, read on from %d to %d", closed, before, r.log.last)
	}
	if closed := r.again(x.stand); closed == nil {
		t.Error("came back")
	}
}
