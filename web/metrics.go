package web

import "net/http"

func (s *Server) metricsRoutes() {
	s.handle("GET /metrics", Access{Level: Anyone}, http.HandlerFunc(s.metrics))
}

// metrics shows the server's figures to programs that watch over it on this
// machine, and to admins: they tell how busy people are here.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	who := from(r.Context())
	switch {
	case who.local:
		s.Metrics.ServeHTTP(w, r)
	case !who.signedIn:
		Refuse(w, r, errSignIn)
	case !who.HasSession():
		Refuse(w, r, errSession)
	case !who.Admin:
		Refuse(w, r, errAdmin)
	default:
		s.Metrics.ServeHTTP(w, r)
	}
}
