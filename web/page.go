package web

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"salon/accounts"
	"salon/internal/fault"
	"salon/rooms"
	"salon/ticketing"
)

// pageText is what a page says before any script runs, and to whoever runs
// none: a link's preview, a search engine, a reader without JavaScript.
type pageText struct {
	Lang, Title, Description, URL string
	Status                        int
	Room                          *rooms.Room
	Host                          string
	When                          string
	Price                         string
	Stage                         []string
	Listeners                     string
	Profile                       *accounts.Account
	Followers                     string
	Say                           func(string) string
}

//go:embed page.gohtml
var pageSource string

var pageTemplates = template.Must(template.New("page").Parse(pageSource))

// The places of the built page that are filled in; a test holds them against
// the app's own index.html.
const (
	placeLang = `<html lang="en">`
	placeHead = `<title>Salon</title>`
	placeBody = `<div id="app"></div>`
)

// unbuilt is shown when the program was built without the browser app.
const unbuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Salon</title>
<h1>Salon is running</h1><p>This program was built without its pages. Build them with <code>make app</code>, then build the program again.</p>`

func (s *Server) lobbyPage(w http.ResponseWriter, r *http.Request) {
	s.page(w, r, s.textFor(r, http.StatusOK, "Salon", wordsOf(r.Context()).say("page.salon", nil)))
}

// roomPage is a room's permanent address.
func (s *Server) roomPage(w http.ResponseWriter, r *http.Request) {
	text, err := s.roomText(r)
	if errors.Is(err, rooms.ErrNotFound) {
		s.missingPage(w, r, err)
		return
	}
	if err != nil {
		Refuse(w, r, err)
		return
	}
	s.page(w, r, text)
}

func (s *Server) roomText(r *http.Request) (pageText, error) {
	id, err := uuid.Parse(r.PathValue("room"))
	if err != nil {
		return pageText{}, rooms.ErrNotFound
	}
	room, err := s.Rooms.Room(r.Context(), id)
	if err != nil {
		return pageText{}, err
	}
	people, err := s.Rooms.People(r.Context(), id)
	if err != nil {
		return pageText{}, err
	}
	crowd, err := s.Rooms.Crowd(r.Context(), id)
	words := wordsOf(r.Context())
	hosted := words.say("page.hosted", fault.Params{"Name": room.HostName})
	when := roomTime(words, room)
	if err != nil {
		return pageText{}, err
	}
	price, err := s.priceText(r.Context(), id)
	description := hosted + " · " + when
	if price != "" {
		description += " · " + price
	}
	text := s.textFor(r, http.StatusOK, room.Title, description)
	text.Room, text.Host, text.When, text.Price = &room, hosted, when, price
	for _, p := range people {
		if p.Role != rooms.Listener {
			text.Stage = append(text.Stage, p.DisplayName)
		}
	}
	text.Listeners = words.count("page.listeners", crowd.Listeners, nil)
	return text, err
}

// priceText says what a room's seats cost, with everything in it; nothing where
// none are sold.
func (s *Server) priceText(ctx context.Context, room uuid.UUID) (string, error) {
	sale, err := s.Sold.Sale(ctx, room)
	if errors.Is(err, ticketing.ErrNoOffer) || err == nil && sale.CancelledAt != nil {
		return "", nil
	}
	if err != nil || sale.Price == 0 {
		return wordsOf(ctx).say("page.free", nil), err
	}
	price := ticketing.Plain(sale.Price, sale.Currency) + " " + strings.ToUpper(sale.Currency)
	return wordsOf(ctx).say("page.price", fault.Params{"Price": price}), nil
}

// roomTime says when a room is or was, in UTC: before any script runs we do
// not know the reader's clock.
func roomTime(words words, room rooms.Room) string {
	at := func(id string, t *time.Time) string {
		return words.say(id, fault.Params{"When": t.UTC().Format("2006-01-02 15:04") + " UTC"})
	}
	switch {
	case room.CancelledAt != nil:
		return words.say("page.cancelled", nil)
	case room.EndedAt != nil:
		return at("page.ended", room.EndedAt)
	case room.StartedAt != nil:
		return at("page.live", room.StartedAt)
	case room.StartsAt != nil:
		return at("page.starts", room.StartsAt)
	}
	return words.say("page.soon", nil)
}

// profilePage is a person's permanent address, /@handle; the same pattern
// serves the few files that sit beside the page.
func (s *Server) profilePage(w http.ResponseWriter, r *http.Request) {
	handle, ok := strings.CutPrefix(r.PathValue("file"), "@")
	if !ok {
		s.besides(w, r)
		return
	}
	account, err := s.Accounts.ByHandle(r.Context(), handle)
	if errors.Is(err, accounts.ErrNotFound) {
		s.missingPage(w, r, err)
		return
	}
	following, err2 := s.Accounts.Following(r.Context(), account.ID, uuid.Nil)
	if err := errors.Join(err, err2); err != nil {
		Refuse(w, r, err)
		return
	}
	followers := wordsOf(r.Context()).count("page.followers", int(following.Followers), nil)
	text := s.textFor(r, http.StatusOK, account.DisplayName, "@"+account.Handle+" · "+followers)
	text.Profile, text.Followers = &account, followers
	s.page(w, r, text)
}

// missingPage is the app with the refusal in words: whoever followed a link
// still finds the way.
func (s *Server) missingPage(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(r.Context(), err)
	s.page(w, r, s.textFor(r, http.StatusNotFound, p.Detail, p.NextStep))
}

func (s *Server) textFor(r *http.Request, status int, title, description string) pageText {
	words := wordsOf(r.Context())
	return pageText{
		Lang: words.tag.String(), Title: title, Description: description, Status: status,
		URL: s.PublicURL.JoinPath(r.URL.Path).String(),
		Say: func(id string) string { return words.say(id, nil) },
	}
}

// page serves the browser app with the text in its places. The app takes over
// from there and finds its own way by the path.
func (s *Server) page(w http.ResponseWriter, r *http.Request, text pageText) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Language")
	index, err := fs.ReadFile(s.App, "index.html")
	if err != nil {
		index = []byte(unbuilt)
	}
	page, err := fill(string(index), text)
	if err != nil {
		Refuse(w, r, err)
		return
	}
	w.WriteHeader(text.Status)
	w.Write(page)
}

func fill(index string, text pageText) ([]byte, error) {
	var head, body bytes.Buffer
	if err := errors.Join(pageTemplates.ExecuteTemplate(&head, "head", text), pageTemplates.ExecuteTemplate(&body, "body", text)); err != nil {
		return nil, err
	}
	return []byte(strings.NewReplacer(
		placeLang, `<html lang="`+text.Lang+`">`,
		placeHead, head.String(),
		placeBody, `<div id="app">`+body.String()+`</div>`,
	).Replace(index)), nil
}
