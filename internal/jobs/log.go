package jobs

import (
	"context"
	"log/slog"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// failures logs each failed attempt once, without the job's arguments: they
// may carry secrets.
type failures struct{ log *slog.Logger }

// HandleError is called by River when a worker returned an error.
func (f failures) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.report(ctx, job, "error", err.Error())
	return nil
}

// HandlePanic is called by River when a worker panicked.
func (f failures) HandlePanic(ctx context.Context, job *rivertype.JobRow, what any, trace string) *river.ErrorHandlerResult {
	f.report(ctx, job, "panic", what, "trace", trace)
	return nil
}

func (f failures) report(ctx context.Context, job *rivertype.JobRow, why ...any) {
	level, message := slog.LevelWarn, "job failed, will be tried again"
	if job.Attempt >= job.MaxAttempts {
		level, message = slog.LevelError, "job failed for good"
	}
	f.log.Log(ctx, level, message, append([]any{"kind", job.Kind, "job", job.ID, "attempt", job.Attempt}, why...)...)
}

// quiet drops what River tells below a warning: failed attempts, which we log
// ourselves, and its daily life.
type quiet struct{ slog.Handler }

// Enabled is part of slog.Handler.
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

// WithAttrs is part of slog.Handler.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup is part of slog.Handler.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
