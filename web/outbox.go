package web

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"regexp"
	"time"
)

// OutboxMail is one mail that was not sent but kept, for development.
type OutboxMail struct {
	To      string
	Subject string
	Text    string
	At      time.Time
}

//go:embed outbox.gohtml
var outboxSource string

var outboxTemplate = template.Must(template.New("outbox").Funcs(template.FuncMap{"parts": parts}).Parse(outboxSource))

func (s *Server) outboxRoutes() {
	if s.Outbox != nil {
		s.handle("GET /dev/outbox", Access{Level: Anyone}, http.HandlerFunc(s.outbox))
	}
}

// outbox shows the mails to whoever sits at this machine. They open every
// account, so to all others the page does not exist.
func (s *Server) outbox(w http.ResponseWriter, r *http.Request) {
	if !atThisMachine(r) {
		s.noPage(w, r)
		return
	}
	mails, err := s.Outbox(r.Context())
	var page bytes.Buffer
	if err == nil {
		err = outboxTemplate.Execute(&page, mails)
	}
	if err != nil {
		Refuse(w, r, fmt.Errorf("show outbox: %w", err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(page.Bytes())
}

// atThisMachine says whether the request comes from this machine and was meant
// for it. A proxy here makes strangers look local, and a stranger's page can
// give our address a name of its own, so neither may have touched it.
func atThisMachine(r *http.Request) bool {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(r.Host); err == nil {
		host = name
	}
	return loopback(remoteHost(r)) && (host == "localhost" || loopback(host))
}

func loopback(address string) bool {
	ip := net.ParseIP(address)
	return ip != nil && ip.IsLoopback()
}

// part is a piece of a mail's text: a link or what stands between.
type part struct{ Text, Link string }

var linkPattern = regexp.MustCompile(`https?://\S+`)

func parts(text string) (all []part) {
	for text != "" {
		at := linkPattern.FindStringIndex(text)
		if at == nil {
			return append(all, part{Text: text})
		}
		all = append(all, part{Text: text[:at[0]]}, part{Link: text[at[0]:at[1]]})
		text = text[at[1]:]
	}
	return all
}

// OutboxSource is where the page takes its mails from, newest first.
type OutboxSource func(context.Context) ([]OutboxMail, error)
