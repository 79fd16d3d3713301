package accounts

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// TicketLetter is what a person is told of a ticket.
type TicketLetter struct {
	Occasion string // receipt, gift or refund
	To       uuid.UUID
	Order    uuid.UUID
	Title    string     // of the room, a stranger's words; "" when it is gone
	Seller   string     // handle of the host; "" when the account is gone
	StartsAt *time.Time // nil: not announced
	Amount   string     // paid or going back: a decimal number with a point, "" for nothing
	Tax      string     // inside an amount that was paid, "" for none
	Currency string     // its code
	Why      string     // money goes back, as package ticketing names the reasons
}

// TicketLetterTx mails the letter once tx has committed, where there is mail.
// What is about no money goes to proved addresses only: whoever names a room
// and gives tickets away must not write to strangers through this server.
func (s *Service) TicketLetterTx(ctx context.Context, tx pgx.Tx, l TicketLetter) error {
	if s.mail == nil {
		return nil
	}
	rows, _ := tx.Query(ctx, `select `+accountColumns+` from accounts where id = $1`, l.To)
	a, err := oneAccount(rows)
	if err != nil || l.Amount == "" && a.VerifiedAt == nil {
		return err
	}
	letter, err := s.fill("ticket-"+l.Occasion, a, ticketWords{
		letterWords: s.words(a, s.publicURL.JoinPath("tickets", l.Order.String()).String(), ""),
		Order:       l.Order, Title: l.Title, Seller: l.Seller, Why: l.Why,
		When:   timeFor(a, l.StartsAt),
		Amount: amountFor(a, l.Amount, l.Currency), Tax: amountFor(a, l.Tax, l.Currency),
	})
	if err != nil {
		return err
	}
	return s.mail.SendTx(ctx, tx, letter)
}

// ticketWords are what a letter about a ticket names.
type ticketWords struct {
	letterWords
	Order                                 uuid.UUID
	Title, Seller, When, Amount, Tax, Why string
}

// timeFor writes a time in the account's zone, "" for none.
func timeFor(a Account, at *time.Time) string {
	if at == nil {
		return ""
	}
	zone := a.Location()
	clock := map[string]string{"en": "2006-01-02 at 15:04", "fr": "2006-01-02 à 15:04"}[a.Language]
	return at.In(zone).Format(clock) + " (" + zone.String() + ")"
}

// amountFor writes an amount as the account's language does, "" for none.
func amountFor(a Account, number, currency string) string {
	if number == "" {
		return ""
	}
	if a.Language == "fr" {
		number = strings.Replace(number, ".", ",", 1)
	}
	return number + " " + strings.ToUpper(currency)
}
