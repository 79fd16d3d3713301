package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/jobs"
	"salon/rooms"
	"salon/ticketing"
	"salon/ticketing/stripepay"
)

// invariants are what fsck looks at; docs/money.md has them in full.
var invariants = []struct{ name, says string }{
	{"I1", "no more seats are taken than there are, and they are counted right"},
	{"I2", "one good ticket for one person and room, one order for one payment"},
	{"I3", "what was paid is a ticket, went back, or is disputed"},
	{"I4", "only paid orders open doors"},
	{"I5", "no more went back than was paid"},
	{"I6", "the ledger adds up"},
	{"I7", "fee and net are the price"},
	{"I8", "the ledger is what Stripe says"},
	{"I9", "every event was taken, once"},
	{"I14", "no hold is longer than its time"},
}

// fsckCommand checks the sales of a server, running or not.
type fsckCommand struct {
	reach
	stripeSettings
	PublicURL string `env:"SALON_PUBLIC_URL" help:"Where browsers reach the server. Default: what the running one says."`
	Repair    bool   `help:"Mend what can be mended without anybody deciding anything, and note it in the audit."`
}

// errUnsound ends the command with a failure when something is left.
var errUnsound = errors.New("not everything is as it ought to be")

// Run prints what it looked at and what it found.
func (c *fsckCommand) Run(ctx context.Context) error {
	stripe, err := c.stripe()
	if err != nil {
		return err
	}
	return c.with(ctx, func(pool *pgxpool.Pool) error {
		runner, err := jobs.New(pool, slog.Default(), jobs.Of(ticketing.NewWorker())) // takes errands for the server to run
		if err != nil {
			return err
		}
		service := ticketing.NewService(ticketing.NewStore(pool), nil, ticketing.DefaultSettings(), stripepay.New(stripe), rooms.NewStore(pool), runner, slog.Default())
		left, err := service.Fsck(ctx)
		if err != nil {
			return err
		}
		tell(left)
		if c.Repair && len(left) > 0 {
			fmt.Println("Repairing.")
			failed := service.Repair(ctx, left)
			if left, err = service.Fsck(ctx); err != nil {
				return errors.Join(failed, err)
			}
			tell(left)
			if failed != nil {
				return failed
			}
		}
		if len(left) > 0 {
			return errUnsound
		}
		return nil
	})
}

// stripe is whom to ask: the one of the settings, or else the simulated one of
// the server that runs.
func (c *fsckCommand) stripe() (stripepay.Config, error) {
	file, err := c.running()
	config := stripepay.Config{Key: c.StripeKey}
	if config.Key == "" && file.StripeKey == "" {
		return config, errors.Join(errors.New("no server with a simulated Stripe is running here; give --stripe-key"), err)
	}
	if config.Key == "" {
		return stripepay.Config{Key: file.StripeKey, URL: file.StripeURL, Mark: simulatedMark}, nil
	}
	public, err := url.Parse(cmp.Or(c.PublicURL, file.URL))
	if config.Mark = c.mark(public); err == nil && config.Mark == "" {
		err = errors.New("give --public-url or --stripe-mark, as the server has them")
	}
	return config, errors.Join(err, c.check())
}

func tell(findings []ticketing.Finding) {
	for _, i := range invariants {
		all := slices.DeleteFunc(slices.Clone(findings), func(f ticketing.Finding) bool { return f.Invariant != i.name })
		state := "ok"
		if len(all) > 0 {
			state = fmt.Sprintf("%d found", len(all))
		}
		fmt.Printf("%-4s %-75s %s\n", i.name, i.says, state)
		for _, f := range all {
			hand := "a person must look"
			if f.Safe {
				hand = "--repair mends it"
			}
			fmt.Printf("       %s: %s (%s)\n", f.Subject, f.Detail, hand)
		}
	}
}
