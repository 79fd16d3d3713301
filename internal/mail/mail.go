// Package mail sends plain-text mails: by SMTP, or, in development, into a
// table that is read on the server's own pages. Mails leave as jobs, inserted
// in the transaction that decided on them.
package mail

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"
)

// Message is one mail in plain text.
type Message struct {
	To      string `json:"to"` // a bare address; "" is a mail to nobody, which is queued and dropped
	Subject string `json:"subject"`
	Text    string `json:"text"` // lines end in \n
}

// check refuses what could become a header or a recipient nobody meant.
func (m Message) check() error {
	to, err := mail.ParseAddress(m.To)
	if err != nil || to.Address != m.To || controls(m.To) {
		return errors.New("the recipient is not one bare address")
	}
	if controls(m.Subject) {
		return errors.New("the subject has control characters")
	}
	return nil
}

func controls(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// origin reads the address mails come from, such as "Salon <salon@example.org>".
func origin(from string) (*mail.Address, error) {
	address, err := mail.ParseAddress(from)
	if err != nil || controls(from) {
		return nil, fmt.Errorf("%q is no mail address", from)
	}
	return address, nil
}
