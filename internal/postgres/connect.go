package postgres

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// poolSize is the number of connections a pool may open unless the URL says
// pool_max_conns. pgx's own default is 4 on a small machine, one listening connection
// and one slow query away from a stall. ConnectIndexed's opens no more than indexedSize,
// whatever the URL says.
const (
	poolSize    = 20
	indexedSize = 4
)

// session is what every connection asks for unless its URL says otherwise, whatever the
// database's owner prefers. The limits turn a stuck lock or a forgotten transaction into
// an error somebody sees.
var session = map[string]string{
	"application_name":                    "salon",
	"default_transaction_isolation":       "read committed",
	"lock_timeout":                        "3s",
	"statement_timeout":                   "5s",
	"idle_in_transaction_session_timeout": "10s",
}

// indexed is what the connections of ConnectIndexed ask for besides.
var indexed = map[string]string{
	"enable_seqscan":  "off",
	"plan_cache_mode": "force_generic_plan",
}

// Connect opens a pool on the database at url and proves that it answers.
func Connect(ctx context.Context, url string) (*pgxpool.Pool, error) {
	return connect(ctx, url, session)
}

// ConnectIndexed is Connect for statements that are asked over and over of tables that
// grow: each is planned once for a connection, whatever it is asked with, and by indexes.
// A plan that was made while a table was small would go on reading all of it until
// Postgres next counts its rows.
func ConnectIndexed(ctx context.Context, url string) (*pgxpool.Pool, error) {
	settings := maps.Clone(session)
	maps.Copy(settings, indexed)
	cfg, err := configure(url, settings)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = min(cfg.MaxConns, indexedSize)
	cfg.MinConns = 0
	return open(ctx, cfg)
}

func connect(ctx context.Context, url string, settings map[string]string) (*pgxpool.Pool, error) {
	cfg, err := configure(url, settings)
	if err != nil {
		return nil, err
	}
	return open(ctx, cfg)
}

func configure(url string, settings map[string]string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read database url: %w", err)
	}
	params := cfg.ConnConfig.RuntimeParams
	for name, value := range settings {
		if params[name] == "" {
			params[name] = value
		}
	}
	params["timezone"] = "UTC"
	if !strings.Contains(url, "pool_max_conns") {
		cfg.MaxConns = poolSize
	}
	return cfg, nil
}

func open(ctx context.Context, cfg *pgxpool.Config) (*pgxpool.Pool, error) {
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database pool: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reach database: %w", err)
	}
	return pool, nil
}
