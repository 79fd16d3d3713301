package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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

// house is the server under test, a process of its own in a folder of its own.
type house struct {
	binary, folder, listen string
	ports                  [2]string
	process                *exec.Cmd
}

func open(ctx context.Context, binary string) (*house, error) {
	folder, err := os.MkdirTemp("", "salon-storm-")
	if err != nil {
		return nil, err
	}
	// PostgreSQL runs as another user when we are root, and must pass through.
	if err := os.Chmod(folder, 0o711); err != nil {
		return nil, err
	}
	h := &house{binary: binary, folder: folder}
	if h.listen, err = freePort("tcp"); err == nil {
		h.ports[0], err = freePort("udp")
	}
	if err == nil {
		h.ports[1], err = freePort("tcp")
	}
	if err == nil {
		err = h.start(ctx)
	}
	if err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

// freePort is an address on this machine that nobody uses at the moment.
func freePort(network string) (string, error) {
	if network == "udp" {
		conn, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		defer conn.Close()
		return conn.LocalAddr().String(), nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

func port(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}

func (h *house) url() string { return "http://" + h.listen }

// start returns when the server is ready.
func (h *house) start(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(h.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	h.process = exec.Command(h.binary, "serve", "--data", filepath.Join(h.folder, "data"), "--listen", h.listen,
		"--media-udp", port(h.ports[0]), "--media-tcp", port(h.ports[1]), "--requests-per-second", "100000", "--guesses-per-minute", "100000")
	h.process.Stdout, h.process.Stderr = log, log
	if err := h.process.Start(); err != nil {
		return err
	}
	return h.ready(ctx)
}

const readyTimeout = time.Minute

func (h *house) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for ctx.Err() == nil {
		request, _ := http.NewRequestWithContext(ctx, http.MethodGet, h.url()+"/readyz", nil)
		if answer, err := http.DefaultClient.Do(request); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK && h.announced() {
				return nil
			}
		}
		wait(ctx, 20*time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(h.folder, "log"))
	return fmt.Errorf("the server is not ready: %s", log)
}

// announced says whether the server has told other commands where it is.
func (h *house) announced() bool {
	var told struct{ PID int }
	text, err := os.ReadFile(filepath.Join(h.folder, "data", "run.json"))
	return err == nil && json.Unmarshal(text, &told) == nil && told.PID == h.process.Process.Pid
}

// kill ends the server as a power cut would, and starts it again.
func (h *house) kill(ctx context.Context) error {
	if err := h.process.Process.Kill(); err != nil {
		return err
	}
	_ = h.process.Wait() // it was killed: that is the error
	return h.start(ctx)
}

func (h *house) close() {
	if h.process != nil && h.process.Process != nil {
		_ = h.process.Process.Signal(syscall.SIGTERM)
		_ = h.process.Wait()
	}
	_ = os.RemoveAll(h.folder)
}

// room is where lines are written, and the token of who writes and reads.
type room struct{ url, token string }

// room makes a host, lets them host, and opens a room.
func (h *house) room(ctx context.Context) (room, error) {
	account := map[string]any{"handle": "writer", "display_name": "Writer", "email": "writer@example.org", "password": "long enough"}
	session, err := ask(ctx, h.url()+"/api/accounts", nil, account, nil)
	if err != nil {
		return room{}, err
	}
	cookie := http.Header{"Cookie": {session.Get("Set-Cookie")}}
	var made struct{ Secret string }
	if _, err := ask(ctx, h.url()+"/api/me/tokens", cookie, map[string]any{"name": "storm", "scopes": []string{"read", "rooms"}, "expires_in_days": 1}, &made); err != nil {
		return room{}, err
	}
	allow := exec.CommandContext(ctx, h.binary, "admin", "allow", "writer", "--data", filepath.Join(h.folder, "data"))
	if out, err := allow.CombinedOutput(); err != nil {
		return room{}, fmt.Errorf("allow: %w: %s", err, out)
	}
	bearer := http.Header{"Authorization": {"Bearer " + made.Secret}}
	var opened struct{ ID string }
	if _, err := ask(ctx, h.url()+"/api/rooms", bearer, map[string]any{"title": "Storm", "language": "en", "start": true}, &opened); err != nil {
		return room{}, err
	}
	r := room{h.url() + "/api/rooms/" + opened.ID, made.Secret}
	_, err = ask(ctx, r.url+"/join", bearer, nil, nil)
	return r, err
}

// say writes a line; an error leaves open whether it was taken.
func (r room) say(ctx context.Context, text string) error {
	_, err := ask(ctx, r.url+"/notices", http.Header{"Authorization": {"Bearer " + r.token}}, map[string]any{"text": text}, nil)
	return err
}

const askTimeout = 10 * time.Second

func ask(ctx context.Context, url string, header http.Header, body, answer any) (http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var text io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		text = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, text)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Content-Type", "application/json")
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	said, err := io.ReadAll(io.LimitReader(got.Body, 1<<20))
	if err == nil && got.StatusCode >= 300 {
		err = errors.New(got.Status + " " + string(said))
	}
	if err == nil && answer != nil {
		err = json.Unmarshal(said, answer)
	}
	return got.Header, err
}
