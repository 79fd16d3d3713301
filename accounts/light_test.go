package accounts

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"salon/internal/fault"
)

func (b *bundle) signUpLight(n LightAccount) Account {
	b.t.Helper()
	a, err := b.SignUpLight(b.ctx, n)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

func TestAnAddressIsEnoughForALightAccount(t *testing.T) {
	b := setup(t)
	a := b.signUpLight(LightAccount{Email: " " + adas, Language: "fr", TimeZone: "Europe/Paris"})
	if !regexp.MustCompile(`^guest_[a-z2-7]{8}$`).MatchString(a.Handle) || a.DisplayName != "Invité "+a.Handle[6:10] {
		t.Errorf("%s %s", a.Handle, a.DisplayName)
	}
	if a.Email != adas || a.Language != "fr" || a.TimeZone != "Europe/Paris" || a.VerifiedAt != nil {
		t.Errorf("%+v", a)
	}
	named := b.signUpLight(LightAccount{Email: "bob@example.org", DisplayName: " Bob "})
	if named.DisplayName != "Bob" || named.Handle == a.Handle || named.Language != "en" {
		t.Errorf("%+v", named)
	}
	if plain := b.signUpLight(LightAccount{Email: "eve@example.org"}); plain.DisplayName != "Guest "+plain.Handle[6:10] {
		t.Errorf("%+v", plain)
	}
	_, err := b.CheckLogin(b.ctx, a.Handle, "")
	b.want("without a password", err, ErrWrongLogin)
}

// The letter says what the account is for; its link lasts until another device
// is at hand, signs in and proves the address.
func TestALightAccountsLinkSignsInAnywhere(t *testing.T) {
	b := setup(t)
	a := b.signUpLight(LightAccount{Email: adas})
	mails := b.mails(adas)
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	for _, part := range []string{"Your account at localhost\n", "@" + a.Handle, "to get a ticket", "http://localhost/enter#sll_", "3 days"} {
		if !strings.Contains(mails[0], part) {
			t.Errorf("%q is not in %s", part, mails[0])
		}
	}
	secret := b.secret(adas)
	b.want("another link to sign in", b.AskMagicLink(b.ctx, adas), nil)
	b.want("as another purpose", b.Verify(b.ctx, secret), ErrLinkEnded)
	b.exec(`update mail_tokens set expires_at = expires_at - interval '71 hours 59 minutes' where purpose = 'light'`)
	in, err := b.EnterByLink(b.ctx, secret)
	if err != nil || in.ID != a.ID || in.VerifiedAt == nil {
		t.Errorf("%+v %v", in, err)
	}
	_, err = b.EnterByLink(b.ctx, secret)
	b.want("twice", err, ErrLinkEnded)
	_, err = b.EnterByLink(b.ctx, b.secret(adas))
	b.want("the other link still works", err, nil)
}

// Anybody can make a light account of an address that is not theirs. Its owner,
// who follows the link, has it alone from then on; a purchase under way at another
// device of theirs goes on.
func TestTheOwnerOfTheAddressTakesALightAccountOver(t *testing.T) {
	b := setup(t)
	a := b.signUpLight(LightAccount{Email: adas})
	squatter, err := b.OpenSession(b.ctx, a.ID, "squatter", "")
	b.want("squat", err, nil)
	b.exec(`update sessions set created_at = now() - interval '2 hours'`)
	_, token, err := b.CreateToken(b.ctx, a.ID, NewToken{Name: "x", Scopes: []Scope{ScopeRead}, Life: MaxTokenLife})
	b.want("token", err, nil)
	buying, err := b.OpenSession(b.ctx, a.ID, "buying", "")
	b.want("buy", err, nil)
	_, err = b.BySession(b.ctx, squatter)
	b.want("before", err, nil)
	b.want("a squatter asks", b.ResendVerification(b.ctx, a.ID), nil)
	b.want("for a link that only proves", b.Verify(b.ctx, b.secret(adas)), ErrLinkEnded)

	_, err = b.EnterByLink(b.ctx, b.secret(adas))
	b.want("enter", err, nil)
	_, err = b.BySession(b.ctx, squatter)
	b.want("the squatter's session", err, ErrSignedOut)
	_, err = b.ByToken(b.ctx, token)
	b.want("and token", err, ErrSignedOut)
	_, err = b.BySession(b.ctx, buying)
	b.want("who is buying", err, nil)

	b.exec(`update sessions set created_at = now() - interval '2 hours'`)
	b.want("another link", b.AskMagicLink(b.ctx, adas), nil)
	_, err = b.EnterByLink(b.ctx, b.secret(adas))
	b.want("enter again", err, nil)
	_, err = b.BySession(b.ctx, buying)
	b.want("once it is theirs, their devices stay", err, nil)
}

func TestALightAccountsLinkEnds(t *testing.T) {
	b := setup(t)
	b.signUpLight(LightAccount{Email: adas})
	b.exec(`update mail_tokens set expires_at = expires_at - interval '72 hours'`)
	_, err := b.EnterByLink(b.ctx, b.secret(adas))
	b.want("after three days", err, ErrLinkEnded)
}

func TestALightAccountGetsAPasswordByMail(t *testing.T) {
	b := setup(t)
	a := b.signUpLight(LightAccount{Email: adas})
	b.want("ask", b.AskReset(b.ctx, adas), nil)
	b.want("reset", b.Reset(b.ctx, b.secret(adas), "long enough"), nil)
	in, err := b.CheckLogin(b.ctx, adas, "long enough")
	if err != nil || in.ID != a.ID || in.VerifiedAt == nil {
		t.Errorf("%+v %v", in, err)
	}
}

func TestLightAccountsAreRefusedAsOthers(t *testing.T) {
	b := setup(t)
	b.signUp("ada")
	light := func(s *Service, email string) error {
		_, err := s.SignUpLight(b.ctx, LightAccount{Email: email})
		return err
	}
	b.want("taken", light(b.Service, "ADA@example.org"), ErrEmailTaken)
	for field, n := range map[string]LightAccount{
		"email":        {Email: "Ada <ada@example.org>"},
		"display_name": {Email: "x@example.org", DisplayName: "a\x00b"},
		"language":     {Email: "x@example.org", Language: "tlh"},
		"time_zone":    {Email: "x@example.org", TimeZone: "Mars/Olympus"},
	} {
		_, err := b.SignUpLight(b.ctx, n)
		if f := fault.Of(err); f == nil || f.Kind != fault.InvalidInput || f.Params["field"] != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	with := func(p SignUpPolicy) *Service { return New(Config{Pool: b.pool, Mail: letters{}, SignUp: p}) }
	b.want("closed", light(with(SignUpPolicy{Mode: SignUpClosed}), "x@example.org"), ErrSignUpClosed)
	b.want("invited only", light(with(SignUpPolicy{Mode: SignUpInvitation}), "x@example.org"), ErrInvitationNeeded)
	domain := with(SignUpPolicy{Domains: []string{"example.org"}})
	if err := light(domain, "x@example.com"); !errors.Is(err, ErrMailDomain) {
		t.Errorf("another domain: %v", err)
	}
	b.want("the domain", light(domain, "x@example.org"), nil)
	if n := len(b.mails("x@example.org")) + len(b.mails("x@example.com")); n != 1 {
		t.Errorf("%d mails", n)
	}
}

func TestALightAccountWithoutMail(t *testing.T) {
	b := setup(t)
	b.Service = New(Config{Pool: b.pool})
	if a := b.signUpLight(LightAccount{Email: adas}); a.Email != adas || len(b.mails(adas)) != 0 {
		t.Errorf("%+v", a)
	}
}
