package stripesim

import (
	"net/http"
	"time"
)

// accountLink leads a host to the onboarding page, once and for a few minutes.
type accountLink struct {
	Token      string
	Account    string
	RefreshURL string
	ReturnURL  string
	ExpiresAt  int64
	Form       string // the token of the page's form, once the link was followed
}

// linkLives is how long a link can be followed.
const linkLives = 5 * time.Minute

// accountLinkAnswer is a link as the API shows it.
type accountLinkAnswer struct {
	Object    string `json:"object"`
	Created   int64  `json:"created"`
	ExpiresAt int64  `json:"expires_at"`
	URL       string `json:"url"`
}

func createAccountLink(st *state, c *call) (any, error) {
	id := c.need("account")
	c.oneOf("type", "", "account_onboarding")
	c.need("type")
	c.oneOf("collect", "", "currently_due", "eventually_due")
	c.need("refresh_url")
	c.need("return_url")
	l := &accountLink{Token: newID("link"), Account: id, RefreshURL: c.link("refresh_url"), ReturnURL: c.link("return_url"),
		ExpiresAt: st.now.Add(linkLives).Unix()}
	if c.err != nil {
		return nil, c.err
	}
	if _, err := st.account(id); err != nil {
		return nil, err
	}
	st.Links = append(st.Links, l)
	return accountLinkAnswer{"account_link", st.now.Unix(), l.ExpiresAt, st.url + "/setup/s/" + l.Token}, nil
}

// link returns the link that fits.
func (st *state) link(fits func(*accountLink) bool) *accountLink {
	for _, l := range st.Links {
		if fits(l) {
			return l
		}
	}
	return nil
}

// onboardingPage takes a link up. One that was followed before, or is too old,
// leads to its refresh URL, where the platform makes a new one.
func (s *Server) onboardingPage(w http.ResponseWriter, r *http.Request) {
	var view onboardingView
	s.locked(func(st *state) {
		l := st.link(func(l *accountLink) bool { return l.Token == r.PathValue("token") })
		if l == nil {
			return
		}
		a, err := st.account(l.Account)
		view.RefreshURL = l.RefreshURL
		if err != nil || l.Form != "" || l.ExpiresAt <= st.now.Unix() {
			return
		}
		l.Form = newID("form")
		view.Account, view.Email, view.Form, view.ReturnURL = a.ID, string(a.Email), l.Form, l.ReturnURL
	})
	switch {
	case view.Account != "":
		s.show(w, "onboarding", http.StatusOK, view, view.ReturnURL)
	case view.RefreshURL != "":
		http.Redirect(w, r, view.RefreshURL, http.StatusSeeOther)
	default:
		s.show(w, "message", http.StatusNotFound, messageView{Title: "There is no such page"})
	}
}

type onboardingView struct{ Account, Email, Form, RefreshURL, ReturnURL string }

// outcomes are the ways in which somebody leaves the onboarding page, and the
// stage each leads to.
var outcomes = map[string]string{"finish": onboarded, "review": inReview, "leave": ""}

// leaveOnboarding takes what was chosen on the page, and leads back.
func (s *Server) leaveOnboarding(w http.ResponseWriter, r *http.Request) {
	stage, known := outcomes[r.FormValue("outcome")]
	back := ""
	s.locked(func(st *state) {
		l := st.link(func(l *accountLink) bool { return l.Form == r.PathValue("form") })
		if l == nil || !known {
			return
		}
		back = l.ReturnURL
		if a, err := st.account(l.Account); err == nil && stage != "" {
			st.advance(a, stage)
		}
	})
	if back == "" {
		s.show(w, "message", http.StatusNotFound, messageView{Title: "There is no such page"})
		return
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}
