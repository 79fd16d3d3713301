package postgrestest_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/postgres"
	"salon/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func TestDatabasesAreMigratedAndApart(t *testing.T) {
	t.Parallel()
	one, two := postgrestest.New(t), postgrestest.New(t)
	for _, pool := range []*pgxpool.Pool{one, two} {
		// Fails where the schema is missing, and where the other's table is seen.
		const sql = "create table apart as select version from public.schema_version"
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Error(err)
		}
	}
}

func TestDatabasesAreDropped(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("user", func(t *testing.T) { url = postgrestest.URL(t) })
	if pool, err := postgres.Connect(t.Context(), url); err == nil {
		pool.Close()
		t.Error("the database is still there")
	}
}
