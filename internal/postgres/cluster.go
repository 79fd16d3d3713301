package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"github.com/jackc/pgx/v5"

	"salon/internal/supervise"
)

const (
	superuser = "salon"
	database  = "salon"
)

// ClusterConfig says where a private cluster lives and how careful it is.
type ClusterConfig struct {
	// Dir is Salon's data directory; it is made if absent. The cluster lives in
	// Dir/postgres, or, when we are root and the user it runs as cannot reach Dir, in a
	// folder of its own under /var/lib/salon, which a file in Dir names.
	Dir string
	// Fast trades survival of a power cut for speed. For tests.
	Fast bool
	// Log receives what the server says; nil discards it.
	Log *slog.Logger
}

// Cluster is a private Postgres server on a unix socket, supervised until Stop.
type Cluster struct {
	place   place
	sockets string
	child   *supervise.Child
	locks   []*os.File // held until Stop; closing them frees the data directory
	once    sync.Once
	stopErr error
}

// StartCluster starts the cluster of a data directory, making it if it does not exist, and
// returns when it answers and has the database "salon". It clears up after a run that was
// killed. The error is ErrInUse while another Salon has the directory, and a
// *NotInstalledError when there is no Postgres. The context bounds the start only.
func StartCluster(ctx context.Context, cfg ClusterConfig) (*Cluster, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	c := &Cluster{}
	if err := c.start(ctx, cfg); err != nil {
		_ = c.Stop() // what was begun; the reason it failed is the one to tell
		return nil, fmt.Errorf("start postgres in %s: %w", cfg.Dir, err)
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, cfg ClusterConfig) error {
	dir, err := realDir(cfg.Dir)
	if err != nil {
		return err
	}
	if err := c.lock(dir); err != nil {
		return err
	}
	if c.place, err = locate(ctx, dir); err != nil {
		return err
	}
	if c.place.base != dir {
		cfg.Log.Warn("database lives outside the data directory, which its user cannot reach", "path", c.place.data)
		// A copy of the data directory carries a copy of the signpost.
		if err := c.lock(c.place.base); err != nil {
			return err
		}
	}
	if !c.place.made {
		if err := c.place.initialize(ctx, cfg.Fast); err != nil {
			return err
		}
	}
	if err := clearOrphans(ctx, c.place); err != nil {
		return err
	}
	if c.sockets, err = makeSocketDir(socketHome, c.place.data, c.place.account); err != nil {
		return err
	}
	c.child = c.place.child(c.sockets, cfg)
	if err := c.child.Start(ctx); err != nil {
		return err
	}
	return c.createDatabase(ctx)
}

// URL is the database's address for Connect.
func (c *Cluster) URL() string { return c.urlOf(database) }

func (c *Cluster) urlOf(name string) string {
	return fmt.Sprintf("postgres://%s@/%s?host=%s&port=5432&sslmode=disable",
		superuser, name, url.QueryEscape(c.sockets))
}

// PID is the process id of the postmaster, 0 while it is being started again.
func (c *Cluster) PID() int { return c.child.PID() }

// Dir is the folder with Postgres' own data, wherever it was put.
func (c *Cluster) Dir() string { return c.place.data }

// Stop shuts the server down and frees the data directory. Every call waits and returns
// the same answer.
func (c *Cluster) Stop() error {
	c.once.Do(func() {
		if c.child != nil {
			c.stopErr = c.child.Stop()
		}
		if c.sockets != "" {
			_ = os.RemoveAll(c.sockets) // an empty folder at worst, and swept next time
		}
		for _, f := range c.locks {
			_ = f.Close()
		}
	})
	return c.stopErr
}

func (c *Cluster) lock(dir string) error {
	f, err := lockFile(filepath.Join(dir, "postgres.lock"))
	if err != nil {
		return err
	}
	c.locks = append(c.locks, f)
	return nil
}

// createDatabase asks at every start, since an earlier one may have ended before it.
func (c *Cluster) createDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.urlOf("postgres"))
	if err != nil {
		return fmt.Errorf("reach new server: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var exists bool
	const find = "select exists (select from pg_database where datname = $1)"
	if err := conn.QueryRow(ctx, find, database).Scan(&exists); err != nil {
		return fmt.Errorf("look for database: %w", err)
	}
	if exists {
		return nil
	}
	if _, err := conn.Exec(ctx, "create database "+database); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	return nil
}

// realDir makes the directory and resolves its name, so that one directory has one name.
func realDir(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return "", fmt.Errorf("make data directory: %w", err)
	}
	return filepath.EvalSymlinks(abs)
}
