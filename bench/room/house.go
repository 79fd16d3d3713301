package main

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

// house is a running product.
type house struct {
	url, salon, data string
	process          *exec.Cmd
	begun            time.Time
	readyAfter       time.Duration // from exec to the first 200 on /readyz
}

// patience bounds every wait of this program.
const patience = 60 * time.Second

// start runs salon dev as people do, with the given flags on top.
func start(ctx context.Context, salon, data string, flags ...string) (*house, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	h := &house{url: "http://" + address, salon: salon, data: data}
	h.process = exec.CommandContext(ctx, salon, append([]string{"dev", "--data", data, "--listen", address,
		"--requests-per-second", "10000", "--guesses-per-minute", "10000"}, flags...)...)
	h.process.Stderr = os.Stderr
	h.begun = time.Now()
	if err := h.process.Start(); err != nil {
		return nil, err
	}
	for !h.ready(ctx) {
		if time.Since(h.begun) > patience {
			h.stop()
			return nil, fmt.Errorf("not ready after %s", patience)
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

func (h *house) ready(ctx context.Context) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	answer.Body.Close()
	if answer.StatusCode == http.StatusOK && h.readyAfter == 0 {
		h.readyAfter = time.Since(h.begun)
	}
	// Other commands find the server by this file, which comes last.
	_, err = os.Stat(filepath.Join(h.data, "run.json"))
	return answer.StatusCode == http.StatusOK && err == nil
}

func (h *house) stop() error {
	h.process.Process.Signal(syscall.SIGTERM)
	return h.process.Wait()
}

// admin runs one of the operator's commands on the running product.
func (h *house) admin(ctx context.Context, args ...string) error {
	out, err := exec.CommandContext(ctx, h.salon, append(append([]string{"admin"}, args...), "--data", h.data)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("admin %v: %w: %s", args, err, out)
	}
	return nil
}

// person is someone signed in.
type person struct {
	house  *house
	cookie string
	id     string
}

func (h *house) signUp(ctx context.Context, handle string) (*person, error) {
	p := &person{house: h}
	var me struct{ ID string }
	err := p.call(ctx, http.MethodPost, "/api/accounts", map[string]string{
		"handle": handle, "display_name": handle, "email": handle + "@example.org", "password": "long enough",
	}, &me)
	p.id = me.ID
	return p, err
}

// call sends one request as the person and decodes the answer.
func (p *person) call(ctx context.Context, method, path string, in, out any) error {
	if in == nil {
		in = struct{}{}
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, p.house.url+path, bytes.NewReader(body))
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
