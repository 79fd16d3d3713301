package postgres

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecondStartSeesTheData(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := startCluster(t, dir)
	if real, _ := filepath.EvalSymlinks(dir); c.Dir() != filepath.Join(real, "postgres") {
		t.Errorf("data in %s, want it in %s", c.Dir(), dir)
	}
	pool := connectTo(t, c)
	mustExec(t, pool, "create table kept (n int)")
	pool.Close()
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}

	again := connectTo(t, startCluster(t, dir))
	mustExec(t, again, "insert into kept values (1)")
}

func TestConnectSetsTheSession(t *testing.T) {
	t.Parallel()
	c := startCluster(t, openDir(t))
	pool := connectTo(t, c)
	for setting, want := range map[string]string{
		"lock_timeout": "3s", "statement_timeout": "5s", "timezone": "UTC",
		"idle_in_transaction_session_timeout": "10s", "application_name": "salon",
		"listen_addresses": "", "server_encoding": "UTF8", "lc_collate": "C.UTF-8",
		"data_checksums": "on",
	} {
		if got := show(t, pool, "select current_setting('"+setting+"')"); got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
	own, err := Connect(t.Context(), c.URL()+"&statement_timeout=60s")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	if got := show(t, own, "show statement_timeout"); got != "1min" {
		t.Errorf("the URL's statement_timeout became %q", got)
	}
	few, err := ConnectIndexed(t.Context(), c.URL()+"&pool_max_conns=60&pool_min_conns=9")
	if err != nil {
		t.Fatal(err)
	}
	defer few.Close()
	if config := few.Config(); config.MaxConns != indexedSize || config.MinConns != 0 {
		t.Errorf("%d to %d connections", config.MinConns, config.MaxConns)
	}
	for setting, want := range map[string]string{"enable_seqscan": "off", "plan_cache_mode": "force_generic_plan", "statement_timeout": "5s"} {
		if got := show(t, few, "show "+setting); got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
}

func TestClosedParentPutsDataElsewhereForRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root hands Postgres to another user")
	}
	parent := openDir(t) // 0700
	dir := filepath.Join(parent, "data")
	c := startCluster(t, dir)
	if !strings.HasPrefix(c.Dir(), elsewhere+"/") {
		t.Fatalf("data in %s", c.Dir())
	}
	if info, _ := os.Stat(parent); info.Mode().Perm() != 0o700 {
		t.Errorf("the parent became %v", info.Mode())
	}
	first := c.Dir()
	connectTo(t, c).Close()
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if c = startCluster(t, dir); c.Dir() != first {
		t.Errorf("second start in %s, first in %s", c.Dir(), first)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	_ = os.RemoveAll(filepath.Dir(first))
	if _, err := StartCluster(t.Context(), ClusterConfig{Dir: dir}); err == nil || !strings.Contains(err.Error(), first[:len(elsewhere)]) {
		t.Errorf("lost data: %v", err)
	}
}

func TestSecondSalonIsRefused(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := startCluster(t, dir)
	_, err := StartCluster(t.Context(), ClusterConfig{Dir: dir, Fast: true})
	if !errors.Is(err, ErrInUse) {
		t.Fatalf("second start: %v", err)
	}
	connectTo(t, c) // the first is unharmed
}
