package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
	"salon/internal/mail"
	"salon/internal/postgres"
)

// letters keeps mails where the transaction that sent them ends up.
type letters struct{}

func (letters) SendTx(ctx context.Context, tx pgx.Tx, m mail.Message) error {
	_, err := tx.Exec(ctx, `insert into outbox (id, recipient, subject, text) values ($1, $2, $3, $4)`,
		uuid.Must(uuid.NewV7()), m.To, m.Subject, m.Text)
	return err
}

// mails are the texts sent to an address so far, oldest first.
func (b *bundle) mails(to string) []string {
	b.t.Helper()
	rows, _ := b.pool.Query(b.ctx, `select subject || E'\n' || text from outbox where recipient = $1 order by id`, to)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// secret is that of the last mail to an address.
func (b *bundle) secret(to string) string {
	b.t.Helper()
	all := b.mails(to)
	if len(all) == 0 {
		b.t.Fatalf("no mail to %s", to)
	}
	_, rest, _ := strings.Cut(all[len(all)-1], "#")
	secret, _, _ := strings.Cut(rest, "\n")
	return secret
}

const adas = "ada@example.org"

func (b *bundle) verified(id uuid.UUID) bool {
	b.t.Helper()
	a, err := b.ByID(b.ctx, id)
	if err != nil {
		b.t.Fatal(err)
	}
	return a.VerifiedAt != nil
}

func (b *bundle) want(what string, err, want error) {
	b.t.Helper()
	if !errors.Is(err, want) || want == nil && err != nil {
		b.t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestSignUpMailsALinkThatProvesTheAddress(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	text := b.mails(adas)[0]
	for _, part := range []string{"Confirm your e-mail address at localhost\n", "@ada", "http://localhost/verify#slv_", "3 days", "If this was not you, ignore it"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %s", part, text)
		}
	}
	secret := b.secret(adas)
	b.want("another purpose", b.Reset(b.ctx, secret, "another one"), ErrLinkEnded)
	if ada.VerifiedAt != nil || b.verified(ada.ID) {
		t.Error("verified by signing up")
	}
	b.want("verify", b.Verify(b.ctx, secret), nil)
	if !b.verified(ada.ID) {
		t.Error("not verified")
	}
	b.want("twice", b.Verify(b.ctx, secret), ErrLinkEnded)
	b.want("nobody's", b.Verify(b.ctx, "slv_\x00"), ErrLinkEnded)
	b.want("resend", b.ResendVerification(b.ctx, ada.ID), ErrVerified)
}

func TestSignUpThatFailsMailsNothing(t *testing.T) {
	b := setup(t)
	b.signUp("ada")
	_, err := b.SignUp(b.ctx, NewAccount{Handle: "ada", DisplayName: "x", Email: "other@example.org", Password: "long enough"})
	b.want("same handle", err, ErrHandleTaken)
	if n := len(b.mails("other@example.org")); n != 0 {
		t.Errorf("%d mails", n)
	}
}

func TestANewLinkEndsTheOlderOfItsPurpose(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	first := b.secret(adas)
	b.want("reset", b.AskReset(b.ctx, "ada"), nil)
	resetting := b.secret(adas)
	b.want("resend", b.ResendVerification(b.ctx, ada.ID), nil)
	b.want("older", b.Verify(b.ctx, first), ErrLinkEnded)
	b.want("newer", b.Verify(b.ctx, b.secret(adas)), nil)
	b.want("another purpose", b.Reset(b.ctx, resetting, "another one"), nil)
}

func TestLinksEndInTime(t *testing.T) {
	b := setup(t)
	b.signUp("ada")
	b.want("magic", b.AskMagicLink(b.ctx, adas), nil)
	for purpose, life := range map[string]string{"verify": "3 days", "magic": "15 minutes"} {
		var right bool
		if err := b.pool.QueryRow(b.ctx, `select expires_at = created_at + $2::interval from mail_tokens where purpose = $1`, purpose, life).Scan(&right); err != nil || !right {
			t.Errorf("%s does not live %s: %v", purpose, life, err)
		}
	}
	b.exec(`update mail_tokens set expires_at = now()`)
	_, err := b.EnterByLink(b.ctx, b.secret(adas))
	b.want("expired", err, ErrLinkEnded)
}

func TestResetEndsEverythingOlder(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	session, _ := b.OpenSession(b.ctx, ada.ID, "phone", "")
	b.want("magic", b.AskMagicLink(b.ctx, "@Ada"), nil)
	entering := b.secret(adas)
	b.want("reset", b.AskReset(b.ctx, "ADA@example.org"), nil)
	secret := b.secret(adas)
	if err := b.Reset(b.ctx, secret, "short"); !errors.Is(err, fault.InvalidInput) {
		t.Errorf("short: %v", err)
	}
	b.want("reset", b.Reset(b.ctx, secret, "another one"), nil)
	b.want("twice", b.Reset(b.ctx, secret, "and another"), ErrLinkEnded)
	_, err := b.BySession(b.ctx, session)
	b.want("session", err, ErrSignedOut)
	_, err = b.EnterByLink(b.ctx, entering)
	b.want("other link", err, ErrLinkEnded)
	_, err = b.CheckLogin(b.ctx, "ada", "long enough")
	b.want("old password", err, ErrWrongLogin)
	_, err = b.CheckLogin(b.ctx, "ada", "another one")
	b.want("new password", err, nil)
	if !b.verified(ada.ID) {
		t.Error("a mailed link did not prove the address")
	}
}

// Asked for someone or for nobody: the same answer, the same rows written, the
// same mail, only that one of them goes to nobody.
func TestAskingTellsNothing(t *testing.T) {
	b := setup(t)
	b.signUp("ada")
	for _, ask := range []func(context.Context, string) error{b.AskReset, b.AskMagicLink} {
		for _, login := range []string{"ada", "nobody", "nobody@example.org", "", "\x00", "\xff"} {
			b.want("ask", ask(b.ctx, login), nil)
		}
	}
	if n, m := len(b.mails(adas)), len(b.mails("")); n != 3 || m != 10 {
		t.Errorf("%d mails to ada, %d to nobody", n, m)
	}
	for _, text := range b.mails("") {
		_, rest, _ := strings.Cut(text, "#")
		secret, _, _ := strings.Cut(rest, "\n")
		_, err := b.EnterByLink(b.ctx, secret)
		b.want("nobody's link", err, ErrLinkEnded)
	}
}

func TestOnlyAFewMailsAnHour(t *testing.T) {
	b := setup(t)
	b.signUp("ada")
	for range MailsPerHour {
		b.want("ask", b.AskReset(b.ctx, "ada"), nil)
	}
	last, before := b.secret(adas), len(b.mails(adas))
	for range 5 {
		b.want("beyond", b.AskReset(b.ctx, "ada"), nil)
	}
	if n := len(b.mails(adas)); n != before {
		t.Errorf("%d mails, %d allowed", n, before)
	}
	b.want("another purpose", b.AskMagicLink(b.ctx, "ada"), nil)
	if n := len(b.mails(adas)); n != before+1 {
		t.Errorf("no mail for another purpose")
	}
	b.want("the last still works", b.Reset(b.ctx, last, "another one"), nil)
	b.exec(`update mail_tokens set created_at = created_at - interval '1 hour'`)
	b.want("an hour later", b.AskReset(b.ctx, "ada"), nil)
	if n := len(b.mails(adas)); n != before+2 {
		t.Errorf("no mail an hour later")
	}
}

func TestTheLimitHoldsForACrowd(t *testing.T) {
	b := setup(t)
	b.signUp("ada")
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() { b.AskMagicLink(b.ctx, "ada") })
	}
	all.Wait()
	if n := len(b.mails(adas)); n != 1+MailsPerHour {
		t.Errorf("%d mails", n)
	}
	var open int
	if err := b.pool.QueryRow(b.ctx, `select count(*) from mail_tokens where purpose = 'magic' and expires_at > now()`).Scan(&open); err != nil || open != 1 {
		t.Errorf("%d links work: %v", open, err)
	}
}

