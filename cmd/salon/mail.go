package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"salon/accounts"
	"salon/internal/mail"
	"salon/web"
)

// mailSettings are how mail leaves, and who may sign up.
type mailSettings struct {
	SMTPURL  string `name:"smtp-url" env:"SALON_SMTP_URL" help:"Mail server: smtp://user:password@host:587 (with STARTTLS; ?tls=none for a server on this machine) or smtps://user:password@host:465. Default: dev keeps mails on the page /dev/outbox, serve sends none."`
	MailFrom string `name:"mail-from" env:"SALON_MAIL_FROM" help:"Address that mails come from, such as Salon <salon@example.org>."`

	SignUp        string   `default:"open" enum:"open,invitation,closed" env:"SALON_SIGN_UP" help:"Who may sign up: everyone (open), whoever an admin invites (invitation), nobody (closed)."`
	SignUpDomains []string `name:"sign-up-domains" env:"SALON_SIGN_UP_DOMAINS" help:"With --sign-up=open: the only mail domains that may sign up without an invitation, such as example.org. People must prove their address before they do anything."`
}

var domainPattern = regexp.MustCompile(`^([a-z0-9-]+\.)+[a-z0-9-]+$`)

func (m *mailSettings) check() error {
	if (m.SMTPURL == "") != (m.MailFrom == "") {
		return errors.New("--smtp-url and --mail-from belong together")
	}
	if m.SMTPURL != "" {
		if _, err := mail.NewSMTP(m.SMTPURL, m.MailFrom); err != nil {
			return fmt.Errorf("mail: %w", err)
		}
	}
	if len(m.SignUpDomains) > 0 && m.SignUp != string(accounts.SignUpOpen) {
		return errors.New("--sign-up-domains goes with --sign-up=open only")
	}
	for i, domain := range m.SignUpDomains {
		m.SignUpDomains[i] = strings.ToLower(strings.TrimPrefix(domain, "@"))
		if !domainPattern.MatchString(m.SignUpDomains[i]) {
			return fmt.Errorf("%q is no mail domain", domain)
		}
	}
	return nil
}

// Validate is called by kong before anything starts. Without mail nobody could
// prove that an address at the domain is theirs.
func (c *serveCommand) Validate() error {
	if len(c.SignUpDomains) > 0 && c.SMTPURL == "" {
		return errors.New("--sign-up-domains needs --smtp-url")
	}
	if c.Tickets == "simulated" {
		return errors.New("--tickets=simulated is for salon dev")
	}
	return c.settings.Validate()
}

// mailWorker sends mails: by SMTP, into the outbox of a development server, or,
// nil, not at all.
func (h *house) mailWorker() (*mail.Worker, error) {
	if h.settings.SMTPURL != "" {
		server, err := mail.NewSMTP(h.settings.SMTPURL, h.settings.MailFrom)
		if err != nil {
			return nil, err
		}
		return mail.NewWorker(server), nil
	}
	if !h.keepsMail {
		return nil, nil
	}
	box := mail.NewOutbox(h.pool)
	h.outbox = func(ctx context.Context) ([]web.OutboxMail, error) {
		kept, err := box.Latest(ctx)
		all := make([]web.OutboxMail, 0, len(kept))
		for _, m := range kept {
			all = append(all, web.OutboxMail(m))
		}
		return all, err
	}
	return mail.NewWorker(box), nil
}

// people is the accounts of this house, with its mail and its rule of who may
// sign up.
func (h *house) people() *accounts.Service {
	return accounts.New(accounts.Config{
		Pool: h.pool, PublicURL: h.public, Mail: h.mail,
		SignUp: accounts.SignUpPolicy{Mode: accounts.SignUpMode(h.settings.SignUp), Domains: h.settings.SignUpDomains},
	})
}

// mailWay is where mails go, in a word.
func (h *house) mailWay() string {
	switch {
	case h.outbox != nil:
		return "kept, see " + h.public.JoinPath("dev", "outbox").String()
	case h.mail != nil:
		return "smtp"
	}
	return "none: give --smtp-url"
}
