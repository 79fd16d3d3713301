package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// poolSize is the number of connections a pool may open unless the URL says
// pool_max_conns. pgx's own default is 4 on a small machine, one listening connection
// and one slow query away from a stall.
const poolSize = 20

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

// Connect opens a pool on the database at url and proves that it answers.
func Connect(ctx context.Context, url string) (*pgxpool.Pool, error) {
	return connect(ctx, url, session)
}

func connect(ctx context.Context, url string, settings map[string]string) (*pgxpool.Pool, error) {
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
