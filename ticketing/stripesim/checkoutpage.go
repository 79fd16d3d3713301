package stripesim

import (
	"errors"
	"net/http"
	"strings"
)

// checkoutView is what the payment page shows.
type checkoutView struct {
	Items    []item
	Total    int64
	Currency string
	Back     string
	Forms    []*payForm
}

// Problems are the fields in which something is to be mended.
func (v checkoutView) Problems() (all []*field) {
	for _, form := range v.Forms {
		for _, f := range form.Fields {
			if f.Problem != "" {
				all = append(all, f)
			}
		}
	}
	return all
}

func viewOf(s *session) checkoutView {
	return checkoutView{Items: s.Items, Total: s.AmountTotal, Currency: s.Currency, Back: string(s.CancelURL), Forms: formsOf(s)}
}

// form is the form of a way to pay, nil when it is not offered.
func (v checkoutView) form(method string) *payForm {
	for _, f := range v.Forms {
		if f.Method == method {
			return f
		}
	}
	return nil
}

// checkoutPage shows the payment page, or why there is none.
func (s *Server) checkoutPage(w http.ResponseWriter, r *http.Request) {
	found, ok := s.sessionAt(r)
	if !ok || found.Status != "open" {
		s.closedPage(w, found, ok)
		return
	}
	s.show(w, "checkout", http.StatusOK, viewOf(&found), found.SuccessURL)
}

// sessionAt is the session a page is for, as it is now.
func (s *Server) sessionAt(r *http.Request) (found session, ok bool) {
	s.locked(func(st *state) {
		if c, err := find[*session](st, "", r.PathValue("id"), "checkout.session", "session"); err == nil {
			found, ok = *c, true
		}
	})
	return found, ok
}

func (s *Server) closedPage(w http.ResponseWriter, found session, ok bool) {
	switch {
	case !ok:
		s.show(w, "message", http.StatusNotFound, messageView{Title: "There is no such page"})
	case found.Status == "complete":
		s.show(w, "message", http.StatusOK, messageView{Title: "This is done already", Text: "You do not need to pay again.", Link: found.success(), Label: "Continue"})
	default:
		s.show(w, "message", http.StatusGone, messageView{Title: "The time to pay is over", Text: "Nothing was paid.", Link: string(found.CancelURL), Label: "Back to the shop"})
	}
}

// success is where a buyer who paid is sent.
func (s *session) success() string {
	return strings.ReplaceAll(s.SuccessURL, "{CHECKOUT_SESSION_ID}", s.ID)
}

// checkoutForm takes what was filled in on the payment page.
func (s *Server) checkoutForm(w http.ResponseWriter, r *http.Request) {
	found, ok := s.sessionAt(r)
	if !ok || found.Status != "open" {
		s.closedPage(w, found, ok)
		return
	}
	view := viewOf(&found)
	form := view.form(r.PostFormValue("method"))
	if form == nil {
		s.show(w, "message", http.StatusUnprocessableEntity, messageView{Title: "This is no way to pay here"})
		return
	}
	by, ok := form.read(r)
	if !ok {
		s.show(w, "checkout", http.StatusUnprocessableEntity, view, found.SuccessURL)
		return
	}
	var err error
	s.locked(func(st *state) { err = st.pay(st.index[found.ID].(*session), by) })
	var refused declinedError
	switch {
	case err == nil:
		http.Redirect(w, r, found.success(), http.StatusSeeOther)
	case errors.As(err, &refused):
		form.number().Problem = refused.message
		s.show(w, "checkout", http.StatusPaymentRequired, view, found.SuccessURL)
	case errors.Is(err, errSeller):
		s.show(w, "message", http.StatusConflict, messageView{Title: "Something went wrong", Text: "The seller cannot be paid now. Nothing was taken from you.", Link: string(found.CancelURL), Label: "Back to the shop"})
	default: // somebody else was faster
		s.checkoutPage(w, r)
	}
}

func (f *payForm) number() *field {
	for _, input := range f.Fields {
		if input.Name == "number" {
			return input
		}
	}
	panic("stripesim: a form without a number")
}
