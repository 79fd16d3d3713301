package web

import (
	"context"
	"net"
	"net/http"
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
		who, err := s.identify(r)
		if err == nil || access.Level == Anyone && fault.Of(err) != nil {
			err = s.permit(access, who)
		}
		if err != nil {
			Refuse(w, r, err)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requesterKey{}, who)))
	})
}

func (s *Server) permit(access Access, who requester) error {
	if wait := s.limiter.wait(access.Guess, who); wait > 0 {
		return &fault.Fault{Kind: errTooMany, RetryAfter: wait}
	}
	switch {
	case access.Level == Anyone:
		return nil
	case !who.signedIn:
		return errSignIn
	case access.Level == SignedIn && !who.May(access.Scope):
		return errScope.With(fault.Params{"scope": access.Scope})
	case access.Level != SignedIn && !who.HasSession():
		return errSession
	case access.Level == Admin && !who.Admin:
		return errAdmin
	}
	return nil
}

// identify reads the credential, if one was sent. An API token goes before
// the cookie, because it was put there on purpose.
func (s *Server) identify(r *http.Request) (requester, error) {
	who := requester{address: addressOf(r), device: deviceOf(r)}
	var err error
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && !s.isSignalling(r) {
		who.Caller, err = s.Accounts.ByToken(r.Context(), token)
	} else if cookie, e := r.Cookie(cookieName(s.secure())); e == nil {
		who.Caller, err = s.Accounts.BySession(r.Context(), cookie.Value)
	} else {
		return who, nil
	}
	who.signedIn = err == nil
	return who, err
}

// isSignalling says whether the bearer token is the media server's, not ours.
func (s *Server) isSignalling(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/rtc") || strings.HasPrefix(r.URL.Path, "/webhooks/")
}

func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
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
