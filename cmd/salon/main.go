// Command salon is a server for live audio rooms. Its roles are subcommands
// of one binary; all wiring is in this package, in plain order.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // people's time zones, on machines that have none

	"github.com/alecthomas/kong"
)

// commandLine is everything the program understands: flag = environment = default.
type commandLine struct {
	LogLevel slog.Level `default:"info" env:"SALON_LOG_LEVEL" help:"debug, info, warn or error."`

	Dev      devCommand      `cmd:"" help:"Start everything on this machine, for trying out and for development."`
	Serve    serveCommand    `cmd:"" help:"Start a server for people to use."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the database's tables up to date."`
	Admin    adminCommand    `cmd:"" help:"Do what only whoever runs the server may."`
	Fsck     fsckCommand     `cmd:"" help:"Look whether every seat, payment and entry of the ledger is as it ought to be."`
	Captions captionsCommand `cmd:"" help:"Bring and try models of speech, and turn speech into captions in a process of its own."`
	SFU      sfuCommand      `cmd:"" name:"sfu" hidden:"" help:"The media server; started by the others."`
	Speech   speechCommand   `cmd:"" hidden:"" help:"The speech engine; started by the others."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var line commandLine
	k := kong.Parse(&line, kong.Name("salon"), kong.Description("Live audio rooms on a server you own."), kong.UsageOnError())
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: line.LogLevel})))
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "salon:", err)
		os.Exit(exitCode(err))
	}
}
