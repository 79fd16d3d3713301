package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// MailsPerHour is how many links of one purpose an account is mailed in an
// hour. Past it no more go out, without a word: a word would tell that the
// account exists.
const MailsPerHour = 3

// keepLinks is how long the row of a link stays, for the limit and for whoever
// looks into what happened.
const keepLinks = 7 * 24 * time.Hour

// Verify proves the address the link was mailed to, or answers ErrLinkEnded.
func (s *Service) Verify(ctx context.Context, secret string) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := redeemTx(ctx, tx, verify, secret)
		return err
	})
}

// MustProve refuses with ErrUnproved who has not proved their address, where there
// is mail to do it by.
func (s *Service) MustProve(ctx context.Context, account uuid.UUID) error {
	a, err := s.ByID(ctx, account)
	if err == nil && s.mail != nil && a.VerifiedAt == nil {
		err = ErrUnproved
	}
	return err
}

// ResendVerification mails a new link to the account's address; that of a light
// account signs in too, so that who proves the address is who has the account. It
// refuses with ErrVerified or ErrNoMail.
func (s *Service) ResendVerification(ctx context.Context, account uuid.UUID) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, `select `+accountColumns+` from accounts where id = $1 for no key update`, account)
		a, err := oneAccount(rows)
		switch {
		case err != nil:
			return err
		case a.VerifiedAt != nil:
			return ErrVerified
		case s.mail == nil:
			return ErrNoMail
		}
		var plain bool
		if err := tx.QueryRow(ctx, `select password_hash = $2 from accounts where id = $1`, account, noPassword).Scan(&plain); err != nil {
			return fmt.Errorf("look for a password: %w", err)
		}
		if plain {
			return s.issueTx(ctx, tx, a, light)
		}
		return s.issueTx(ctx, tx, a, verify)
	})
}

// AskReset mails a link for a new password to the account with this handle or
// address, if there is one; nothing tells whether there is. It refuses with
// ErrNoMail.
func (s *Service) AskReset(ctx context.Context, login string) error { return s.ask(ctx, login, reset) }

// AskMagicLink mails a link that signs in, in the manner of AskReset.
func (s *Service) AskMagicLink(ctx context.Context, login string) error {
	return s.ask(ctx, login, magic)
}

func (s *Service) ask(ctx context.Context, login string, p purpose) error {
	if s.mail == nil {
		return ErrNoMail
	}
	login = normalLogin(login)
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, `select `+accountColumns+` from accounts
			where handle = $1 or lower(email) = lower($2) limit 1 for no key update`, normalHandle(login), login)
		a, err := oneAccount(rows)
		if errors.Is(err, ErrNotFound) {
			a, err = Account{Language: "en"}, nil // goes the same way, to nobody
		}
		if err != nil {
			return err
		}
		return s.issueTx(ctx, tx, a, p)
	})
}

// normalLogin is what someone typed as handle or address; what no column could
// hold is nobody's.
func normalLogin(login string) string {
	if hasControl(login) {
		return ""
	}
	return strings.TrimSpace(login)
}

// issueTx mails the account a new link and ends its older ones of this
// purpose. The caller has locked the account's row. Who does not exist, is
// suspended or has had their mails of this hour gets none, but the way is the
// same: the same statements, and a mail to nobody.
func (s *Service) issueTx(ctx context.Context, tx pgx.Tx, a Account, p purpose) error {
	secret, hash := newSecret(p.prefix)
	message, err := s.compose(p, a, secret)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `
		with due as (
			select id, email from accounts where id = $2 and suspended_at is null
			and (select count(*) from mail_tokens where account_id = $2 and purpose = $3 and created_at > now() - interval '1 hour') < $6
		), ended as (
			update mail_tokens set expires_at = now()
			where account_id in (select id from due) and purpose = $3 and used_at is null and expires_at > now()
		), forgotten as (
			delete from mail_tokens where account_id in (select id from due) and created_at < now() - $7::interval
		)
		insert into mail_tokens (id, account_id, purpose, email, secret_hash, expires_at)
		select $1, id, $3, email, $4, now() + $5::interval from due`,
		uuid.Must(uuid.NewV7()), a.ID, p.name, hash, p.life, MailsPerHour, keepLinks)
	if err != nil {
		return fmt.Errorf("insert mail token: %w", err)
	}
	if tag.RowsAffected() == 0 {
		message.To = ""
	}
	return s.mail.SendTx(ctx, tx, message)
}

// redeemTx uses a link up, which proves its address, and returns its account;
// ErrLinkEnded when it is used, ended, or nobody's. The account's row is locked
// before the link's, as it is when a link is issued.
func redeemTx(ctx context.Context, tx pgx.Tx, p purpose, secret string) (Account, error) {
	hash := hashSecret(secret)
	var account uuid.UUID
	err := tx.QueryRow(ctx, `
		select a.id from accounts a join mail_tokens t on t.account_id = a.id
		where t.secret_hash = $1 for no key update of a`, hash).Scan(&account)
	if err == nil {
		err = tx.QueryRow(ctx, `
			update mail_tokens set used_at = now()
			where secret_hash = $1 and purpose = $2 and used_at is null and expires_at > now()
			returning account_id`, hash, p.name).Scan(&account)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, ErrLinkEnded
	}
	if err != nil {
		return Account{}, fmt.Errorf("use mail token: %w", err)
	}
	rows, _ := tx.Query(ctx, `
		update accounts set verified_at = coalesce(verified_at, now())
		where id = $1 and lower(email) = (select lower(email) from mail_tokens where secret_hash = $2)
		returning `+accountColumns, account, hash)
	a, err := oneAccount(rows)
	switch {
	case errors.Is(err, ErrNotFound):
		return Account{}, ErrLinkEnded // the account has another address now
	case err == nil && p != verify && a.SuspendedAt != nil:
		return Account{}, ErrSuspended
	}
	return a, err
}

// EnterByLink returns the account that a link to sign in belongs to; the link
// is used up. It refuses with ErrLinkEnded or ErrSuspended.
func (s *Service) EnterByLink(ctx context.Context, secret string) (a Account, err error) {
	p := magic
	if strings.HasPrefix(secret, light.prefix) {
		p = light
	}
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if a, err = redeemTx(ctx, tx, p, secret); err != nil {
			return err
		}
		return takeOverTx(ctx, tx, a.ID)
	})
	return a, err
}

// Reset sets a new password by a link and ends every session and every other
// link of the account. It refuses with fault.InvalidInput, ErrLinkEnded or
// ErrSuspended.
func (s *Service) Reset(ctx context.Context, secret, password string) error {
	if !goodPassword(password) {
		return fault.BadField("password")
	}
	phc, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		a, err := redeemTx(ctx, tx, reset, secret)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			with ended as (
				delete from sessions where account_id = $1
			), forgotten as (
				update mail_tokens set expires_at = now() where account_id = $1 and used_at is null and expires_at > now()
			)
			update accounts set password_hash = $2 where id = $1`, a.ID, phc)
		if err != nil {
			return fmt.Errorf("reset password: %w", err)
		}
		return nil
	})
}
