package stripesim_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v76"
)

func TestPaymentPage(t *testing.T) {
	b := setup(t)
	p := b.ticket(b.seller())
	p.PaymentMethodTypes, p.CustomerEmail = stripe.StringSlice([]string{"card", "us_bank_account"}), nil
	p.LineItems[0].PriceData.ProductData.Name = stripe.String("<script>alert(1)</script>")
	s := b.open(p)
	page := b.browse(s.URL, nil)
	want(t, "status", page.status, http.StatusOK)
	for _, text := range []string{"Simulation.", "20.00 USD", "&lt;script&gt;", `lang="en"`, "width=device-width", `href="http://127.0.0.1:1/back"`} {
		if !strings.Contains(page.body, text) {
			t.Errorf("the page lacks %s", text)
		}
	}
	labelled(t, page.body)
	paid := b.browse(s.URL, cardForm(goodCard))
	want(t, "status", paid.status, http.StatusSeeOther)
	want(t, "leads to", paid.location, "http://127.0.0.1:1/paid?session="+s.ID)
	again := b.browse(s.URL, cardForm(goodCard))
	want(t, "paying again", again.status, http.StatusOK)
	if !strings.Contains(again.body, "done already") {
		t.Error(again.body)
	}
	want(t, "no such session", b.browse(b.sim.URL()+"/c/pay/cs_test_none", nil).status, http.StatusNotFound)
}

var (
	inputs = regexp.MustCompile(`<input id="([^"]+)"`)
	ids    = regexp.MustCompile(` id="([^"]+)"`)
)

// labelled checks that every field has its label and no id is there twice.
func labelled(t *testing.T, page string) {
	t.Helper()
	found := inputs.FindAllStringSubmatch(page, -1)
	if len(found) == 0 {
		t.Error("the page has no fields")
	}
	for _, m := range found {
		if !strings.Contains(page, `<label for="`+m[1]+`">`) {
			t.Errorf("%s has no label", m[1])
		}
	}
	seen := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(page, -1) {
		if seen[m[1]] {
			t.Errorf("%s is there twice", m[1])
		}
		seen[m[1]] = true
	}
}

// What is entered wrongly is named at its field, and nothing is tried.
func TestPageFields(t *testing.T) {
	b := setup(t)
	p := b.ticket("")
	p.CustomerEmail = nil
	s := b.open(p)
	for name, c := range map[string]struct{ field, value, problem string }{
		"mail":          {"email", "noor", "email-card"},
		"name":          {"name", " ", "name-card"},
		"mistyped":      {"number", "4242 4242 4242 4241", "number-card"},
		"a real number": {"number", "4111111111111111", "number-card"},
		"letters":       {"number", "forty-two", "number-card"},
		"month":         {"expiry", "13/40", "expiry-card"},
		"code":          {"cvc", "12", "cvc-card"},
	} {
		form := cardForm(goodCard)
		form.Set(c.field, c.value)
		page := b.browse(s.URL, form)
		want(t, name, page.status, http.StatusUnprocessableEntity)
		for _, text := range []string{`role="alert"`, `href="#` + c.problem + `"`, `aria-describedby="` + c.problem + `-problem"`, `id="` + c.problem + `-problem"`} {
			if !strings.Contains(page.body, text) {
				t.Errorf("%s: the page lacks %s", name, text)
			}
		}
		if strings.Contains(page.body, `value="`+form.Get("number")) {
			t.Errorf("%s: the number is shown again", name)
		}
	}
	want(t, "another way to pay", b.browse(s.URL, bankForm("us_bank_account", goodAccount)).status, http.StatusUnprocessableEntity)
	now := b.getSession(s.ID)
	want(t, "status", now.Status, stripe.CheckoutSessionStatusOpen)
	if now.PaymentIntent != nil {
		t.Error("a payment was tried")
	}
}

