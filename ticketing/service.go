package ticketing

import (
	"context"
	"log/slog"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
)

// Journal is a room's log, kept by package rooms. Everyone in the room reads
// it, so it is told how many, never who.
type Journal interface {
	// SoldTx notes in the caller's transaction that so many of the room's seats
	// are sold now.
	SoldTx(ctx context.Context, tx pgx.Tx, room uuid.UUID, sold int) error
}

// Queue works a job once the transaction has committed: internal/jobs.
type Queue interface {
	InsertTx(ctx context.Context, tx pgx.Tx, job river.JobArgs) error
}

// Store reads what ticketing keeps.
type Store struct{ pool *pgxpool.Pool }

// NewStore returns the store.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool} }

// Service sells seats. Its methods are one transaction each; those that speak
// to Stripe do so between transactions.
type Service struct {
	*Store
	settings Settings
	payments Payments
	journal  Journal
	queue    Queue
	post     Post    // nil: nobody is written to
	sellers  Sellers // nil: every host may sell
	rooms    Rooms   // nil: rooms that never start are left to people
	desk     *desk
	log      *slog.Logger
}

// NewService returns the service. Jobs that it inserts into the queue are worked
// by a Worker. Seats are given over a pool of postgres.ConnectIndexed; it may be
// nil where nobody asks for one.
func NewService(store *Store, seats *pgxpool.Pool, settings Settings, payments Payments, journal Journal, queue Queue, log *slog.Logger) *Service {
	return &Service{Store: store, settings: settings, payments: payments, journal: journal, queue: queue,
		desk: &desk{pool: seats, settings: settings}, log: log}
}
