package rooms

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Doorkeeper knows of tickets: package ticketing.
type Doorkeeper interface {
	// HoldsTicketTx says whether a room's door asks for a ticket, and whether the
	// account holds one that is good now; uuid.Nil holds none.
	HoldsTicketTx(ctx context.Context, tx pgx.Tx, account, room uuid.UUID) (asked, held bool, err error)
	// HoldersTx is the same for many accounts at once.
	HoldersTx(ctx context.Context, tx pgx.Tx, room uuid.UUID, among []uuid.UUID) (asked bool, holders []uuid.UUID, err error)
	// SoldForMoneyTx says whether tickets of a room were sold for money, or are
	// being paid at this moment.
	SoldForMoneyTx(ctx context.Context, tx pgx.Tx, room uuid.UUID) (bool, error)
	// CancelSaleTx calls a room's sale off.
	CancelSaleTx(ctx context.Context, tx pgx.Tx, actor, room uuid.UUID) error
}

// AskForTickets lets the doors ask a doorkeeper. It is called before anybody
// comes; without it, no room has tickets.
func (s *Store) AskForTickets(of Doorkeeper) { s.door = of }

// needsNone says that the person belongs inside a room with tickets without one:
// they are or were on stage, are invited to it, or write the captions.
func (p Person) needsNone() bool {
	return p.Role.OnStage() || p.InvitedAt != nil || p.Captioner || p.Staged
}

// ticketTx reads whether the door asks the visitor for a ticket they have not.
func (s *Store) ticketTx(ctx context.Context, tx pgx.Tx, v *visit, account uuid.UUID) error {
	if s.door == nil || v.person.needsNone() {
		return nil
	}
	asked, held, err := s.door.HoldsTicketTx(ctx, tx, account, v.room.ID)
	if err != nil {
		return fmt.Errorf("ask for a ticket: %w", err)
	}
	v.ticketless, v.ticketed = asked && !held, asked && held
	return nil
}

func ticketGate(v visit) error {
	if v.guest {
		return when(v.ticketless, ErrGuestTicket)
	}
	return when(v.ticketless, ErrNoTicket)
}

// MayBuy says why a ticket would not let an account in, or nil: nobody pays at a
// door that stays closed to them.
func (s *Store) MayBuy(ctx context.Context, room, account uuid.UUID) error {
	return s.visiting(ctx, room, account, func(v visit) error {
		v.ticketless = false
		return v.enter()
	})
}

// untimeableTx refuses a room whose announced start was sold: refunds and calling
// off what never starts count from it.
func (s *Store) untimeableTx(ctx context.Context, tx pgx.Tx, room uuid.UUID) error {
	if s.door == nil {
		return nil
	}
	sold, err := s.door.SoldForMoneyTx(ctx, tx, room)
	if err != nil {
		return fmt.Errorf("ask what was sold: %w", err)
	}
	return when(sold, ErrTimeSold)
}

// seatRow is a seat with what a ticket depends on.
type seatRow struct {
	Seat
	RoomID    uuid.UUID
	AccountID uuid.NullUUID // of a guest none
	NeedsNone bool
}

// turnAwayTx keeps those out of a room with tickets who hold none: rows are
// seats of one room.
func (s *Store) turnAwayTx(ctx context.Context, tx pgx.Tx, rows []seatRow) error {
	var among []uuid.UUID
	var room uuid.UUID
	for _, row := range rows {
		if !row.NeedsNone {
			room, among = row.RoomID, append(among, row.AccountID.UUID)
		}
	}
	if s.door == nil || len(among) == 0 {
		return nil
	}
	asked, holders, err := s.door.HoldersTx(ctx, tx, room, among)
	if err != nil || !asked {
		return err
	}
	holds := map[uuid.NullUUID]bool{}
	for _, holder := range holders {
		holds[uuid.NullUUID{UUID: holder, Valid: true}] = true
	}
	for i, row := range rows {
		rows[i].Banned = row.Banned || !row.NeedsNone && !holds[row.AccountID]
	}
	return nil
}

// Recheck makes the media server look at the seat of an account whose ticket may
// have changed.
func (s *Service) Recheck(ctx context.Context, room, account uuid.UUID) error {
	if err := s.MayStay(ctx, room, account); !errors.Is(err, ErrNoTicket) {
		return nil
	}
	r, err := s.Room(ctx, room)
	if err != nil {
		return err
	}
	p, err := s.Person(ctx, room, account)
	if errors.Is(err, ErrNotThere) {
		return nil
	}
	if err == nil {
		s.media.Apply(ctx, *r.Run, p.Identity)
	}
	return err
}

// SoldTx notes in the room's log, in the caller's transaction, that so many of
// its seats are sold. The log stays locked until the transaction ends.
func (s *Store) SoldTx(ctx context.Context, tx pgx.Tx, room uuid.UUID, sold int) error {
	_, err := AppendTx(ctx, tx, room, NewEntry{Kind: KindSystem, Body: map[string]any{"what": "sold", "sold": sold}})
	return err
}
