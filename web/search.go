package web

import (
	"bytes"
	"context"
	"html/template"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"salon/accounts"
	"salon/internal/fault"
	"salon/rooms"
)

// maxSearch bounds what one may search for, in characters.
const maxSearch = 200

type searchInput struct {
	Words string    `query:"q" maxLength:"200" doc:"all of them; words in quotes follow one another"`
	Room  uuid.UUID `query:"room" format:"uuid" doc:"only there"`
}

type searchOutput struct {
	Body struct {
		Lines []foundLine `json:"lines" doc:"newest first, at most 50"`
	}
}

type foundLine struct {
	Room    uuid.UUID `json:"room"`
	Title   string    `json:"title"`
	Seq     int64     `json:"seq" doc:"number of the line's first entry"`
	At      time.Time `json:"at"`
	Speaker string    `json:"speaker"`
	Text    string    `json:"text"`
	Lang    string    `json:"language"`
	URL     string    `json:"url" doc:"of the line in the transcript"`
}

// searchRoutes find what was said, in all rooms whose transcripts the caller
// may read.
func (s *Server) searchRoutes() {
	op(s, Access{Level: Anyone}, describe("search-words", http.MethodGet, "/api/words", "Find what was said", "Captions"), s.searchWords)
	s.handle("GET /search", Access{Level: Anyone}, http.HandlerFunc(s.searchPage))
}

func (s *Server) searchWords(ctx context.Context, in *searchInput) (*searchOutput, error) {
	found, err := s.find(ctx, in.Room, in.Words)
	out := &searchOutput{}
	out.Body.Lines = found
	return out, err
}

// find searches as the caller. A token that may not read finds what is public.
func (s *Server) find(ctx context.Context, room uuid.UUID, words string) ([]foundLine, error) {
	reader := viewer(ctx)
	if !from(ctx).May(accounts.ScopeRead) {
		reader = uuid.Nil
	}
	found, err := s.Rooms.Search(ctx, reader, room, words)
	lines := make([]foundLine, 0, len(found))
	for _, f := range found {
		lines = append(lines, foundLine{
			Room: f.RoomID, Title: f.Title, Seq: f.Seq, At: f.At, Speaker: f.Speaker, Text: f.Text, Lang: f.Lang, URL: lineURL(f),
		})
	}
	return lines, err
}

// lineURL leads to the line in its transcript.
func lineURL(f rooms.Found) string {
	return "/r/" + f.RoomID.String() + "/transcript#s" + strconv.FormatInt(f.Seq, 10)
}

var searchTemplate = template.Must(template.Must(plainPages.Clone()).New("search").Parse(`{{template "head" .}}
<h1>{{.Heading}}</h1>
<form role="search">
<label for="q">{{.Label}}</label>
<input id="q" name="q" type="search" maxlength="200" value="{{.Query}}" />
{{if .Room}}<input type="hidden" name="room" value="{{.Room}}" />{{end}}
<button>{{.Button}}</button>
</form>
{{if .Query}}<p role="status">{{.Count}}</p>{{end}}
<dl>
{{range .Lines}}<dt><a href="{{.URL}}">{{.Title}}</a> · <time datetime="{{.At.Format "2006-01-02T15:04:05Z07:00"}}">{{.At.Format "2006-01-02 15:04"}} UTC</time></dt><dd lang="{{.Lang}}">{{with .Speaker}}<b>{{.}}</b> {{end}}{{.Text}}</dd>
{{end}}</dl>
{{template "foot" .}}`))

// searchPage is the search for whoever runs no scripts, and for everyone else.
func (s *Server) searchPage(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query().Get("q")
	room, _ := uuid.Parse(r.URL.Query().Get("room")) // nonsense searches all rooms
	if !utf8.ValidString(query) || utf8.RuneCountInString(query) > maxSearch {
		Refuse(w, r, fault.BadField("q"))
		return
	}
	lines, err := s.find(r.Context(), room, query)
	if err != nil {
		Refuse(w, r, err)
		return
	}
	for i := range lines {
		lines[i].At = lines[i].At.UTC()
	}
	words := wordsOf(r.Context())
	page := map[string]any{
		"Page": words.tag.String(), "Title": words.say("search.heading", nil), "Heading": words.say("search.heading", nil),
		"Label": words.say("search.label", nil), "Button": words.say("search.button", nil), "Query": query, "Lines": lines,
		"Count": words.say("search.count", fault.Params{"count": len(lines)}),
	}
	if room != uuid.Nil {
		page["Room"] = room
	}
	writePlain(w, r, searchTemplate, page)
}

// writePlain writes a page that needs no scripts.
func writePlain(w http.ResponseWriter, r *http.Request, page *template.Template, data any) {
	var text bytes.Buffer
	if err := page.Execute(&text, data); err != nil {
		Refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept-Language")
	w.Write(text.Bytes())
}
