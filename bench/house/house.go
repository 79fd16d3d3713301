// Package house runs the product as people do, for the benchmarks.
package house

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// House is a running product.
type House struct {
	URL        string
	ReadyAfter time.Duration // from exec to the first 200 on /readyz

	salon, data string
	process     *exec.Cmd
	begun       time.Time
}

// Patience bounds every wait of a benchmark.
const Patience = 60 * time.Second

// Start runs salon dev as people do, with the given flags on top.
func Start(ctx context.Context, salon, data string, flags ...string) (*House, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	h := &House{URL: "http://" + address, salon: salon, data: data}
	h.process = exec.CommandContext(ctx, salon, append([]string{"dev", "--data", data, "--listen", address,
		"--requests-per-second", "10000", "--guesses-per-minute", "10000"}, flags...)...)
	h.process.Stderr = os.Stderr
	h.begun = time.Now()
	if err := h.process.Start(); err != nil {
		return nil, err
	}
	for !h.ready(ctx) {
		if time.Since(h.begun) > Patience {
			h.Stop()
			return nil, fmt.Errorf("not ready after %s", Patience)
		}
		<-time.After(2 * time.Millisecond)
	}
	return h, nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func (h *House) ready(ctx context.Context) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	answer.Body.Close()
	if answer.StatusCode == http.StatusOK && h.ReadyAfter == 0 {
		h.ReadyAfter = time.Since(h.begun)
	}
	// Other commands find the server by this file, which comes last.
	_, err = os.Stat(filepath.Join(h.data, "run.json"))
	return answer.StatusCode == http.StatusOK && err == nil
}

// Stop ends the product and returns when it has ended.
func (h *House) Stop() error {
	h.process.Process.Signal(syscall.SIGTERM)
	return h.process.Wait()
}

// Admin runs one of the operator's commands on the running product.
func (h *House) Admin(ctx context.Context, args ...string) error {
	out, err := exec.CommandContext(ctx, h.salon, append(append([]string{"admin"}, args...), "--data", h.data)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("admin %v: %w: %s", args, err, out)
	}
	return nil
}

// PID is the process id of the product.
func (h *House) PID() int { return h.process.Process.Pid }

// Person is someone signed in.
type Person struct {
	ID     string
	house  *House
	cookie string
}

// Cookie is what their requests carry.
func (p *Person) Cookie() string { return p.cookie }

// SignUp makes an account.
func (h *House) SignUp(ctx context.Context, handle string) (*Person, error) {
	p := &Person{house: h}
	var me struct{ ID string }
	err := p.Call(ctx, http.MethodPost, "/api/accounts", map[string]string{
		"handle": handle, "display_name": handle, "email": handle + "@example.org", "password": "long enough",
	}, &me)
	p.ID = me.ID
	return p, err
}

// Call sends one request as the person and decodes the answer.
func (p *Person) Call(ctx context.Context, method, path string, in, out any) error {
	if in == nil {
		in = struct{}{}
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, p.house.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", p.cookie)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %d %s %w", method, path, answer.StatusCode, text, err)
	}
	for _, c := range answer.Cookies() {
		p.cookie = c.Name + "=" + c.Value
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}
