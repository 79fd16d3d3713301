package live

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

func TestOriginsW1(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{})
	for _, c := range []struct {
		name    string
		origins []string
		cookie  bool
		in      bool
	}{
		{"ours", []string{page}, true, true},
		{"ours with a token", []string{page}, false, true},
		{"none with a token", nil, false, true},
		{"none with a cookie", nil, true, false},
		{"evil", []string{"https://evil.example"}, true, false},
		{"evil with a token", []string{"https://evil.example"}, false, false},
		{"null", []string{"null"}, true, false},
		{"empty", []string{""}, true, false},
		{"suffix", []string{page + ".evil.example"}, true, false},
		{"prefix", []string{"https://evilsalon.example"}, true, false},
		{"sibling", []string{"https://www.salon.example"}, true, false},
		{"parent", []string{"https://example"}, true, false},
		{"plain http", []string{"http://salon.example"}, true, false},
		{"another port", []string{page + ":8443"}, true, false},
		{"the port that goes without saying", []string{page + ":443"}, true, false},
		{"upper case", []string{"https://SALON.example"}, true, false},
		{"user information", []string{"https://salon.example@evil.example"}, true, false},
		{"user information before ours", []string{"https://evil.example@salon.example"}, true, false},
		{"a path", []string{page + "/"}, true, false},
		{"a space", []string{page + " "}, true, true}, // net/http trims it
		{"two", []string{page, "https://evil.example"}, true, false},
		{"a list", []string{page + ", https://evil.example"}, true, false},
	} {
		query := url.Values{"who": {"0198c0de-0000-7000-8000-000000000001"}}
		if c.cookie {
			query.Set("cookie", "")
		}
		ws, answer, err := websocket.DefaultDialer.Dial(s.url(query), http.Header{"Origin": c.origins})
		if in := err == nil; in != c.in {
			t.Errorf("%s: in %v, want %v", c.name, in, c.in)
		}
		if err == nil {
			ws.Close()
		} else if text, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusForbidden || strings.TrimSpace(string(text)) != "socket-origin" {
			t.Errorf("%s: %d %s", c.name, answer.StatusCode, text)
		}
	}
}

func TestOriginOfAURLIsAsBrowsersWriteIt(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"https://Salon.example/":      "https://salon.example",
		"https://salon.example:443":   "https://salon.example",
		"http://salon.example:80/x":   "http://salon.example",
		"http://127.0.0.1:8080":       "http://127.0.0.1:8080",
		"https://salon.example:80":    "https://salon.example:80",
		"https://me@salon.example/?q": "https://salon.example",
	} {
		u, err := url.Parse(from)
		if err != nil {
			t.Fatal(err)
		}
		if got := OriginOf(u); got != want {
			t.Errorf("%s: %s, want %s", from, got, want)
		}
	}
}

// What is no handshake, or one over HTTP/2, gets an answer and no connection.
func TestOnlyHandshakesAreUpgraded(t *testing.T) {
	t.Parallel()
	s := newStand(t, newMemory(), Limits{})
	for name, change := range map[string]func(*http.Request){
		"a page":           func(r *http.Request) { r.Header.Del("Upgrade") },
		"an old version":   func(r *http.Request) { r.Header.Set("Sec-WebSocket-Version", "8") },
		"no key":           func(r *http.Request) { r.Header.Del("Sec-WebSocket-Key") },
		"a short key":      func(r *http.Request) { r.Header.Set("Sec-WebSocket-Key", "c2hvcnQ=") },
		"another method":   func(r *http.Request) { r.Method = http.MethodPost },
		"extended CONNECT": func(r *http.Request) { r.Method, r.Header[":protocol"] = http.MethodConnect, []string{"websocket"} },
	} {
		r, err := http.NewRequest(http.MethodGet, s.server.URL+"/?who=0198c0de-0000-7000-8000-000000000001", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}}
		change(r)
		r.Header.Del(":protocol")
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", name, answer.StatusCode)
		}
	}
	if n := s.hub.Connections(); n != 0 {
		t.Errorf("%d connections", n)
	}
}
