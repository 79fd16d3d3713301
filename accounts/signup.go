package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/postgres"
)

// Bounds of a password, in characters and bytes. The upper one keeps a
// request from buying long hashing; the lower one follows NIST SP 800-63B.
const (
	MinPasswordChars = 8
	MaxPasswordBytes = 256
)

// NewAccount is what a person gives to sign up.
type NewAccount struct {
	Handle      string
	DisplayName string
	Email       string
	Password    string
	Language    string // "en" or "fr"; "" is "en"
	TimeZone    string // IANA name; "" is UTC
	Invitation  string // code of an invitation; "" is none
}

var handlePattern = regexp.MustCompile(`^[a-z0-9_]{2,30}$`)

func normalHandle(handle string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(handle), "@"))
}

// normalize trims and fills in, and names the first field that cannot stand; the
// password is left to who needs one.
func (n NewAccount) normalize() (NewAccount, error) {
	n.Handle = normalHandle(n.Handle)
	n.DisplayName = strings.TrimSpace(n.DisplayName)
	n.Email = strings.TrimSpace(n.Email)
	if n.Language == "" {
		n.Language = "en"
	}
	if n.TimeZone == "" {
		n.TimeZone = "UTC"
	}
	return n, n.check()
}

func (n NewAccount) check() error {
	_, zoneErr := time.LoadLocation(n.TimeZone)
	name := utf8.RuneCountInString(n.DisplayName)
	for _, rule := range []struct {
		field string
		ok    bool
	}{
		{"handle", handlePattern.MatchString(n.Handle)},
		{"display_name", name >= 1 && name <= 60 && !hasControl(n.DisplayName)},
		{"email", goodEmail(n.Email)},
		{"language", n.Language == "en" || n.Language == "fr"},
		{"time_zone", zoneErr == nil && n.TimeZone != "Local"},
	} {
		if !rule.ok {
			return fault.BadField(rule.field)
		}
	}
	return nil
}

func goodEmail(email string) bool {
	address, err := mail.ParseAddress(email)
	return err == nil && address.Address == email && len(email) <= 254 && !hasControl(email)
}

func goodPassword(password string) bool {
	return utf8.RuneCountInString(password) >= MinPasswordChars && len(password) <= MaxPasswordBytes
}

func hasControl(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// SignUp creates the account and, where there is mail, mails a link to prove
// its address. It refuses with fault.InvalidInput, ErrHandleTaken or
// ErrEmailTaken, and by the policy with ErrSignUpClosed, ErrInvitationNeeded,
// ErrInvitationEnded or ErrMailDomain.
func (s *Service) SignUp(ctx context.Context, n NewAccount) (a Account, err error) {
	n, err = n.normalize()
	switch {
	case err != nil:
	case !goodPassword(n.Password):
		err = fault.BadField("password")
	default:
		err = s.policy.admit(n.Email, n.Invitation != "")
	}
	if err != nil {
		return Account{}, err
	}
	phc, err := s.hasher.hash(ctx, n.Password)
	if err != nil {
		return Account{}, err
	}
	return s.create(ctx, n, phc)
}

func (s *Service) create(ctx context.Context, n NewAccount, phc string) (a Account, err error) {
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		insert := insertTx
		if n.Invitation != "" {
			insert = invitedTx
		}
		if a, err = insert(ctx, tx, n, phc); err != nil || s.mail == nil {
			return err
		}
		return s.issueTx(ctx, tx, a, verify)
	})
	if err != nil {
		return Account{}, err
	}
	return a, nil
}

func insertTx(ctx context.Context, tx pgx.Tx, n NewAccount, phc string) (Account, error) {
	rows, _ := tx.Query(ctx, `
		insert into accounts (id, handle, display_name, email, password_hash, language, time_zone)
		values ($1, $2, $3, $4, $5, $6, $7) returning `+accountColumns,
		uuid.Must(uuid.NewV7()), n.Handle, n.DisplayName, n.Email, phc, n.Language, n.TimeZone)
	account, err := oneAccount(rows)
	switch postgres.Constraint(err) {
	case "accounts_handle_key":
		return Account{}, ErrHandleTaken.With(fault.Params{"handle": n.Handle})
	case "accounts_email_key":
		return Account{}, ErrEmailTaken
	}
	if err != nil {
		return Account{}, fmt.Errorf("insert account: %w", err)
	}
	return account, nil
}

// CheckLogin returns the account whose handle or e-mail and password these
// are. Everything that does not fit is ErrWrongLogin, after the same work.
func (s *Service) CheckLogin(ctx context.Context, login, password string) (Account, error) {
	login = normalLogin(login)
	var id uuid.UUID
	var phc string
	err := s.pool.QueryRow(ctx,
		`select id, password_hash from accounts where handle = $1 or lower(email) = lower($2) limit 1`,
		normalHandle(login), login).Scan(&id, &phc)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Account{}, fmt.Errorf("read password hash: %w", err)
	}
	// An account without a password is told from none at all by nobody.
	unknown := err != nil || phc == ""
	if unknown {
		phc = s.hasher.decoy
	}
	if len(password) > MaxPasswordBytes {
		return Account{}, ErrWrongLogin
	}
	same, err := s.hasher.matches(ctx, password, phc)
	if err != nil {
		return Account{}, err
	}
	if unknown || !same {
		return Account{}, ErrWrongLogin
	}
	// Asked for again with its hash: hashing takes a while, and a password that
	// was replaced meanwhile signs nobody in.
	account, err := s.one(ctx, `select `+accountColumns+` from accounts where id = $1 and password_hash = $2`, id, phc)
	switch {
	case errors.Is(err, ErrNotFound):
		return Account{}, ErrWrongLogin
	case err == nil && account.SuspendedAt != nil:
		return Account{}, ErrSuspended
	}
	return account, err
}
