package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/postgres"
	"salon/ticketing"
)

// house is a database with people, and the product's service on it.
type house struct {
	dir     string
	cluster *postgres.Cluster
	pool    *pgxpool.Pool // with a connection for each client
	seats   *pgxpool.Pool // of the service
	service *ticketing.Service
	clients int
	people  []person
}

// person is somebody who wants a seat, and all they will say: making it up takes
// no part of what is measured.
type person struct {
	account, order uuid.UUID
	network        ticketing.Network // each is from somewhere else
}

// crowd is how many people there are: more than can be seated in one round.
const crowd = 300_000

func start(ctx context.Context, clients int) (h *house, err error) {
	h = &house{clients: clients}
	if h.dir, err = os.MkdirTemp("", "salon-bench"); err != nil {
		return nil, err
	}
	if h.cluster, err = postgres.StartCluster(ctx, postgres.ClusterConfig{Dir: h.dir}); err != nil {
		return nil, err
	}
	if err = postgres.Migrate(ctx, h.cluster.URL()); err == nil {
		err = h.open(ctx)
	}
	if err != nil {
		h.stop()
		return nil, err
	}
	return h, nil
}

func (h *house) open(ctx context.Context) (err error) {
	if h.pool, err = postgres.Connect(ctx, h.cluster.URL()+"&pool_max_conns="+strconv.Itoa(h.clients)+"&statement_timeout=0"); err != nil {
		return err
	}
	if h.seats, err = postgres.ConnectIndexed(ctx, h.cluster.URL()); err != nil {
		return err
	}
	h.service = ticketing.NewService(ticketing.NewStore(h.pool), h.seats, ticketing.DefaultSettings(), nil, nil, nil, slog.New(slog.DiscardHandler))
	h.people = make([]person, crowd)
	accounts := make([]uuid.UUID, crowd)
	for i := range h.people {
		who := uuid.Must(uuid.NewV7())
		accounts[i] = who
		network := ticketing.NetworkOf(fmt.Sprintf("2001:db8:%x:%x::1", who[12:14], who[14:16]))
		h.people[i] = person{who, uuid.Must(uuid.NewV7()), network}
	}
	if _, err = h.pgbench(ctx, "-i", "-q", "-s", "10"); err != nil {
		return err
	}
	_, err = h.pool.Exec(ctx, `
		insert into accounts (id, handle, display_name, email, password_hash)
		select id, 'p' || n, 'p' || n, 'p' || n || '@example.org', '' from unnest($1::uuid[]) with ordinality as x (id, n)`, accounts)
	return err
}

// room offers a room with so many seats, in a database without orders.
func (h *house) room(ctx context.Context, seats int) (uuid.UUID, error) {
	room, decision, offer := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	for _, sql := range []string{
		`delete from orders`,
		`insert into gate_decisions (id, account_id, purpose, snapshot, passed) values ($2, $1, 'host', '{}', true)`,
		`insert into rooms (id, host_id, title, language, gate_decision_id) values ($3, $1, 'Evening', 'en', $2)`,
		`insert into offers (id, room_id, host_id, payout_id, price, currency, cap) values ($4, $3, $1, 'acct', 500, 'usd', $5)`,
		`vacuum (analyze) orders`, `checkpoint`,
	} {
		args := []any{h.people[0].account, decision, room, offer, seats}
		if !strings.Contains(sql, "$") {
			args = nil
		}
		if err := h.exec(ctx, sql, args...); err != nil {
			return offer, fmt.Errorf("%s: %w", sql, err)
		}
	}
	return offer, nil
}

// exec runs a statement that may name any of the arguments.
func (h *house) exec(ctx context.Context, sql string, args ...any) error {
	conn, err := h.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	used := args[:0:0]
	for i, arg := range args {
		old, now := "$"+strconv.Itoa(i+1), "$"+strconv.Itoa(len(used)+1)
		if strings.Contains(sql, old) {
			sql = strings.ReplaceAll(sql, old, now)
			used = append(used, arg)
		}
	}
	_, err = conn.Exec(ctx, sql, used...)
	return err
}

// slowDown makes every commit that changes an offer take two milliseconds, as on
// a slow disk or with a replica that must agree.
func (h *house) slowDown(ctx context.Context) error {
	_, err := h.pool.Exec(ctx, `
		create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.002); return null; end $$;
		create constraint trigger slow after update on offers deferrable initially deferred for each row execute function slow()`)
	return err
}

// read counts what pgbench -S reads a second with as many clients.
func (h *house) read(ctx context.Context, lasts time.Duration) (measured, error) {
	h.pool.Reset() // its connections make room
	out, err := h.pgbench(ctx, "-S", "-n", "-M", "prepared", "-c", strconv.Itoa(h.clients), "-j", "2", "-T", strconv.Itoa(max(1, int(lasts.Seconds()))))
	if err != nil {
		return measured{}, err
	}
	_, after, _ := strings.Cut(out, "tps = ")
	value, _, _ := strings.Cut(after, " ")
	tps, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return measured{}, fmt.Errorf("read pgbench: %w: %s", err, out)
	}
	return measured{rate: tps}, nil
}

func (h *house) pgbench(ctx context.Context, args ...string) (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if err != nil || len(found) == 0 {
		found = []string{"pgbench"}
	}
	out, err := exec.CommandContext(ctx, found[len(found)-1], append(args, h.cluster.URL())...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("pgbench: %w: %s", err, out)
	}
	return string(out), nil
}

func (h *house) stop() {
	for _, pool := range []*pgxpool.Pool{h.seats, h.pool} {
		if pool != nil {
			pool.Close()
		}
	}
	_ = h.cluster.Stop()
	if data := h.cluster.Dir(); !strings.HasPrefix(data, h.dir) {
		_ = os.RemoveAll(filepath.Dir(data))
	}
	_ = os.RemoveAll(h.dir)
}