func TestALinkLetsInOnce(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	b.want("ask", b.AskMagicLink(b.ctx, "ada"), nil)
	secret := b.secret(adas)
	var in atomic.Int64
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			a, err := b.EnterByLink(b.ctx, secret)
			switch {
			case err == nil && a.ID == ada.ID && a.VerifiedAt != nil:
				in.Add(1)
			case !errors.Is(err, ErrLinkEnded):
				t.Errorf("%v %v", a, err)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 {
		t.Errorf("used %d times", in.Load())
	}
}

func TestTheSuspendedGetNoLinkAndNoEntry(t *testing.T) {
	b := setup(t)
	b.signUp("ada")
	b.want("ask", b.AskMagicLink(b.ctx, "ada"), nil)
	b.exec(`update accounts set suspended_at = now()`)
	_, err := b.EnterByLink(b.ctx, b.secret(adas))
	b.want("enter", err, ErrSuspended)
	before := len(b.mails(adas))
	b.want("ask", b.AskReset(b.ctx, "ada"), nil)
	if len(b.mails(adas)) != before {
		t.Error("mailed")
	}
}

// A link proves the address it went to, not one that the account took later.
func TestALinkIsForItsAddress(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	b.exec(`update accounts set email = 'new@example.org'`)
	b.want("verify", b.Verify(b.ctx, b.secret(adas)), ErrLinkEnded)
	if b.verified(ada.ID) {
		t.Error("verified an address nothing was sent to")
	}
}

func TestWithoutMail(t *testing.T) {
	b := setup(t)
	b.Service = New(Config{Pool: b.pool})
	ada := b.signUp("ada")
	b.want("reset", b.AskReset(b.ctx, "ada"), ErrNoMail)
	b.want("magic", b.AskMagicLink(b.ctx, "nobody"), ErrNoMail)
	b.want("resend", b.ResendVerification(b.ctx, ada.ID), ErrNoMail)
	if b.HasMail() || len(b.mails(adas)) != 0 {
		t.Error("mailed without mail")
	}
}

// Every mail is written in every language, and says what it must.
func TestMailsInEveryLanguage(t *testing.T) {
	t.Parallel()
	public, _ := url.Parse("https://salon.example/sub")
	s := New(Config{PublicURL: public})
	for language, words := range map[string][]string{
		"en": {"Hello @ada", "It works once", "If this was not you, ignore it"},
		"fr": {"Bonjour @ada", "Il ne sert qu'une fois", "Si ce n'était pas vous, ignorez"},
	} {
		for p, life := range map[purpose]map[string]string{
			verify: {"en": "3 days", "fr": "3 jours"}, light: {"en": "3 days", "fr": "3 jours"}, reset: {"en": "1 hour.", "fr": "1 heure."}, magic: {"en": "15 minutes", "fr": "15 minutes"},
		} {
			m, err := s.compose(p, Account{Handle: "ada", Email: adas, Language: language}, "SECRET")
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range append(words, life[language], "\n\nhttps://salon.example/sub/"+p.page+"#SECRET\n\n") {
				if !strings.Contains(m.Text, part) {
					t.Errorf("%s %s: no %q in %s", p.name, language, part, m.Text)
				}
			}
			if m.To != adas || !strings.Contains(m.Subject, "salon.example") || strings.HasPrefix(m.Text, "\n") || strings.Contains(m.Text, "<no value>") {
				t.Errorf("%s %s: %+v", p.name, language, m)
			}
		}
	}
}

func TestAnAddressMustBeProvedWhereThereIsMail(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	b.want("claimed", b.MustProve(b.ctx, ada.ID), ErrUnproved)
	b.want("claimed, without mail", New(Config{Pool: b.pool}).MustProve(b.ctx, ada.ID), nil)
	b.want("verify", b.Verify(b.ctx, b.secret(adas)), nil)
	b.want("proved", b.MustProve(b.ctx, ada.ID), nil)
	b.want("nobody", b.MustProve(b.ctx, uuid.New()), ErrNotFound)
}

func TestWhoMayHostIsToldAtAProvedAddress(t *testing.T) {
	b := setup(t)
	ada := b.signUp("ada")
	before := len(b.mails(adas))
	tell := func() {
		t.Helper()
		if err := postgres.InTx(b.ctx, b.pool, func(tx pgx.Tx) error { return b.TellMayHostTx(b.ctx, tx, ada.ID) }); err != nil {
			t.Fatal(err)
		}
	}
	tell()
	if len(b.mails(adas)) != before {
		t.Error("mailed to an address that is only claimed")
	}
	b.want("verify", b.Verify(b.ctx, b.secret(adas)), nil)
	for language, words := range map[string]string{"en": "You may host rooms at", "fr": "Vous pouvez animer des salles sur"} {
		if _, err := b.pool.Exec(b.ctx, `update accounts set language = $1`, language); err != nil {
			t.Fatal(err)
		}
		tell()
		all := b.mails(adas)
		if last := all[len(all)-1]; !strings.HasPrefix(last, words) || !strings.Contains(last, "@ada") {
			t.Errorf("%s: %s", language, last)
		}
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	domain := []string{"example.org"}
	for _, c := range []struct {
		policy  SignUpPolicy
		email   string
		invited bool
		want    error
	}{
		{SignUpPolicy{}, "a@b.example", false, nil},
		{SignUpPolicy{Mode: SignUpClosed}, "a@b.example", false, ErrSignUpClosed},
		{SignUpPolicy{Mode: SignUpClosed}, "a@b.example", true, ErrSignUpClosed},
		{SignUpPolicy{Mode: SignUpInvitation}, "a@b.example", false, ErrInvitationNeeded},
		{SignUpPolicy{Mode: SignUpInvitation}, "a@b.example", true, nil},
		{SignUpPolicy{Domains: domain}, "a@Example.ORG", false, nil},
		{SignUpPolicy{Domains: domain}, "a@sub.example.org", false, ErrMailDomain},
		{SignUpPolicy{Domains: domain}, "a@evilexample.org", false, ErrMailDomain},
		{SignUpPolicy{Domains: domain}, `"x@example.org"@evil.example`, false, ErrMailDomain},
		{SignUpPolicy{Domains: domain}, "a@b.example", true, nil},
	} {
		if err := c.policy.admit(c.email, c.invited); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%+v %s invited %v: %v", c.policy, c.email, c.invited, err)
		}
	}
}

// Where the domain decides, whoever has not proved their address is marked.
func TestADomainMustBeProved(t *testing.T) {
	b := setup(t)
	b.Service = New(Config{Pool: b.pool, Mail: letters{}, SignUp: SignUpPolicy{Domains: []string{"example.org"}}})
	ada := b.signUp("ada")
	session, _ := b.OpenSession(b.ctx, ada.ID, "", "")
	_, token, _ := b.CreateToken(b.ctx, ada.ID, NewToken{Name: "x", Scopes: Scopes, Life: time.Hour})
	for _, want := range []bool{true, false} {
		one, err := b.BySession(b.ctx, session)
		two, err2 := b.ByToken(b.ctx, token)
		if err != nil || err2 != nil || one.MustVerify != want || two.MustVerify != want {
			t.Errorf("%+v %v %+v %v, want %v", one, err, two, err2, want)
		}
		if want {
			b.want("verify", b.Verify(b.ctx, b.secret(adas)), nil)
		}
	}
}

func TestAnInvitationIsUsedOnce(t *testing.T) {
	b := setup(t)
	b.Service = New(Config{Pool: b.pool, SignUp: SignUpPolicy{Mode: SignUpInvitation}})
	made, err := b.CreateInvitation(b.ctx, uuid.Nil, "", MaxInvitationLife)
	if err != nil || made.Link != "http://localhost/invite#"+made.Code {
		t.Fatalf("%+v %v", made, err)
	}
	var in atomic.Int64
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() { // past the hashing of the password, which would take minutes
			handle := fmt.Sprintf("p%02d", i)
			_, err := b.create(b.ctx, NewAccount{Handle: handle, DisplayName: "x", Email: handle + "@example.org", Language: "en", TimeZone: "UTC", Invitation: made.Code}, "")
			switch {
			case err == nil:
				in.Add(1)
			case !errors.Is(err, ErrInvitationEnded):
				t.Error(err)
			}
		})
	}
	all.Wait()
	var accounts, used int
	err = b.pool.QueryRow(b.ctx, `select (select count(*) from accounts), (select count(*) from invitations where used_by in (select id from accounts))`).Scan(&accounts, &used)
	if err != nil || in.Load() != 1 || accounts != 1 || used != 1 {
		t.Errorf("%d let in, %d accounts, %d used: %v", in.Load(), accounts, used, err)
	}
}

