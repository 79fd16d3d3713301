package ticketing

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// Sellers knows who may sell seats for money: the rules of package rooms, and
// whether an address is proved.
type Sellers interface {
	// MaySell says why the account may not, or nil.
	MaySell(ctx context.Context, account uuid.UUID) error
}

// AskWhoSells lets the service ask before a room's seats cost something. It is
// called before anything is sold; without it, every host may sell.
func (s *Service) AskWhoSells(of Sellers) { s.sellers = of }

// maySell asks about the host of a room. Whoever has begun to sell its seats
// goes on, whatever becomes of the rules.
func (s *Service) maySell(ctx context.Context, host, room uuid.UUID) error {
	if s.sellers == nil {
		return nil
	}
	var begins bool
	err := s.pool.QueryRow(ctx, `
		select exists (select from rooms where id = $1 and host_id = $2)
		   and not exists (select from offers where room_id = $1 and host_id = $2 and price > 0)`, room, host).Scan(&begins)
	if err != nil {
		return fmt.Errorf("look for an offer: %w", err)
	}
	if !begins {
		return nil
	}
	return s.sellers.MaySell(ctx, host)
}
