package live

import (
	"net/http"
	"net/url"
	"strings"

	"salon/internal/fault"
)

// Refusals of a handshake, beside those of the source.
var (
	errOrigin   = fault.Define("socket-origin", fault.Forbidden)
	errNoSocket = fault.Define("socket-only", fault.Invalid)
	errStopping = fault.Define("server-stopping", fault.Unavailable) // with RetryAfter
)

// OriginOf is the origin of a URL as browsers write it: in lower case, without
// the port that goes without saying.
func OriginOf(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	return scheme + "://" + host
}

// mayOpen says whether the page that asks is ours. Who sends no origin is no
// page, unless the credential is one that browsers send by themselves.
func (h *Hub) mayOpen(r *http.Request, v Visitor) bool {
	sent := r.Header.Values("Origin")
	if len(sent) == 0 {
		return !v.Cookie
	}
	return len(sent) == 1 && sent[0] == h.Origin(r)
}
