package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"salon/internal/postgres"
)

// shared is the one server of this test process.
var shared server

type server struct {
	mu       sync.Mutex
	ours     bool // Main runs and will stop what is started
	tried    bool
	err      error
	base     string // address of the server
	template string // the migrated database that tests get copies of
	cluster  *postgres.Cluster
	dir      string
}

// start starts the server once; later calls get the same answer.
func (s *server) start() (base, template string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ours {
		return "", "", errors.New("TestMain must call postgrestest.Main, or the server would be left behind")
	}
	if !s.tried {
		s.tried = true
		s.err = s.launch(context.Background())
	}
	return s.base, s.template, s.err
}

func (s *server) launch(ctx context.Context) error {
	if s.base = os.Getenv("SALON_TEST_DATABASE_URL"); s.base == "" {
		if err := s.startCluster(ctx); err != nil {
			return err
		}
	}
	name := randomName()
	if err := admin(s.base, "create database "+name); err != nil {
		return err
	}
	s.template = name
	return postgres.Migrate(ctx, withDatabase(s.base, name))
}

func (s *server) startCluster(ctx context.Context) error {
	var err error
	if s.dir, err = os.MkdirTemp("", "salon-pg-"); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	if s.cluster, err = postgres.StartCluster(ctx, postgres.ClusterConfig{Dir: s.dir, Fast: true}); err != nil {
		return err
	}
	s.base = s.cluster.URL()
	return nil
}

// stop leaves nothing behind: on a server that is not ours the template goes, else the
// whole server, wherever its data had to be put.
func (s *server) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cluster == nil {
		var err error
		if s.template != "" {
			err = admin(s.base, "drop database "+s.template+" with (force)")
		}
		return errors.Join(err, os.RemoveAll(s.dir))
	}
	return errors.Join(s.cluster.Stop(), removeData(s.cluster.Dir(), s.dir), os.RemoveAll(s.dir))
}

// removeData removes the folder around data that lives outside dir, because dir could not
// be reached by the server's user.
func removeData(data, dir string) error {
	if filepath.Dir(data) == dir {
		return nil
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil && filepath.Dir(data) == real {
		return nil
	}
	return os.RemoveAll(filepath.Dir(data))
}

// withDatabase is the server's address with another database.
func withDatabase(base, name string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base // the server was reached at it, so it is no URL but a DSN of key=value
	}
	u.Path = "/" + name
	return u.String()
}
