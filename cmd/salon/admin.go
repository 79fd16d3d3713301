package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/accounts"
	"salon/internal/postgres"
	"salon/rooms"
)

// reach is how a command finds the database of a running server.
type reach struct {
	Data        string `default:"salon-data" env:"SALON_DATA" type:"path" help:"Data directory of the running server."`
	DatabaseURL string `env:"DATABASE_URL" help:"PostgreSQL to use. Default: the one of the server running on --data."`
}

func (r reach) url() (string, error) {
	if r.DatabaseURL != "" {
		return r.DatabaseURL, nil
	}
	file, err := r.running()
	if err != nil {
		return "", fmt.Errorf("no server is running on %s; start it, or give --database-url: %w", r.Data, err)
	}
	return file.DatabaseURL, nil
}

// running is what the server that runs on the data directory says of itself.
func (r reach) running() (file runFile, err error) {
	text, err := os.ReadFile(runFilePath(r.Data))
	if err != nil {
		return file, err
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return file, fmt.Errorf("read %s: %w", runFilePath(r.Data), err)
	}
	return file, nil
}

func (r reach) with(ctx context.Context, do func(*pgxpool.Pool) error) error {
	url, err := r.url()
	if err != nil {
		return err
	}
	pool, err := postgres.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	return do(pool)
}

// adminCommand is what only whoever runs the server may.
type adminCommand struct {
	Allow    allowCommand    `cmd:"" help:"Let a person host, whatever their followers."`
	Disallow disallowCommand `cmd:"" help:"Take that back."`
	Promote  promoteCommand  `cmd:"" help:"Make a person an admin of this server."`
	Demote   demoteCommand   `cmd:"" help:"Take that back."`

	StripeSmoke stripeSmokeCommand `cmd:"" help:"Sell, pay and refund once in Stripe's test mode, to see that your account there is set up as it must be."`
	StripeSetup stripeSetupCommand `cmd:"" help:"Make the webhook endpoints at Stripe that tell this server of payments, and print their secrets."`
}

type onAccount struct {
	reach
	Handle string `arg:"" help:"Whom: the name, with or without @."`
}

func (o onAccount) run(ctx context.Context, do func(people *accounts.Service, gate *rooms.Gate, account uuid.UUID) error) error {
	return o.with(ctx, func(pool *pgxpool.Pool) error {
		people := accounts.New(accounts.Config{Pool: pool})
		account, err := people.ByHandle(ctx, o.Handle)
		if err != nil {
			return fmt.Errorf("@%s: %w", o.Handle, err)
		}
		if err := do(people, rooms.NewGate(pool, followers{people}), account.ID); err != nil {
			return err
		}
		fmt.Printf("@%s: done\n", account.Handle)
		return nil
	})
}

type allowCommand struct{ onAccount }

// Run gives the permission.
func (c allowCommand) Run(ctx context.Context) error {
	return c.run(ctx, func(_ *accounts.Service, gate *rooms.Gate, account uuid.UUID) error {
		return gate.Allow(ctx, uuid.Nil, account)
	})
}

type disallowCommand struct{ onAccount }

// Run takes the permission back.
func (c disallowCommand) Run(ctx context.Context) error {
	return c.run(ctx, func(_ *accounts.Service, gate *rooms.Gate, account uuid.UUID) error {
		return gate.Disallow(ctx, account)
	})
}

type promoteCommand struct{ onAccount }

// Run makes the person an admin.
func (c promoteCommand) Run(ctx context.Context) error {
	return c.run(ctx, func(people *accounts.Service, _ *rooms.Gate, _ uuid.UUID) error {
		return people.SetAdmin(ctx, c.Handle, true)
	})
}

type demoteCommand struct{ onAccount }

// Run makes the person an admin no longer.
func (c demoteCommand) Run(ctx context.Context) error {
	return c.run(ctx, func(people *accounts.Service, _ *rooms.Gate, _ uuid.UUID) error {
		return people.SetAdmin(ctx, c.Handle, false)
	})
}

// migrateCommand brings an external database up to date; dev and serve do it
// by themselves when they start.
type migrateCommand struct {
	DatabaseURL string `required:"" env:"DATABASE_URL" help:"PostgreSQL to bring up to date."`
}

// Run migrates.
func (c *migrateCommand) Run(ctx context.Context) error {
	if err := postgres.Migrate(ctx, c.DatabaseURL); err != nil {
		return err
	}
	fmt.Println("The database is up to date.")
	return nil
}
