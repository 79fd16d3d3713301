package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/uuid"

	"salon/accounts"
	"salon/internal/fault"
)

// Refusals of the edge itself.
var (
	errSignIn    = fault.Define("sign-in-first", fault.Unauthenticated)
	errScope     = fault.Define("token-scope", fault.Forbidden)
	errSession   = fault.Define("session-only", fault.Forbidden)
	errAdmin     = fault.Define("admins-only", fault.Forbidden)
	errCrossSite = fault.Define("cross-site", fault.Forbidden)
	errTooMany   = fault.Define("too-many-requests", fault.TooMany)
	errNoPage    = fault.Define("page-not-found", fault.NotFound)
	errNoTime    = fault.Define("room-without-time", fault.NotFound)
)

// requester is what we know of who sent the request.
type requester struct {
	accounts.Caller
	signedIn bool
	address  string
	device   string
	local    bool   // sits at this machine
	guest    string // secret of somebody without an account; "" without

	guestCookie bool // it came as a cookie
}

type requesterKey struct{}

// from returns who sent the request that ctx belongs to.
func from(ctx context.Context) requester {
	r, _ := ctx.Value(requesterKey{}).(requester)
	return r
}

// viewer is the account looking, or uuid.Nil.
func viewer(ctx context.Context) uuid.UUID { return from(ctx).AccountID }

// guard checks a route's rule before its handler runs.
func (s *Server) guard(access Access, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := requester{address: s.addressOf(r), device: deviceOf(r), local: atThisMachine(r)}
		if err := s.admit(access, &who, w, r); err != nil {
			Refuse(w, r, err)
			return
		}
		if access.Level != Blind { // those bound their bodies themselves
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requesterKey{}, who)))
	})
}

// admit finds out who asks and whether they may. A credential that is no good
// makes nobody of its sender, who is counted by address.
func (s *Server) admit(access Access, who *requester, w http.ResponseWriter, r *http.Request) error {
	if access.Level == Blind {
		if access.Unlimited {
			return nil
		}
		return s.permit(access, *who)
	}
	bad := s.identify(who, w, r)
	if bad != nil && fault.Of(bad) == nil {
		return bad
	}
	if access.Level == Attending && who.guest != "" {
		bad = nil // a session that ran out does not keep a guest out
	}
	if err := s.permit(access, *who); bad == nil || access.Level == Anyone || errors.Is(err, errTooMany) {
		return err
	}
	return bad
}

func (s *Server) permit(access Access, who requester) error {
	if wait := s.limiter.wait(access, who); wait > 0 {
		return &fault.Fault{Kind: errTooMany, RetryAfter: wait}
	}
	switch {
	case access.Level == Anyone || access.Level == Blind:
		return nil
	case access.Level == Attending && who.guest == "" && !who.signedIn:
		return errComeIn
	case access.Level == Attending && !who.signedIn:
		return nil
	case !who.signedIn:
		return errSignIn
	case (access.Level == SignedIn || access.Level == Attending) && !who.May(access.Scope):
		return errScope.With(fault.Params{"scope": access.Scope})
	case access.Level > SignedIn && !who.HasSession():
		return errSession
	case access.Level == Admin && !who.Admin:
		return errAdmin
	case who.MustVerify && !access.Unverified:
		return accounts.ErrUnproved
	}
	return nil
}

// identify reads the credential, if one was sent. An API token goes before
// the cookie, because it was put there on purpose.
func (s *Server) identify(who *requester, w http.ResponseWriter, r *http.Request) (err error) {
	who.guest = s.guestSecretOf(r)
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	who.guestCookie = !ok
	if ok && strings.HasPrefix(token, guestPrefix) {
		return nil
	}
	if ok {
		who.Caller, err = s.Accounts.ByToken(r.Context(), token)
	} else if cookie, e := r.Cookie(cookieName(s.secure())); e == nil {
		who.Caller, err = s.Accounts.BySession(r.Context(), cookie.Value)
		if who.Renewed { // the browser keeps it as long as we do
			renewed := s.cookie(cookie.Value)
			http.SetCookie(w, &renewed)
		}
	} else {
		return nil
	}
	who.signedIn = err == nil
	return err
}

// addressOf is where a request comes from. Behind proxies that are trusted it
// is the last address they name that is not one of theirs.
func (s *Server) addressOf(r *http.Request) string {
	host := remoteHost(r)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(host); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		host = hop.Unmap().String()
	}
	return host
}

// remoteHost is who is at the other end of the connection.
func remoteHost(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func (s *Server) trusted(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(s.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(address.Unmap()) })
}

// maxDevice bounds what we keep of a browser's name.
const maxDevice = 200

func deviceOf(r *http.Request) string {
	device := strings.ToValidUTF8(strings.ReplaceAll(r.UserAgent(), "\x00", ""), "")
	if len(device) > maxDevice {
		device = strings.ToValidUTF8(device[:maxDevice], "")
	}
	return device
}

func (s *Server) secure() bool { return s.PublicURL.Scheme == "https" }

// cookieName follows the public URL: the __Host- prefix binds the cookie to
// this host and to HTTPS, and browsers refuse it over plain HTTP.
func cookieName(secure bool) string {
	if secure {
		return "__Host-salon"
	}
	return "salon"
}

func (s *Server) cookie(secret string) http.Cookie {
	c := http.Cookie{
		Name: cookieName(s.secure()), Value: secret, Path: "/", HttpOnly: true, Secure: s.secure(),
		SameSite: http.SameSiteLaxMode, MaxAge: int(accounts.SessionLife.Seconds()),
	}
	if secret == "" {
		c.MaxAge = -1
	}
	return c
}
