package postgres_test

import (
	"testing"

	"github.com/jackc/tern/v2/migrate"

	"salon/internal/postgres"
	"salon/internal/postgres/postgrestest"
	"salon/migrations"
)

// TestMigrateConcurrently brings one empty database up from four sides at once, twice.
func TestMigrateConcurrently(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	pool, err := postgres.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	exec(t, pool, "drop schema public cascade")
	exec(t, pool, "create schema public")

	for range 2 {
		results := make(chan error)
		for range 4 {
			go func() { results <- postgres.Migrate(t.Context(), url) }()
		}
		for range 4 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
	}

	files, err := migrate.FindMigrations(migrations.FS)
	if err != nil {
		t.Fatal(err)
	}
	var version, jobs int
	err = pool.QueryRow(t.Context(), "select version, (select count(*) from river_job) from public.schema_version").
		Scan(&version, &jobs)
	if err != nil || version != len(files) {
		t.Errorf("version %d of %d migrations: %v", version, len(files), err)
	}
}
