package stripesim

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed pages
var pageFiles embed.FS

var pageTemplates = template.Must(template.New("").Funcs(template.FuncMap{"amount": formatAmount}).ParseFS(pageFiles, "pages/*.gohtml"))

// messageView is a page that only says something.
type messageView struct {
	Title, Text string
	Link, Label string // where to go from here, if anywhere
}

// show writes a page. Its form may lead to us and to where we send the browser
// on: browsers hold redirects after a form to that rule too.
func (s *Server) show(w http.ResponseWriter, name string, status int, view any, onward ...string) {
	var page bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&page, name, view); err != nil {
		s.config.Log.Error("simulated Stripe: page not shown", "page", name, "error", err)
		http.Error(w, "The simulator failed: "+err.Error(), http.StatusInternalServerError)
		return
	}
	sources := []string{"'self'"}
	for _, text := range onward {
		if u, err := url.Parse(text); err == nil && u.Host != "" {
			sources = append(sources, u.Scheme+"://"+u.Host)
		}
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action "+strings.Join(sources, " "))
	w.WriteHeader(status)
	w.Write(page.Bytes())
}

// style serves the one style sheet of the pages.
func style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, pageFiles, "pages/pages.css")
}
