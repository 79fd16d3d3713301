package postgres

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// channel is what the triggers of the schema notify on.
const channel = "salon"

// Pauses of a listener whose connection was lost.
const (
	relistenFirst = 50 * time.Millisecond
	relistenMost  = 5 * time.Second
)

// Listener hears what the schema's triggers tell, from every process.
type Listener struct {
	// Heard takes each notice, such as "log ROOM", in the order of commits. It
	// must not block for long.
	Heard func(notice string)
	// Missed is called whenever the listener has begun to listen: what was told
	// before was not heard.
	Missed func()

	Pool *pgxpool.Pool
	Log  *slog.Logger
}

// Run listens until the context ends, on a connection of its own, and anew
// whenever that is lost.
func (l *Listener) Run(ctx context.Context) error {
	for pause := relistenFirst; ctx.Err() == nil; {
		heard, err := l.listen(ctx)
		if ctx.Err() != nil {
			return nil
		}
		l.Log.Warn("database notices lost, listening again", "error", err)
		if pause = min(2*pause, relistenMost); heard {
			pause = relistenFirst
		}
		if wait(ctx, pause) != nil {
			return nil
		}
	}
	return nil
}

// listen says whether it had begun to listen before it failed.
func (l *Listener) listen(ctx context.Context) (bool, error) {
	conn, err := pgx.ConnectConfig(ctx, l.Pool.Config().ConnConfig)
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "listen "+channel); err != nil {
		return false, err
	}
	l.Missed()
	for {
		notice, err := conn.WaitForNotification(ctx)
		if err != nil {
			return true, err
		}
		l.Heard(notice.Payload)
	}
}
