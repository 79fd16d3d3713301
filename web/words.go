package web

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"salon/internal/fault"
)

// wordFiles hold every sentence the server says, one file a language. A kind
// of refusal has its sentence under its slug and what to do under slug.next.
//
//go:embed words/*.json
var wordFiles embed.FS

// Languages are those the server speaks; the first is the one for everyone else.
var Languages = []language.Tag{language.English, language.French}

var (
	bundle  = mustLoadWords()
	matcher = language.NewMatcher(Languages)
)

func mustLoadWords() *i18n.Bundle {
	b := i18n.NewBundle(Languages[0])
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, tag := range Languages {
		if _, err := b.LoadMessageFileFS(wordFiles, "words/"+tag.String()+".json"); err != nil {
			panic(fmt.Sprintf("web: words: %v", err))
		}
	}
	return b
}

// words says sentences in one language.
type words struct {
	tag       language.Tag
	localizer *i18n.Localizer
}

func wordsIn(tag language.Tag) words {
	return words{tag, i18n.NewLocalizer(bundle, tag.String())}
}

// say fills in a sentence. One without a sentence is a mistake of ours that a
// test finds; its name is better than nothing.
func (w words) say(id string, params fault.Params) string {
	text, err := w.localizer.Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: params})
	if err != nil {
		return id
	}
	return text
}

// count is say for what depends on a number, which the sentence calls Count.
func (w words) count(id string, n int, params fault.Params) string {
	all := fault.Params{"Count": n}
	for name, value := range params {
		all[name] = value
	}
	text, err := w.localizer.Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: all, PluralCount: n})
	if err != nil {
		return id
	}
	return text
}

type wordsKey struct{}

func wordsOf(ctx context.Context) words {
	if w, ok := ctx.Value(wordsKey{}).(words); ok {
		return w
	}
	return wordsIn(Languages[0])
}

// accepted picks the language for a request.
func accepted(r *http.Request) words {
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		tags = nil
	}
	_, index, _ := matcher.Match(tags...)
	return wordsIn(Languages[index])
}
