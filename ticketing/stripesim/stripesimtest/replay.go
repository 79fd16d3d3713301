// Package stripesimtest checks the simulator, and what is said to it, against
// Stripe's own stripe-mock, which knows the schema of API 2023-10-16. It is built
// from the module in ../replay, which pins its version.
package stripesimtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"salon/ticketing/stripesim"
)

// Rejection is a request that stripe-mock refused, and what it said.
type Rejection struct {
	Request stripesim.Request
	Said    string
}

// Replay sends requests that the simulator saw to stripe-mock and returns those
// whose form its schema refuses. Requests that the simulator itself refused for
// their form are left out, and so are accounts made by controller: stripe-mock's
// schema is a little older than that (v0.183.0 is the only one of this API
// version). sent is how many it was asked about.
func Replay(ctx context.Context, requests []stripesim.Request) (rejected []Rejection, sent int, err error) {
	mock, err := startMock(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("start stripe-mock: %w", err)
	}
	defer mock.stop()
	for _, r := range requests {
		if r.Refused || usesController(r) {
			continue
		}
		sent++
		said, err := mock.send(ctx, r)
		if err != nil {
			return nil, sent, fmt.Errorf("replay %s: %w", r.Endpoint, err)
		}
		if said != "" {
			rejected = append(rejected, Rejection{r, said})
		}
	}
	return rejected, sent, nil
}

func usesController(r stripesim.Request) bool {
	for name := range r.Form {
		if strings.HasPrefix(name, "controller[") {
			return true
		}
	}
	return false
}

// Endpoints counts the different endpoints among requests.
func Endpoints(requests []stripesim.Request) int {
	var all []string
	for _, r := range requests {
		all = append(all, r.Endpoint)
	}
	slices.Sort(all)
	return len(slices.Compact(all))
}

// mock is a stripe-mock on a socket of its own.
type mock struct {
	command *exec.Cmd
	folder  string
	client  *http.Client
}

func startMock(ctx context.Context) (*mock, error) {
	program, err := goOut(ctx, "tool", "-n", "stripe-mock")
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "stripe-mock")
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(folder, "s")
	m := &mock{command: exec.CommandContext(ctx, program, "-strict-version-check", "-http-unix", socket), folder: folder}
	m.client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	if err := m.listen(); err != nil {
		m.stop()
		return nil, err
	}
	return m, nil
}

// listen starts the program and waits until it says that it listens.
func (m *mock) listen() error {
	out, err := m.command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := m.command.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "Listening") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return nil
		}
	}
	return errors.Join(errors.New("it ended"), lines.Err())
}

func (m *mock) stop() {
	if m.command.Process != nil {
		_ = m.command.Process.Kill()
		_ = m.command.Wait()
	}
	_ = os.RemoveAll(m.folder)
}

// send returns what stripe-mock has against a request, "" if nothing.
func (m *mock) send(ctx context.Context, r stripesim.Request) (said string, err error) {
	address, body := "http://stripe-mock"+r.Path, r.Form.Encode()
	if r.Method != http.MethodPost {
		address, body = address+"?"+body, ""
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, address, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer sk_test_123")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Stripe-Version", r.Version)
	resp, err := m.client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode == http.StatusOK {
		return "", err
	}
	return fmt.Sprintf("%s: %s", resp.Status, text), nil
}

// goOut runs the go command in the module that pins stripe-mock.
func goOut(ctx context.Context, args ...string) (string, error) {
	mod, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	pins := filepath.Join(filepath.Dir(strings.TrimSpace(string(mod))), "ticketing", "stripesim", "replay")
	command := exec.CommandContext(ctx, "go", append([]string{"-C", pins}, args...)...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	return strings.TrimSpace(string(out)), err
}
