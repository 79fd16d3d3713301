package accounts

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

// LightAccount is what a person gives who only wants a ticket.
type LightAccount struct {
	Email       string
	DisplayName string // "": a plain word for a guest
	Language    string // "en" or "fr"; "" is "en"
	TimeZone    string // IANA name; "" is UTC
}

// SignUpLight creates an account from an address alone: its handle is random
// and it has no password. Where there is mail, it mails a link that signs in on
// any device and proves the address. It refuses as SignUp does.
func (s *Service) SignUpLight(ctx context.Context, n LightAccount) (Account, error) {
	for {
		full, err := n.full().normalize()
		if err == nil {
			err = s.policy.admit(full.Email, false)
		}
		if err != nil {
			return Account{}, err
		}
		a, err := s.createLight(ctx, full)
		if !errors.Is(err, ErrHandleTaken) { // one in a trillion: another is free
			return a, err
		}
	}
}

func (s *Service) createLight(ctx context.Context, n NewAccount) (a Account, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if a, err = insertTx(ctx, tx, n, noPassword); err != nil || s.mail == nil {
			return err
		}
		return s.issueTx(ctx, tx, a, light)
	})
	if err != nil {
		return Account{}, err
	}
	return a, nil
}

// noPassword is the hash that no password has.
const noPassword = ""

// A light handle is the prefix and so many random characters.
const (
	lightPrefix = "guest_"
	lightRandom = 8
)

// purchaseTime is for how long whoever made a light account may still be buying
// at one device while they follow the link at another.
const purchaseTime = time.Hour

// takeOverTx gives a light account to the owner of its address, who has just
// proved it for the first time. Anybody may have made it by naming that address:
// their devices are signed out, but not one at which the owner may be buying now,
// and so are their API tokens.
func takeOverTx(ctx context.Context, tx pgx.Tx, account uuid.UUID) error {
	_, err := tx.Exec(ctx, `
		with proved as (
			select id from accounts where id = $1 and password_hash = $2 and verified_at = now()
		), ended as (
			delete from api_tokens where account_id in (select id from proved))
		delete from sessions where account_id in (select id from proved) and created_at < now() - $3::interval`,
		account, noPassword, purchaseTime)
	if err != nil {
		return fmt.Errorf("sign others out: %w", err)
	}
	return nil
}

// full fills in a handle, which tells nothing of the address, and a name.
func (n LightAccount) full() NewAccount {
	random := strings.ToLower(rand.Text()[:lightRandom])
	full := NewAccount{Handle: lightPrefix + random, DisplayName: n.DisplayName, Email: n.Email, Language: n.Language, TimeZone: n.TimeZone}
	if strings.TrimSpace(n.DisplayName) == "" {
		full.DisplayName = guestWord(n.Language) + " " + random[:lightRandom/2]
	}
	return full
}

func guestWord(language string) string {
	if language == "fr" {
		return "Invité"
	}
	return "Guest"
}
