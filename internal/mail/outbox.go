package mail

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// maxListed is how many mails Latest returns at most.
const maxListed = 100

// Outbox keeps mails in a table instead of sending them. It is for
// development: whoever reads it can enter every account.
type Outbox struct{ pool *pgxpool.Pool }

// NewOutbox returns the outbox in pool's database.
func NewOutbox(pool *pgxpool.Pool) *Outbox { return &Outbox{pool} }

// Send keeps the mail. It refuses what SMTP would refuse.
func (o *Outbox) Send(ctx context.Context, m Message) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	_, err := o.pool.Exec(ctx, `insert into outbox (id, recipient, subject, text) values ($1, $2, $3, $4)`,
		uuid.Must(uuid.NewV7()), m.To, m.Subject, m.Text)
	if err != nil {
		return fmt.Errorf("keep mail in the outbox: %w", err)
	}
	return nil
}

// Kept is one mail in the outbox.
type Kept struct {
	To      string
	Subject string
	Text    string
	At      time.Time
}

// Latest lists the hundred latest mails, newest first.
func (o *Outbox) Latest(ctx context.Context) ([]Kept, error) {
	rows, _ := o.pool.Query(ctx, `
		select recipient as "to", subject, text, created_at as at from outbox order by created_at desc, id desc limit $1`, maxListed)
	return pgx.CollectRows(rows, pgx.RowToStructByName[Kept])
}
