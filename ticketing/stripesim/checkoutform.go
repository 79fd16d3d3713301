package stripesim

import (
	"net/http"
	"net/mail"
	"regexp"
	"strings"
)

// payForm is the form of one way to pay on the payment page.
type payForm struct {
	Method string
	Title  string
	Fields []*field
}

// field is one input, with what was entered and what is wrong with it.
type field struct {
	Name, Label    string
	Method         string
	Value, Problem string
	Numeric        bool // phones show digits
	Fixed          bool // the shop gave it
}

// ID names the field on the page, where several forms may have one like it.
func (f *field) ID() string { return f.Name + "-" + f.Method }

var titles = map[string]string{"card": "Pay by card", "sepa_debit": "Pay by SEPA debit", "us_bank_account": "Pay from a US bank account"}

// formsOf are the forms of a session's page.
func formsOf(s *session) (forms []*payForm) {
	for _, kind := range s.PaymentMethodTypes {
		f := &payForm{Method: kind, Title: titles[kind]}
		f.add("email", "E-mail").Value = string(s.CustomerEmail)
		f.Fields[0].Fixed = s.CustomerEmail != ""
		switch kind {
		case "card":
			f.add("number", "Card number").Numeric = true
			f.add("expiry", "Expiry date, month and year")
			f.add("cvc", "Security code").Numeric = true
			f.add("name", "Name on the card")
		case "sepa_debit":
			f.add("number", "IBAN")
			f.add("name", "Name of the account's holder")
		case "us_bank_account":
			f.add("number", "Account number").Numeric = true
			f.add("name", "Name of the account's holder")
		}
		forms = append(forms, f)
	}
	return forms
}

func (f *payForm) add(name, label string) *field {
	input := &field{Name: name, Label: label, Method: f.Method}
	f.Fields = append(f.Fields, input)
	return input
}

var (
	expiryPattern = regexp.MustCompile(`^(0?[1-9]|1[0-2]) ?/ ?(20)?[0-9]{2}$`)
	cvcPattern    = regexp.MustCompile(`^[0-9]{3,4}$`)
)

// read takes what was entered, and says in the fields what is wrong with it.
// Numbers and codes are not shown again.
func (f *payForm) read(r *http.Request) (by buyer, ok bool) {
	ok = true
	for _, input := range f.Fields {
		entered := strings.TrimSpace(r.PostFormValue(input.Name))
		if input.Fixed {
			entered = input.Value
		}
		if input.Name != "number" && input.Name != "cvc" {
			input.Value = entered
		}
		input.Problem = by.take(f.Method, input.Name, entered)
		ok = ok && input.Problem == ""
	}
	return by, ok
}

// take keeps what one field says, or returns what is wrong with it.
func (b *buyer) take(kind, name, entered string) (problem string) {
	switch name {
	case "email":
		b.Email = entered
		if _, err := mail.ParseAddress(entered); err != nil {
			return "Enter an e-mail address, such as you@example.com."
		}
	case "name":
		b.Name = entered
		if entered == "" {
			return "Enter a name."
		}
	case "number":
		b.Method, problem = methodOf(kind, entered)
	case "expiry":
		if !expiryPattern.MatchString(entered) {
			return "Enter month and year, such as 12/40."
		}
	case "cvc":
		if !cvcPattern.MatchString(entered) {
			return "Enter the three or four digits on the card."
		}
	}
	return problem
}
