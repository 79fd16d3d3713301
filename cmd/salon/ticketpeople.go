package main

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/accounts"
	"salon/rooms"
	"salon/ticketing"
)

// sellers says who may sell seats for money: whom the rules let, once their
// address is proved.
type sellers struct {
	accounts *accounts.Service
	gate     *rooms.Gate
}

// MaySell implements ticketing.Sellers.
func (s sellers) MaySell(ctx context.Context, account uuid.UUID) error {
	if err := s.accounts.MustProve(ctx, account); err != nil {
		return err
	}
	return s.gate.MaySell(ctx, account)
}

// ticketPost lets what sells tickets write to people, whom package accounts
// knows.
type ticketPost struct{ accounts *accounts.Service }

// TicketLetterTx implements ticketing.Post.
func (p ticketPost) TicketLetterTx(ctx context.Context, tx pgx.Tx, l ticketing.Letter) error {
	return p.accounts.TicketLetterTx(ctx, tx, accounts.TicketLetter{
		Occasion: string(l.Occasion), To: l.To, Order: l.Order, Title: l.Title, Seller: l.Seller, StartsAt: l.StartsAt,
		Amount: number(l.Amount, l.Currency), Tax: number(l.Tax, l.Currency), Currency: l.Currency, Why: string(l.Why),
	})
}

// number is an amount as a decimal number, "" for nothing.
func number(amount int64, currency string) string {
	if amount == 0 {
		return ""
	}
	return ticketing.Plain(amount, currency)
}
