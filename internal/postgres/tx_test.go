package postgres_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/postgres"
	"salon/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func setup(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := postgrestest.New(t)
	exec(t, pool, "create table rows (n int constraint rows_n_once unique)")
	return pool
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, pool *pgxpool.Pool) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), "select count(*) from rows").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestInTxIsReadCommittedWhateverTheServerSays(t *testing.T) {
	t.Parallel()
	pool := setup(t)
	exec(t, pool, "do $$ begin execute format('alter database %I set default_transaction_isolation = serializable', current_database()); end $$")
	pool.Reset()
	err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		var level string
		if err := tx.QueryRow(t.Context(), "show transaction_isolation").Scan(&level); err != nil {
			return err
		}
		if level != "read committed" {
			t.Errorf("isolation %q", level)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestInTxRetriesVictimsOnly(t *testing.T) {
	t.Parallel()
	pool := setup(t)
	for _, c := range []struct {
		code  string
		tries int
	}{
		{"40001", 5}, {"40P01", 5}, {"55P03", 1}, {"57014", 1}, {"23505", 1},
	} {
		tries := 0
		err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
			tries++
			_, err := tx.Exec(t.Context(), "do $$ begin raise exception using errcode = '"+c.code+"'; end $$")
			return err
		})
		if err == nil || tries != c.tries {
			t.Errorf("%s: %d tries, want %d; error %v", c.code, tries, c.tries, err)
		}
	}
}

// TestInTxResolvesDeadlocks locks two rows in opposite orders from two goroutines.
func TestInTxResolvesDeadlocks(t *testing.T) {
	t.Parallel()
	pool := setup(t)
	exec(t, pool, "insert into rows values (1), (2)")
	var both sync.WaitGroup
	both.Add(2)
	lock := func(first, second int) error {
		var met sync.Once
		return postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
			const sql = "select from rows where n = $1 for update"
			if _, err := tx.Exec(t.Context(), sql, first); err != nil {
				return err
			}
			met.Do(func() { both.Done(); both.Wait() }) // the first try holds one row each
			_, err := tx.Exec(t.Context(), sql, second)
			return err
		})
	}
	other := make(chan error, 1)
	go func() { other <- lock(2, 1) }()
	if err := errors.Join(lock(1, 2), <-other); err != nil {
		t.Fatal(err)
	}
}

func TestInTxRollsBackOnErrorAndPanic(t *testing.T) {
	t.Parallel()
	pool := setup(t)
	boom := errors.New("boom")
	insert := func(then func() error) (err error) {
		defer func() {
			if recover() != nil {
				err = boom
			}
		}()
		return postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), "insert into rows values (1)"); err != nil {
				return err
			}
			return then()
		})
	}
	if err := insert(func() error { return boom }); !errors.Is(err, boom) {
		t.Errorf("error: %v", err)
	}
	if err := insert(func() error { panic("mid-transaction") }); !errors.Is(err, boom) {
		t.Errorf("panic: %v", err)
	}
	if n := count(t, pool); n != 0 {
		t.Errorf("%d rows survived", n)
	}
	if err := insert(func() error { return nil }); err != nil || count(t, pool) != 1 {
		t.Errorf("commit: %v", err)
	}
}

func TestConstraintNamesTheViolated(t *testing.T) {
	t.Parallel()
	pool := setup(t)
	exec(t, pool, "insert into rows values (1)")
	_, err := pool.Exec(t.Context(), "insert into rows values (1)")
	if got := postgres.Constraint(err); got != "rows_n_once" {
		t.Errorf("constraint %q of %v", got, err)
	}
	if got := postgres.Constraint(errors.New("other")); got != "" {
		t.Errorf("constraint %q of another error", got)
	}
}
