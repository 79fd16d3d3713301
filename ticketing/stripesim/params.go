package stripesim

import (
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// params are the form values of one request, read by the names Stripe's
// reference gives them, such as line_items[0][price_data][currency]. The first
// thing wrong with them is kept in err; readers return zero values then.
type params struct {
	form url.Values
	err  *apiError
}

func (p *params) fail(err *apiError) {
	if p.err == nil {
		p.err = err
	}
}

func (p *params) has(name string) bool { return p.form.Get(name) != "" }

func (p *params) text(name string) string { return p.form.Get(name) }

// need reads a value that must be there.
func (p *params) need(name string) string {
	if !p.has(name) {
		p.fail(missingParam(name))
	}
	return p.text(name)
}

// integer reads a whole number; fallback when there is none.
func (p *params) integer(name string, fallback int64) int64 {
	if !p.has(name) {
		return fallback
	}
	n, err := strconv.ParseInt(p.text(name), 10, 64)
	if err != nil {
		p.fail(malformed("parameter_invalid_integer", name, "Invalid integer: %s", p.text(name)))
	}
	return n
}

// positive reads a number above 0 that must be there.
func (p *params) positive(name string) int64 {
	p.need(name)
	n := p.integer(name, 0)
	if n < 1 {
		p.fail(malformed("parameter_invalid_integer", name, "This value must be greater than or equal to 1."))
	}
	return n
}

func (p *params) flag(name string) bool {
	switch p.text(name) {
	case "", "false":
		return false
	case "true":
		return true
	}
	p.fail(malformed("", name, "Invalid boolean: %s", p.text(name)))
	return false
}

// oneOf reads a value that is one of some; fallback when there is none.
func (p *params) oneOf(name, fallback string, among ...string) string {
	value := p.text(name)
	if value == "" {
		return fallback
	}
	for _, a := range among {
		if value == a {
			return value
		}
	}
	p.fail(malformed("", name, "Invalid %s: must be one of %s", name, strings.Join(among, ", ")))
	return fallback
}

// link reads a URL that browsers can follow.
func (p *params) link(name string) string {
	text := p.text(name)
	if u, err := url.Parse(text); text != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		p.fail(malformed("url_invalid", name, "Not a valid URL"))
	}
	return text
}

// texts reads a list of plain values: name[0], name[1] … or name[] repeated.
func (p *params) texts(name string) []string {
	all := append([]string{}, p.form[name+"[]"]...)
	for i := 0; p.has(at(name, i)); i++ {
		all = append(all, p.text(at(name, i)))
	}
	return all
}

// items returns the prefixes of a list of objects: name[0], name[1] …
func (p *params) items(name string) (prefixes []string) {
	for i := 0; p.hasUnder(at(name, i)); i++ {
		prefixes = append(prefixes, at(name, i))
	}
	return prefixes
}

func (p *params) hasUnder(prefix string) bool {
	for key := range p.form {
		if strings.HasPrefix(key, prefix+"[") {
			return true
		}
	}
	return false
}

// email reads an address that mail can be sent to.
func (p *params) email(name string) string {
	text := p.text(name)
	if _, err := mail.ParseAddress(text); text != "" && err != nil {
		p.fail(malformed("email_invalid", name, "Invalid email address: %s", text))
	}
	return text
}

// checkMetadata holds what the caller keeps with a thing to Stripe's bounds.
func checkMetadata(form url.Values) error {
	count := map[string]int{}
	for name, values := range form {
		of, key, ok := strings.Cut(name, "metadata[")
		if !ok {
			continue
		}
		count[of]++
		if count[of] > 50 {
			return malformed("", of+"metadata", "You can have at most 50 metadata keys.")
		}
		if len(key) > 40+len("]") || len(values[0]) > 500 {
			return malformed("", name, "Metadata keys can be up to 40 characters long, and values up to 500.")
		}
	}
	return nil
}

// merge changes metadata; an empty value takes its key away.
func merge(metadata, changes map[string]string) {
	maps.Copy(metadata, changes)
	maps.DeleteFunc(metadata, func(_, value string) bool { return value == "" })
}

// pairs reads a flat object.
func (p *params) pairs(name string) map[string]string {
	all := map[string]string{}
	for key, values := range p.form {
		rest, ok := strings.CutPrefix(key, name+"[")
		if inner, closed := strings.CutSuffix(rest, "]"); ok && closed && !strings.Contains(inner, "[") {
			all[inner] = values[0]
		}
	}
	return all
}

func at(name string, i int) string { return fmt.Sprintf("%s[%d]", name, i) }

// known is a list of parameter names an endpoint understands. [] in a name
// stands for a place in a list, [*] for any key.
type known struct{ names *regexp.Regexp }

func knows(names string) known {
	pattern := regexp.QuoteMeta(names + " expand[]")
	pattern = strings.NewReplacer(`\[\]`, `\[\d*\]`, `\[\*\]`, `\[[^\[\]]+\]`, " ", "|").Replace(pattern)
	return known{regexp.MustCompile("^(?:" + pattern + ")$")}
}

// check refuses a name that is not known, as Stripe does. The zero value takes
// everything.
func (k known) check(form url.Values) error {
	if k.names == nil {
		return nil
	}
	for name := range form {
		if !k.names.MatchString(name) {
			return malformed("parameter_unknown", name, "Received unknown parameter: %s", name)
		}
	}
	return nil
}
