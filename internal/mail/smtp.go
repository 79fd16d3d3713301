package mail

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// sendTime bounds one mail from dialling to the server's last word.
const sendTime = 20 * time.Second

// SMTP sends through a mail server.
type SMTP struct {
	host     string
	port     int
	user     string
	password string
	implicit bool // TLS from the first byte
	plain    bool // no TLS at all
	from     *mail.Address
	timeout  time.Duration
}

// NewSMTP reads the server from a URL and the address that mails come from:
//
//	smtp://user:password@host:587   with STARTTLS, and never without
//	smtps://user:password@host:465  TLS from the start
//	smtp://host:25?tls=none         no TLS; a password only goes to this machine itself
//
// Errors never repeat the URL, which holds a password.
func NewSMTP(address, from string) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return nil, errors.New("the mail server's URL must be smtp://… or smtps://… with a host")
	}
	sender, err := origin(from)
	if err != nil {
		return nil, err
	}
	s := &SMTP{host: u.Hostname(), user: u.User.Username(), from: sender, timeout: sendTime}
	s.password, _ = u.User.Password()
	if err := s.secure(u.Scheme, u.Query()); err != nil {
		return nil, err
	}
	if text := u.Port(); text != "" {
		if s.port, err = strconv.Atoi(text); err != nil || s.port < 1 || s.port > 65535 {
			return nil, errors.New("the mail server's port is no port")
		}
	}
	return s, nil
}

// secure reads how the connection is protected, and the usual port of that way.
func (s *SMTP) secure(scheme string, query url.Values) error {
	way := query.Get("tls")
	query.Del("tls")
	switch {
	case len(query) > 0:
		return errors.New("the mail server's URL may only have the parameter tls")
	case scheme == "smtps" && way == "":
		s.implicit, s.port = true, gomail.DefaultPortSSL
	case scheme == "smtp" && (way == "" || way == "starttls"):
		s.port = gomail.DefaultPortTLS
	case scheme == "smtp" && way == "none":
		s.plain, s.port = true, gomail.DefaultPort
	default:
		return errors.New("the mail server's URL must be smtps://…, smtp://…?tls=starttls or smtp://…?tls=none")
	}
	if s.plain && s.user != "" && !thisMachine(s.host) {
		return errors.New("a password is not sent without TLS: leave tls=none away, or the user")
	}
	return nil
}

func thisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send hands the mail to the server. Its errors name neither the recipient
// nor the text.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	message, err := s.message(m)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	// The library's timeout starts anew with each command, and it leaves a
	// connection open whose greeting failed: the end of ctx closes it.
	dial := func(dialCtx context.Context, network, address string) (net.Conn, error) {
		conn, err := s.dial(dialCtx, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { conn.Close() })
		}
		return conn, err
	}
	client, err := gomail.NewClient(s.host, append(s.options(), gomail.WithDialContextFunc(dial))...)
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	if err = client.DialAndSendWithContext(ctx, message); message.IsDelivered() {
		return nil // what may have failed is the goodbye
	}
	return nameless(err)
}

func (s *SMTP) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if s.implicit {
		return (&tls.Dialer{Config: s.tls()}).DialContext(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

func (s *SMTP) tls() *tls.Config {
	return &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
}

func (s *SMTP) options() []gomail.Option {
	all := []gomail.Option{gomail.WithPort(s.port), gomail.WithTimeout(s.timeout), gomail.WithTLSConfig(s.tls())}
	if s.implicit || s.plain {
		all = append(all, gomail.WithTLSPolicy(gomail.NoTLS)) // dial has seen to it
	} else {
		all = append(all, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.user != "" {
		all = append(all, gomail.WithUsername(s.user), gomail.WithPassword(s.password), gomail.WithOpportunisticSMTPAuth(
			gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	return all
}

func (s *SMTP) message(m Message) (*gomail.Msg, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	message.FromMailAddress(s.from)
	if err := message.To(m.To); err != nil {
		return nil, errors.New("the recipient is not one bare address")
	}
	_, domain, _ := strings.Cut(s.from.Address, "@")
	message.SetMessageIDWithValue(rand.Text() + "@" + domain)
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday answers, please
	message.Subject(m.Subject)
	message.SetBodyString(gomail.TypeTextPlain, m.Text)
	return message, nil
}

// nameless keeps of a refusal what went wrong and the server's code: its words
// often repeat the recipient, and errors are logged.
func nameless(err error) error {
	var refused *gomail.SendError
	if errors.As(err, &refused) {
		return fmt.Errorf("mail server: %v (%d)", refused.Reason, refused.ErrorCode())
	}
	return fmt.Errorf("mail server: %w", err)
}
