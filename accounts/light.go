package accounts

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"

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
