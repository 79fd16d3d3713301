package mail

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"salon/internal/jobs"
	"salon/internal/postgres"
	"salon/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

const from = `"Salon" <salon@example.org>`

func to(t *testing.T, address string) *SMTP {
	t.Helper()
	s, err := NewSMTP(address, from)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSendBySMTP(t *testing.T) {
	t.Parallel()
	l := listen(t, 0)
	s := to(t, "smtp://someone:p%40ss@"+l.Addr().String()+"?tls=none")
	text := "é\n\nhttp://x/verify#" + strings.Repeat("s", 100) + "\n.\n\r\n.\r\nMAIL FROM:<evil@example.org>\r\n"
	if err := s.Send(t.Context(), Message{To: "ada@example.org", Subject: "Bonjour à toi", Text: text}); err != nil {
		t.Fatal(err)
	}
	got := <-l.mails
	if !strings.HasPrefix(got.from, "MAIL FROM:<salon@example.org>") || got.to != "RCPT TO:<ada@example.org>" {
		t.Errorf("envelope %+v", got)
	}
	m, err := mail.ReadMessage(strings.NewReader(got.data))
	if err != nil {
		t.Fatal(err)
	}
	subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	body, _ := io.ReadAll(quotedprintable.NewReader(m.Body))
	if subject != "Bonjour à toi" || m.Header.Get("To") != "<ada@example.org>" || m.Header.Get("Auto-Submitted") == "" ||
		!strings.HasSuffix(m.Header.Get("Message-ID"), "@example.org>") || m.Header.Get("From") != from {
		t.Errorf("headers %v", m.Header)
	}
	if plain := strings.ReplaceAll(string(body), "\r", ""); strings.TrimSpace(plain) != strings.TrimSpace(strings.ReplaceAll(text, "\r", "")) {
		t.Errorf("text %q, want %q", plain, text)
	}
	if heard := l.heard(); strings.Contains(heard, "evil") || !strings.Contains(heard, "AUTH PLAIN") {
		t.Errorf("commands %s", heard)
	}
}

// Neither the recipient nor the subject can become a header or a command.
func TestHeadersCannotBeInjected(t *testing.T) {
	t.Parallel()
	l := listen(t, 0)
	s, box := to(t, "smtp://"+l.Addr().String()+"?tls=none"), NewOutbox(nil)
	for _, m := range []Message{
		{To: "ada@example.org\r\nBcc: evil@example.org", Subject: "x"},
		{To: "ada@example.org\nBcc: evil@example.org", Subject: "x"},
		{To: "ada@example.org>\r\nRCPT TO:<evil@example.org", Subject: "x"},
		{To: "ada@example.org, evil@example.org", Subject: "x"},
		{To: "Ada <ada@example.org>", Subject: "x"},
		{To: "\"ada\r\n\"@example.org", Subject: "x"},
		{To: "", Subject: "x"},
		{To: "ada@example.org", Subject: "x\r\nBcc: evil@example.org"},
		{To: "ada@example.org", Subject: "x\nBcc: evil@example.org"},
		{To: "ada@example.org", Subject: "x\r\n\r\nanother body"},
		{To: "ada@example.org", Subject: "x\x00"},
		{To: "ada@example.org", Subject: "\xff"},
	} {
		for _, by := range []sender{s, box} {
			if err := by.Send(t.Context(), m); err == nil || strings.Contains(err.Error(), "evil") {
				t.Errorf("%+v: %v", m, err)
			}
		}
	}
	if l.heard() != "" {
		t.Errorf("something was sent: %s", l.heard())
	}
	for _, bad := range []string{"", "salon", "a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org"} {
		if _, err := NewSMTP("smtp://x", bad); err == nil {
			t.Errorf("from %q is taken", bad)
		}
	}
}

func TestTheURLIsRead(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]SMTP{
		"smtp://u:p@mail.example:25?tls=starttls": {host: "mail.example", port: 25, user: "u", password: "p"},
		"smtp://mail.example":                     {host: "mail.example", port: 587},
		"smtps://u:p%3A@mail.example/":            {host: "mail.example", port: 465, user: "u", password: "p:", implicit: true},
		"smtp://mail.example?tls=none":            {host: "mail.example", port: 25, plain: true},
		"smtp://u:p@[::1]:2525?tls=none":          {host: "::1", port: 2525, user: "u", password: "p", plain: true},
	} {
		got, err := NewSMTP(address, "salon@example.org")
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		want.from, want.timeout = got.from, sendTime
		if *got != want {
			t.Errorf("%s: %+v", address, got)
		}
	}
	for _, address := range []string{
		"", "mail.example:25", "http://mail.example", "smtp://", "smtp://u:hush@mail.example?tls=none", "smtps://u:hush@mail.example?tls=none",
		"smtp://u:hush@mail.example?tls=maybe", "smtp://u:hush@mail.example?insecure=1", "smtp://u:hush@mail.example/path",
		"smtp://u:hush@mail.example:0", "smtp://u:hush@mail.example:99999", "smtp://u:hush%zz@mail.example",
	} {
		if _, err := NewSMTP(address, "salon@example.org"); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// Without TLS nothing is sent, unless that was asked for.
func TestStartTLSIsNotOptional(t *testing.T) {
	t.Parallel()
	l := listen(t, 0)
	s := to(t, "smtp://u:hush@"+l.Addr().String())
	err := s.Send(t.Context(), Message{To: "ada@example.org", Subject: "x", Text: "x"})
	if err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("error %v", err)
	}
	if heard := l.heard(); strings.Contains(heard, "AUTH") || strings.Contains(heard, "MAIL") {
		t.Errorf("commands %s", heard)
	}
}

// A server that says nothing is not waited for.
func TestSendingIsBounded(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ended := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			_, err = conn.Read(make([]byte, 1)) // until the other side gives up
		}
		ended <- err
	}()
	s := to(t, "smtp://"+l.Addr().String()+"?tls=none")
	s.timeout = 100 * time.Millisecond
	if err := s.Send(t.Context(), Message{To: "ada@example.org", Subject: "x", Text: "x"}); err == nil {
		t.Error("sent to a server that said nothing")
	}
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Errorf("the connection ended with %v", err)
	}
}

