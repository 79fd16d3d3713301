package supervise

import (
	"bytes"
	"context"
	"log/slog"
	"os/exec"
)

// maxLine bounds what we hold of a line that never ends.
const maxLine = 16 << 10

// lineLog passes what a child writes to the log, one record per line.
type lineLog struct {
	child string
	log   *slog.Logger
	level func(string) slog.Level
	rest  []byte // the line begun so far
}

// capture sends the command's output to the log unless the command has its own place for
// it. One writer for both streams keeps their lines in order.
func (c *Child) capture(cmd *exec.Cmd) *lineLog {
	l := &lineLog{child: c.Name, log: c.Log, level: c.LineLevel}
	if l.level == nil {
		l.level = func(string) slog.Level { return slog.LevelInfo }
	}
	out, errOut := cmd.Stdout == nil, cmd.Stderr == nil
	if out {
		cmd.Stdout = l
	}
	if errOut {
		cmd.Stderr = l
	}
	return l
}

// Write implements io.Writer; os/exec calls it from one goroutine.
func (l *lineLog) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			break
		}
		l.emit(l.rest[:i])
		l.rest = l.rest[i+1:]
	}
	if len(l.rest) > maxLine {
		l.flush()
	}
	return len(p), nil
}

// flush logs a last line that had no end. It is for the time after the child's exit.
func (l *lineLog) flush() {
	l.emit(l.rest)
	l.rest = nil
}

func (l *lineLog) emit(line []byte) {
	text := string(bytes.TrimSpace(line))
	if text != "" {
		l.log.Log(context.Background(), l.level(text), text, "child", l.child)
	}
}
