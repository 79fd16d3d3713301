package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// patience bounds every wait of this program.
const patience = 60 * time.Second

// server is a child of this process.
type server struct {
	address string
	process *exec.Cmd
	input   io.Closer
}

func start(ctx context.Context, name string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	process := exec.CommandContext(ctx, self, "-serve", name)
	process.Stderr = os.Stderr
	input, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	s := &server{process: process, input: input}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("it never listened: %w", err)
	}
	s.address = strings.TrimSpace(line)
	return s, nil
}

func (s *server) stop() {
	s.input.Close()
	s.process.Wait()
}

// weigh reads the figures once what is not needed was given back.
func (s *server) weigh() (figures, error) {
	answer, err := http.Get("http://" + s.address + "/collect")
	if err != nil {
		return figures{}, err
	}
	answer.Body.Close()
	return s.read()
}

func (s *server) read() (f figures, err error) {
	answer, err := http.Get("http://" + s.address + "/figures")
	if err != nil {
		return f, err
	}
	defer answer.Body.Close()
	return f, json.NewDecoder(answer.Body).Decode(&f)
}

// speak has the server send messages, waits until everyone who reads has them,
// and says what one delivery cost the server.
func (s *server) speak(c *crowd, n int, pause time.Duration, more int) (time.Duration, error) {
	before, err := s.read()
	if err != nil {
		return 0, err
	}
	c.begin()
	answer, err := http.Get(fmt.Sprintf("http://%s/speak?n=%d&pause=%s&more=%d", s.address, n, pause, more))
	if err != nil {
		return 0, err
	}
	answer.Body.Close()
	deliveries := int64(n) * c.reading()
	if err := c.received(deliveries); err != nil {
		return 0, err
	}
	after, err := s.read()
	return (after.Cost - before.Cost) / time.Duration(deliveries), err
}

// letGo waits until only so many connections are left: the stalled were really
// stalled.
func (s *server) letGo(left int) error {
	for began := time.Now(); ; <-time.After(100 * time.Millisecond) {
		f, err := s.read()
		if err != nil || f.Connections == left {
			return err
		}
		if time.Since(began) > patience {
			return fmt.Errorf("%d connections are left instead of %d", f.Connections, left)
		}
	}
}
