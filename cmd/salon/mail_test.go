package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"salon/internal/postgres/postgrestest"
)

func parse(t *testing.T, args ...string) (commandLine, error) {
	t.Helper()
	var line commandLine
	k, err := kong.New(&line, kong.Name("salon"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.Parse(args)
	return line, err
}

func TestMailSettingsAreChecked(t *testing.T) {
	t.Parallel()
	const from = "--mail-from=salon@example.org"
	for name, args := range map[string][]string{
		"mail without a sender":           {"serve", "--smtp-url", "smtp://u:hush@mail.example"},
		"a sender without mail":           {"serve", "--mail-from", "salon@example.org"},
		"a sender who is none":            {"serve", "--smtp-url", "smtp://u:hush@mail.example", "--mail-from", "salon"},
		"a mail server of another kind":   {"serve", from, "--smtp-url", "imap://u:hush@mail.example"},
		"a password in the clear":         {"serve", from, "--smtp-url", "smtp://u:hush@mail.example?tls=none"},
		"an unknown way to sign up":       {"serve", "--sign-up", "sometimes"},
		"domains for a closed server":     {"serve", from, "--smtp-url", "smtp://mail.example", "--sign-up", "closed", "--sign-up-domains", "example.org"},
		"domains that nobody could prove": {"serve", "--sign-up-domains", "example.org"},
		"a domain that is none":           {"dev", "--sign-up-domains", "example"},
	} {
		if _, err := parse(t, args...); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
	line, err := parse(t, "dev", "--sign-up-domains", "Example.org,@two.example")
	if err != nil || strings.Join(line.Dev.SignUpDomains, " ") != "example.org two.example" {
		t.Errorf("%v %v", line.Dev.SignUpDomains, err)
	}
	if _, err := parse(t, "serve", "--smtp-url", "smtp://u:p@mail.example", "--mail-from", "Salon <salon@example.org>", "--sign-up-domains", "example.org"); err != nil {
		t.Error(err)
	}
}

// From signing up by HTTP to the page where the mail is read, with every real
// part between.
func TestADevelopmentServerKeepsItsMails(t *testing.T) {
	t.Parallel()
	h := openHouse(t, settings{Data: t.TempDir(), DatabaseURL: postgrestest.URL(t)}, func(h *house) { h.keepsMail = true })
	answer, err := http.Post(h.public.String()+"/api/accounts", "application/json",
		strings.NewReader(`{"handle":"ada","display_name":"Ada","email":"ada@example.org","password":"long enough","language":"fr"}`))
	if err != nil || answer.StatusCode != http.StatusCreated {
		t.Fatalf("sign-up: %v %v", answer, err)
	}
	answer.Body.Close()
	until(t, "in the outbox", func() bool {
		page, err := http.Get(h.public.String() + "/dev/outbox")
		if err != nil {
			t.Fatal(err)
		}
		defer page.Body.Close()
		text, err := io.ReadAll(page.Body)
		return err == nil && strings.Contains(string(text), `<a href="`+h.public.String()+`/verify#slv_`) && strings.Contains(string(text), "Bonjour @ada")
	})
	if way := h.mailWay(); way != "kept, see "+h.public.String()+"/dev/outbox" {
		t.Errorf("says %q", way)
	}
}

func TestARealServerHasNoOutbox(t *testing.T) {
	t.Parallel()
	h := openHouse(t, settings{Data: t.TempDir(), DatabaseURL: postgrestest.URL(t)})
	if got := h.status(t, "/dev/outbox"); got != http.StatusNotFound || h.mail != nil {
		t.Errorf("%d, mail %v", got, h.mail)
	}
}
