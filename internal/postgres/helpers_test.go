package postgres

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// startCluster starts a cluster that ends with the test, wherever its data went.
func startCluster(t *testing.T, dir string) *Cluster {
	t.Helper()
	return start(t, ClusterConfig{Dir: dir, Fast: true})
}

func start(t *testing.T, cfg ClusterConfig) *Cluster {
	t.Helper()
	cfg.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	c, err := StartCluster(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
		if strings.HasPrefix(c.Dir(), elsewhere) {
			_ = os.RemoveAll(filepath.Dir(c.Dir()))
		}
	})
	return c
}

func connectTo(t *testing.T, c *Cluster) *pgxpool.Pool {
	t.Helper()
	pool, err := Connect(t.Context(), c.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func mustExec(t *testing.T, pool *pgxpool.Pool, sql string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func show(t *testing.T, pool *pgxpool.Pool, sql string) string {
	t.Helper()
	var s string
	if err := pool.QueryRow(t.Context(), sql).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// openDir is a data directory that the server's user can reach: t.TempDir is 0700 for root.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "salon-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// eventually polls: a server that comes back tells nobody.
func eventually(t *testing.T, ok func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for !ok(ctx) {
		if wait(ctx, 20*time.Millisecond) != nil {
			t.Fatal("did not happen in 30 s")
		}
	}
}