func TestInvitationsRefuse(t *testing.T) {
	b := setup(t)
	admin := b.signUp("admin")
	b.Service = New(Config{Pool: b.pool, SignUp: SignUpPolicy{Mode: SignUpInvitation}})
	try := func(email, code string) error {
		_, err := b.SignUp(b.ctx, NewAccount{Handle: "ada", DisplayName: "x", Email: email, Password: "long enough", Invitation: code})
		return err
	}
	b.want("without", try(adas, ""), ErrInvitationNeeded)
	b.want("a wrong one", try(adas, "sli_\x00"), ErrInvitationEnded)
	b.want("a wrong one does not tell who is here", try("admin@example.org", "sli_wrong"), ErrInvitationEnded)
	made, err := b.CreateInvitation(b.ctx, admin.ID, " Ada@example.org ", MaxInvitationLife)
	b.want("create", err, nil)
	b.want("another's", try("bob@example.org", made.Code), ErrInvitationEnded)
	b.exec(`update invitations set expires_at = now()`)
	b.want("expired", try(adas, made.Code), ErrInvitationEnded)
	b.exec(`update invitations set expires_at = now() + interval '1 hour'`)
	if _, err := b.SignUp(b.ctx, NewAccount{Handle: "admin", DisplayName: "x", Email: adas, Password: "long enough", Invitation: made.Code}); !errors.Is(err, ErrHandleTaken) {
		t.Errorf("taken: %v", err)
	}
	b.want("not used up by a failure", try(adas, made.Code), nil)
	b.exec(`delete from accounts`) // whoever invited or was invited may leave
	for _, c := range []struct {
		email string
		life  time.Duration
	}{{"no address", time.Hour}, {"", 0}, {"", MaxInvitationLife + 1}} {
		if _, err := b.CreateInvitation(b.ctx, uuid.Nil, c.email, c.life); !errors.Is(err, fault.InvalidInput) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