// The shop's address of the buyer stands, whatever is sent.
func TestShopsEmailStands(t *testing.T) {
	b := setup(t)
	s := b.open(b.ticket(""))
	form := cardForm(goodCard)
	form.Set("email", "other@example.com")
	b.pay(s, form)
	want(t, "buyer", b.getSession(s.ID).CustomerDetails.Email, "noor@example.com")
}

func TestDeclinedCards(t *testing.T) {
	b := setup(t)
	hook := b.listen(false, "payment_intent.payment_failed", "charge.failed", "checkout.session.completed")
	for number, c := range map[string]struct {
		code    stripe.ErrorCode
		decline stripe.DeclineCode
	}{
		declinedCard:       {stripe.ErrorCodeCardDeclined, "generic_decline"},
		"4000000000009995": {stripe.ErrorCodeCardDeclined, "insufficient_funds"},
		"4000000000009987": {stripe.ErrorCodeCardDeclined, "lost_card"},
		"4000000000009979": {stripe.ErrorCodeCardDeclined, "stolen_card"},
		"4000000000000069": {stripe.ErrorCodeExpiredCard, ""},
		"4000000000000127": {stripe.ErrorCodeIncorrectCVC, ""},
		"4000000000000119": {stripe.ErrorCodeProcessingError, ""},
	} {
		s := b.open(b.ticket(""))
		page := b.browse(s.URL, cardForm(number))
		want(t, number, page.status, http.StatusPaymentRequired)
		labelled(t, page.body)
		now := b.getSession(s.ID)
		want(t, number+": status", now.Status, stripe.CheckoutSessionStatusOpen)
		pi := now.PaymentIntent
		want(t, number+": payment", pi.Status, stripe.PaymentIntentStatusRequiresPaymentMethod)
		want(t, number+": code", pi.LastPaymentError.Code, c.code)
		want(t, number+": decline code", pi.LastPaymentError.DeclineCode, c.decline)
		want(t, number+": charge", pi.LatestCharge.Status, stripe.ChargeStatusFailed)
		if !strings.Contains(page.body, strings.ReplaceAll(pi.LastPaymentError.Msg, "'", "&#39;")) {
			t.Errorf("%s: the page does not say %q", number, pi.LastPaymentError.Msg)
		}
		same(t, "events", hook.types(), []string{"charge.failed", "payment_intent.payment_failed"})

		b.pay(s, cardForm(goodCard)) // another card pays the same payment
		paid := b.getSession(s.ID)
		want(t, number+": afterwards", paid.PaymentStatus, stripe.CheckoutSessionPaymentStatusPaid)
		want(t, number+": payment", paid.PaymentIntent.ID, pi.ID)
		hook.types()
	}
	b.holds("", "usd", 7*1912) // only what was paid
}

func TestDeclineNext(t *testing.T) {
	b := setup(t)
	s := b.open(b.ticket(""))
	b.ok(b.control.DeclineNext(b.ctx, "insufficient_funds"))
	want(t, "a good card", b.browse(s.URL, cardForm(goodCard)).status, http.StatusPaymentRequired)
	b.pay(s, cardForm(goodCard))
	if err := b.control.DeclineNext(b.ctx, "no_such_code"); err == nil {
		t.Error("an unknown decline was taken")
	}
}

// The page's own rules: no script, no other site, and on to the shop only.
func TestPageIsShut(t *testing.T) {
	b := setup(t)
	s := b.open(b.ticket(""))
	u, err := url.Parse(s.URL)
	b.ok(err)
	_, _, header := b.raw("GET", u.Path, func(*http.Request) {})
	policy := header.Get("Content-Security-Policy")
	for _, rule := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self' http://127.0.0.1:1"} {
		if !strings.Contains(policy, rule) {
			t.Errorf("the policy lacks %s: %s", rule, policy)
		}
	}
	want(t, "cached", header.Get("Cache-Control"), "no-store")
	status, css, _ := b.raw("GET", "/pages.css", func(*http.Request) {})
	want(t, "style", status, http.StatusOK)
	if !strings.Contains(css, "max-width") {
		t.Error("no style")
	}
}
