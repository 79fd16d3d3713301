package mail

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
)

// server is a mail server just big enough to be sent to.
type server struct {
	net.Listener
	mails chan received

	mu       sync.Mutex
	failing  int // RCPT commands to answer with a passing failure
	commands []string
}

type received struct{ from, to, data string }

func listen(t *testing.T, failing int) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &server{Listener: l, mails: make(chan received, 10), failing: failing}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.talk(conn)
		}
	}()
	return s
}

func (s *server) talk(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewScanner(conn)
	say := func(line string) { fmt.Fprint(conn, line+"\r\n") }
	say("220 here")
	var now received
	for in.Scan() {
		line := in.Text()
		s.note(line)
		switch verb := strings.ToUpper(strings.Fields(line + " .")[0]); verb {
		case "EHLO":
			say("250-here\r\n250 AUTH PLAIN")
		case "AUTH":
			say("235 in")
		case "MAIL":
			now = received{from: line}
			say("250 ok")
		case "RCPT":
			if s.fails() {
				say("451 4.3.0 <" + line + "> not now")
				continue
			}
			now.to += line
			say("250 ok")
		case "DATA":
			say("354 go on")
			for in.Scan() && in.Text() != "." {
				now.data += strings.TrimPrefix(in.Text(), ".") + "\n"
			}
			s.mails <- now
			say("250 taken")
		default:
			say("250 ok")
		}
	}
}

func (s *server) note(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands = append(s.commands, line)
}

func (s *server) fails() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing--
	return s.failing >= 0
}

// heard is every line that was a command, so far.
func (s *server) heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.commands, "\n")
}
