package accounts

import (
	"context"
	"embed"
	"fmt"
	"strings"
	"text/template"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/mail"
)

// Mail takes a mail that goes out once tx has committed, and never if it is
// rolled back. It takes a mail to nobody like any other.
type Mail interface {
	SendTx(ctx context.Context, tx pgx.Tx, m mail.Message) error
}

// How long a mailed link works.
const (
	VerifyLife = 3 * 24 * time.Hour
	ResetLife  = time.Hour
	MagicLife  = 15 * time.Minute
	LightLife  = 3 * 24 * time.Hour
)

// purpose is what a mailed link is for.
type purpose struct {
	name   string // in mail_tokens, and of the mail's text
	prefix string // of its secret
	page   string // where the link leads
	life   time.Duration
}

var (
	verify = purpose{"verify", "slv_", "verify", VerifyLife}
	reset  = purpose{"reset", "slr_", "reset", ResetLife}
	magic  = purpose{"magic", "slm_", "enter", MagicLife}
	light  = purpose{"light", "sll_", "enter", LightLife} // of an account made from an address alone
)

// textFiles hold each mail in each language; the first line is the subject.
//
//go:embed mails/*.txt
var textFiles embed.FS

var texts = template.Must(template.New("").Option("missingkey=error").ParseFS(textFiles, "mails/*.txt"))

// compose writes the mail that carries the secret. It greets by the handle,
// which cannot hold a stranger's message as a display name could.
func (s *Service) compose(p purpose, a Account, secret string) (mail.Message, error) {
	return s.write(p.name, a, s.link(p.page, secret), inWords(a.Language, p.life))
}

// letterWords are what every letter may name.
type letterWords struct{ Host, Handle, Link, Life string }

func (s *Service) words(a Account, link, life string) letterWords {
	return letterWords{s.publicURL.Host, a.Handle, link, life}
}

// write fills the named text in, in the account's language.
func (s *Service) write(name string, a Account, link, life string) (mail.Message, error) {
	return s.fill(name, a, s.words(a, link, life))
}

// fill is write for texts that name more.
func (s *Service) fill(name string, a Account, words any) (mail.Message, error) {
	var text strings.Builder
	if err := texts.ExecuteTemplate(&text, name+"."+a.Language+".txt", words); err != nil {
		return mail.Message{}, fmt.Errorf("write mail: %w", err)
	}
	subject, body, _ := strings.Cut(text.String(), "\n")
	return mail.Message{To: a.Email, Subject: subject, Text: strings.TrimLeft(body, "\n")}, nil
}

// TellMayHostTx mails the account that it passes the host gate now. Without mail
// or a proved address nothing goes out: its own page says the same.
func (s *Service) TellMayHostTx(ctx context.Context, tx pgx.Tx, account uuid.UUID) error {
	rows, _ := tx.Query(ctx, `select `+accountColumns+` from accounts where id = $1`, account)
	a, err := oneAccount(rows)
	if err != nil || s.mail == nil || a.VerifiedAt == nil {
		return err
	}
	letter, err := s.write("may-host", a, s.publicURL.JoinPath("/").String(), "")
	if err != nil {
		return err
	}
	return s.mail.SendTx(ctx, tx, letter)
}

// link leads to a page with the secret in the fragment, which browsers send to
// no server: neither logs nor Referer headers ever hold it.
func (s *Service) link(page, secret string) string {
	return s.publicURL.JoinPath(page).String() + "#" + secret
}

var units = []struct {
	length time.Duration
	word   map[string]string
}{
	{24 * time.Hour, map[string]string{"en": "day", "fr": "jour"}},
	{time.Hour, map[string]string{"en": "hour", "fr": "heure"}},
	{time.Minute, map[string]string{"en": "minute", "fr": "minute"}},
}

// inWords says a duration of whole minutes, hours or days.
func inWords(language string, d time.Duration) string {
	for _, unit := range units {
		n := int64(d / unit.length)
		if n == 0 || d%unit.length != 0 {
			continue
		}
		word := unit.word[language]
		if n > 1 {
			word += "s"
		}
		return fmt.Sprint(n, " ", word)
	}
	return d.String()
}