// queue starts a runner that sends by the sender.
func queue(t *testing.T, pool *pgxpool.Pool, log *slog.Logger, by sender) *Queue {
	t.Helper()
	runner, err := jobs.New(pool, log, jobs.Of(NewWorker(by)))
	if err == nil {
		err = runner.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := runner.Stop(); err != nil {
			t.Error(err)
		}
	})
	return NewQueue(runner)
}

// A mail goes out when its transaction commits, again when the server failed
// it, and what is logged of that tells no secret and no address.
func TestMailsLeaveAsJobs(t *testing.T) {
	t.Parallel()
	pool, logs := postgrestest.New(t), &bytes.Buffer{}
	l := listen(t, 1)
	t.Cleanup(func() { // runs after the runner's, so that it has stopped
		if text := logs.String(); strings.Count(text, "job failed") != 1 || strings.Contains(text, "canary") || strings.Contains(text, "ada@") || strings.Contains(text, "hush") {
			t.Errorf("log %s", text)
		}
	})
	q := queue(t, pool, slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})), to(t, "smtp://u:hush@"+l.Addr().String()+"?tls=none"))
	rolledBack := errors.New("rolled back")
	for _, m := range []Message{
		{To: "bob@example.org", Subject: "never", Text: "x"},
		{To: "", Subject: "to nobody", Text: "x"},
		{To: "ada@example.org", Subject: "hello", Text: "slv_canary"},
	} {
		err := postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
			if err := q.SendTx(t.Context(), tx, m); err != nil || m.Subject != "never" {
				return err
			}
			return rolledBack
		})
		if err != nil && !errors.Is(err, rolledBack) {
			t.Fatal(err)
		}
	}
	if got := <-l.mails; !strings.Contains(got.to, "ada") || !strings.Contains(got.data, "slv_canary") {
		t.Errorf("%+v", got)
	}
	if heard := l.heard(); strings.Count(heard, "RCPT") != 2 || strings.Contains(heard, "bob") {
		t.Errorf("commands %s", heard)
	}
}

func TestTheOutboxKeepsWhatWouldBeSent(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	box := NewOutbox(pool)
	for i := range maxListed + 1 {
		if err := box.Send(t.Context(), Message{To: "ada@example.org", Subject: strings.Repeat("x", i+1), Text: "hello"}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := box.Latest(t.Context())
	if err != nil || len(got) != maxListed || len(got[0].Subject) != maxListed+1 || got[0].To != "ada@example.org" || got[0].Text != "hello" || got[0].At.IsZero() {
		t.Errorf("%d mails, first %+v: %v", len(got), got[:1], err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := box.Send(ctx, Message{To: "ada@example.org"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
