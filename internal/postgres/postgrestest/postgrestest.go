// Package postgrestest gives every test a migrated database of its own on a real Postgres
// server. A package that uses it hands its TestMain to Main:
//
//	func TestMain(m *testing.M) { postgrestest.Main(m) }
//
// The server is started by the first test that asks and shared by the test process. With
// SALON_TEST_DATABASE_URL set, that server is used instead.
package postgrestest

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/postgres"
)

// Main runs the tests, stops the server if one was started, and exits. After tests
// that succeeded it does what else there is; a code above 0 is a failure.
func Main(m *testing.M, after ...func() (code int)) {
	shared.mu.Lock()
	shared.ours = true
	shared.mu.Unlock()
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "postgrestest: ", err)
		code = max(code, 1)
	}
	for _, do := range after {
		if code == 0 {
			code = do()
		}
	}
	os.Exit(code)
}

// New is a pool on a fresh, migrated database, which is dropped when the test ends.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Connect(context.Background(), URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close) // before the database is dropped: cleanups run last first
	return pool
}

// Indexed is another pool on the database of a pool of New's, as ConnectIndexed opens
// them.
func Indexed(t testing.TB, pool *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	other, err := postgres.ConnectIndexed(context.Background(), pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	return other
}

// URL is the address of a fresh, migrated database, which is dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	base, template, err := shared.start()
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	name := randomName()
	if err := admin(base, "create database "+name+" template "+template); err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	t.Cleanup(func() {
		if err := admin(base, "drop database "+name+" with (force)"); err != nil {
			t.Errorf("postgrestest: %v", err)
		}
	})
	return withDatabase(base, name)
}

// admin runs one statement on a connection of its own: CREATE and DROP DATABASE are rare,
// and a kept connection would have to survive tests that kill the server.
func admin(base, sql string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, base)
	if err != nil {
		return fmt.Errorf("reach test server: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// randomName is unlike any other process' name on a server that several may share.
func randomName() string { return "salon_test_" + strings.ToLower(rand.Text()[:16]) }
