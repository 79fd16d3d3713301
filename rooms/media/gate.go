package media

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"salon/internal/fault"
	"salon/rooms"
)

// Refusals of the gate. livekit-client gives up on 401 and 403, and on a 404
// that carries roomAbsent; anything else it tries again.
var (
	ErrToken  = fault.Define("rtc-token", fault.Unauthenticated)
	ErrRights = fault.Define("rtc-rights", fault.Forbidden)
	ErrNoRoom = fault.Define("rtc-room", fault.NotFound)
	ErrDown   = fault.Define("rtc-unavailable", fault.Unavailable)
)

// roomAbsent is the text by which livekit-client knows that a room is over
// (livekit-client 2.23, SignalClient).
const roomAbsent = "requested room does not exist"

// GatePaths are the only paths of the media server that the outside reaches.
var GatePaths = []string{"/rtc", "/rtc/validate", "/rtc/v1", "/rtc/v1/validate"}

// Gate stands in front of the media server's signalling. LiveKit would accept
// any token it or we ever signed, for as long as it lives; the gate lets only
// those through that grant no more than the row does now.
type Gate struct {
	*Control
	refuse func(http.ResponseWriter, *http.Request, error)
}

// NewGate returns the gate, which answers refusals through refuse.
func (c *Control) NewGate(refuse func(http.ResponseWriter, *http.Request, error)) *Gate {
	return &Gate{c, refuse}
}

func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw := bearer(r)
	who, err := g.admit(r.Context(), r, raw)
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	up := upstream{gate: g, path: r.URL.Path, query: r.URL.Query(), token: raw, seat: seatKey{who.run, who.identity}}
	up.query.Del("access_token")
	if strings.HasSuffix(r.URL.Path, "/validate") {
		up.validate(w, r)
		return
	}
	up.join(w, r)
}

func bearer(r *http.Request) string {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return token
	}
	return r.URL.Query().Get("access_token")
}

// admit checks the request against the token and the token against the row.
func (g *Gate) admit(ctx context.Context, r *http.Request, raw string) (claim, error) {
	if !slices.Contains(GatePaths, r.URL.Path) || r.Method != http.MethodGet {
		return claim{}, &fault.Fault{Kind: ErrRights, Cause: errors.New("not a signalling request")}
	}
	// "publish" opens a second participant named identity#value, which bans
	// and permissions by identity would miss.
	if r.URL.Query().Has("publish") {
		return claim{}, &fault.Fault{Kind: ErrRights, Cause: errors.New("publish parameter")}
	}
	who, err := g.readToken(raw, time.Now())
	if err != nil {
		return claim{}, &fault.Fault{Kind: ErrToken, Cause: err}
	}
	return who, g.allowed(ctx, who)
}

// allowed compares what a token grants with what the row grants now.
func (g *Gate) allowed(ctx context.Context, who claim) error {
	if strings.Contains(who.identity, "#") {
		return &fault.Fault{Kind: ErrRights, Cause: errors.New("derived identity")}
	}
	seat, err := g.rowSeat(ctx, who.run, who.identity)
	switch {
	case errors.Is(err, rooms.ErrNotThere):
		return g.stranger(ctx, who.run)
	case err != nil:
		return err
	case !seat.Live:
		return noRoom()
	case seat.Banned:
		return rooms.ErrBanned
	case seat.Suspended:
		return rooms.ErrSuspended
	case exceeds(who.permission, grantOf(seat)):
		return &fault.Fault{Kind: ErrRights, Cause: errors.New("token above the row's role")}
	}
	return nil
}

func (g *Gate) stranger(ctx context.Context, run string) error {
	_, live, err := g.rows.Run(ctx, run)
	if err == nil && !live {
		return noRoom()
	}
	if err == nil {
		err = &fault.Fault{Kind: ErrRights, Cause: errors.New("no seat in this room")}
	}
	return err
}

func noRoom() error {
	return &fault.Fault{Kind: ErrNoRoom, Members: map[string]any{"livekit": roomAbsent}}
}

// upstream is one admitted request on its way to the media server.
type upstream struct {
	gate  *Gate
	path  string
	query url.Values
	token string
	seat  seatKey
}

// target sends the token in the header, so that it is in no log's URL, and
// exactly once, so that what was checked is what is used.
func (u *upstream) target(scheme string) (string, http.Header) {
	to := *u.gate.rtc
	if scheme == "http" {
		to.Scheme = strings.Replace(to.Scheme, "ws", "http", 1)
	}
	to.Path = strings.TrimSuffix(to.Path, "/") + u.path
	to.RawQuery = u.query.Encode()
	return to.String(), http.Header{"Authorization": {"Bearer " + u.token}}
}

// maxAnswer bounds what is read of an answer that is not a socket.
const maxAnswer = 64 << 10

// validate asks the media server whether it would accept the token.
func (u *upstream) validate(w http.ResponseWriter, r *http.Request) {
	answer, err := u.ask(r.Context())
	if err == nil && answer.StatusCode == http.StatusNotFound && u.reopened(r.Context()) {
		answer, err = u.ask(r.Context())
	}
	if err != nil {
		u.gate.refuse(w, r, &fault.Fault{Kind: ErrDown, Cause: err})
		return
	}
	pass(w, answer)
}

func (u *upstream) ask(ctx context.Context) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, rpcTimeout)
	defer cancel()
	target, header := u.target("http")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	request.Header = header
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, err
}

func pass(w http.ResponseWriter, answer *http.Response) {
	defer answer.Body.Close()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(answer.StatusCode)
	io.Copy(w, io.LimitReader(answer.Body, maxAnswer))
}

// join opens the socket to the media server first and the browser's only
// after it, so that a refusal still has an HTTP status.
func (u *upstream) join(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		u.gate.refuse(w, r, &fault.Fault{Kind: ErrRights, Cause: errors.New("not a socket")})
		return
	}
	server, answer, err := u.dial(r.Context())
	if err != nil && answer != nil && answer.StatusCode == http.StatusNotFound && u.reopened(r.Context()) {
		server, answer, err = u.dial(r.Context())
	}
	if err != nil && answer != nil {
		pass(w, answer)
		return
	}
	if err != nil {
		u.gate.refuse(w, r, &fault.Fault{Kind: ErrDown, Cause: err})
		return
	}
	browser, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		server.Close() // Upgrade has answered the browser
		return
	}
	u.gate.carry(r.Context(), u.seat, browser, server)
}

func (u *upstream) dial(ctx context.Context) (*websocket.Conn, *http.Response, error) {
	target, header := u.target("ws")
	return dialer.DialContext(ctx, target, header)
}

// reopened creates the run again when the rows say it is live: a media server
// that restarted has forgotten it, and the browser must not be told it is over.
func (u *upstream) reopened(ctx context.Context) bool {
	_, live, err := u.gate.rows.Run(ctx, u.seat.run)
	return err == nil && live && u.gate.create(ctx, u.seat.run) == nil
}
