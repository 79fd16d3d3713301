package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"salon/accounts"
	"salon/captions"
	"salon/internal/fault"
	"salon/rooms"
)

// errNoWords refuses the transcript of a room whose words are not kept.
var errNoWords = fault.Define("words-not-kept", fault.Gone)

// transcriptRoutes are a room's words out of the room. They grow while it is
// live.
func (s *Server) transcriptRoutes() {
	for _, format := range []string{"vtt", "srt", "txt", "json"} {
		s.handle("GET /r/{room}/transcript."+format, Access{Level: Anyone}, s.transcript(format))
	}
	s.handle("GET /r/{room}/transcript", Access{Level: Anyone}, http.HandlerFunc(s.transcriptPage))
	s.handle("GET /r/{room}/captions", Access{Level: Anyone}, http.HandlerFunc(s.roomPage))
}

var transcriptTypes = map[string]string{
	"vtt": "text/vtt; charset=utf-8", "srt": "application/x-subrip; charset=utf-8", "txt": "text/plain; charset=utf-8", "json": "application/json",
}

// words is a room's transcript as its reader gets it.
func (s *Server) words(r *http.Request) (room rooms.Room, cues []captions.Cue, err error) {
	id, err := uuid.Parse(r.PathValue("room"))
	if err != nil {
		return room, nil, rooms.ErrNotFound
	}
	if room, err = s.Rooms.Room(r.Context(), id); err != nil {
		return room, nil, err
	}
	if err := s.mayReadWords(r.Context(), room); err != nil {
		return room, nil, err
	}
	cues, err = s.cues(r.Context(), room, r.URL.Query().Get("speaker"))
	return room, cues, err
}

// mayReadWords follows what the host chose: while the room is live whoever is
// in it; afterwards everyone, those who were there, or nobody.
func (s *Server) mayReadWords(ctx context.Context, room rooms.Room) error {
	ended := room.Status() == rooms.Ended
	switch {
	case ended && room.KeepWords == "public":
		return nil
	case ended && room.KeepWords == "live":
		return errNoWords
	case from(ctx).signedIn && !from(ctx).May(accounts.ScopeRead):
		return errScope.With(fault.Params{"scope": accounts.ScopeRead})
	}
	who, err := s.visitor(ctx, room.ID)
	if err != nil {
		return err
	}
	return s.mayRead(ctx, room.ID, who)
}

// cues reads the whole log, page by page; speaker is a handle, or empty.
func (s *Server) cues(ctx context.Context, room rooms.Room, speaker string) (cues []captions.Cue, err error) {
	if room.StartedAt == nil {
		return nil, nil
	}
	for after := int64(0); ; {
		page, err := s.Rooms.Log(ctx, room.ID, after, rooms.MaxLogPage)
		if err != nil || len(page) == 0 {
			return captions.Newest(cues), err
		}
		for _, e := range page {
			if c, ok := cueOf(room, e); ok && (speaker == "" || c.Handle == strings.TrimPrefix(speaker, "@")) {
				cues = append(cues, c)
			}
		}
		after = page[len(page)-1].Seq
	}
}

func cueOf(room rooms.Room, e rooms.LogEntry) (c captions.Cue, ok bool) {
	var line captions.Line
	if e.Kind != rooms.KindCaption || e.Body == nil || json.Unmarshal(e.Body, &line) != nil {
		return c, false
	}
	c = captions.Cue{
		Seq: e.Seq, Text: line.Text, Language: line.Language, Source: line.Source, Segment: line.Segment, Revision: line.Revision,
		Start: line.Start.Sub(*room.StartedAt), End: line.End.Sub(*room.StartedAt),
	}
	if e.Subject != nil {
		c.Speaker, c.Handle = e.Subject.Name, e.Subject.Handle
	}
	return c, true
}

func (s *Server) transcript(format string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		room, cues, err := s.words(r)
		var text bytes.Buffer
		if err == nil {
			err = writeTranscript(&text, format, room, cues)
		}
		if err != nil {
			Refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", transcriptTypes[format])
		w.Header().Set("Content-Language", room.Language)
		w.Header().Set("Cache-Control", "no-store")
		w.Write(text.Bytes())
	}
}

type transcriptCue struct {
	captions.Cue
	StartMS int64 `json:"start_ms"`
	EndMS   int64 `json:"end_ms"`
}

func writeTranscript(w *bytes.Buffer, format string, room rooms.Room, cues []captions.Cue) error {
	switch format {
	case "vtt":
		return captions.WriteVTT(w, room.Language, cues)
	case "srt":
		return captions.WriteSRT(w, cues)
	case "txt":
		return captions.WriteText(w, cues)
	}
	all := make([]transcriptCue, 0, len(cues))
	for _, c := range cues {
		all = append(all, transcriptCue{c, c.Start.Milliseconds(), c.End.Milliseconds()})
	}
	return json.NewEncoder(w).Encode(map[string]any{"room": room.ID, "title": room.Title, "language": room.Language, "status": room.Status(), "cues": all})
}

// plainPages are what pages without scripts have in common.
var plainPages = template.Must(template.New("plain").Parse(`{{define "head"}}<!doctype html>
<html lang="{{.Page}}">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width" />
<title>{{.Title}} · Salon</title>
<style>
body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:1.1rem/1.6 system-ui;color-scheme:light dark;overflow-wrap:anywhere}
dt{font-weight:650;margin-top:1rem}dd{margin:0}dd:target{outline:2px solid;outline-offset:4px}
input,button{font:inherit;min-height:2.5rem}
</style>
</head>
<body>
<p><a href="/">Salon</a></p>
<main>{{end}}{{define "foot"}}</main>
</body>
</html>
{{end}}`))

var transcriptTemplate = template.Must(template.Must(plainPages.Clone()).New("transcript").Parse(`{{template "head" .}}
<h1>{{.Heading}}: {{.Room.Title}}</h1>
<p><a href="/r/{{.Room.ID}}">{{.Back}}</a> · <a href="/search?room={{.Room.ID}}">{{.Search}}</a> · <a href="transcript.vtt">WebVTT</a> · <a href="transcript.srt">SRT</a> · <a href="transcript.txt">TXT</a> · <a href="transcript.json">JSON</a></p>
<dl lang="{{.Room.Language}}">
{{range .Cues}}<dt>{{.Speaker}}</dt><dd id="s{{.Seq}}" lang="{{.Language}}">{{.Text}}{{if gt .Revision 1}} <small lang="{{$.Page}}">({{$.Edited}})</small>{{end}}</dd>
{{else}}<dd lang="{{$.Page}}">{{$.None}}</dd>{{end}}</dl>
{{template "foot" .}}`))

// transcriptPage is the words for whoever runs no scripts.
func (s *Server) transcriptPage(w http.ResponseWriter, r *http.Request) {
	room, cues, err := s.words(r)
	if errors.Is(err, rooms.ErrNotFound) {
		s.missingPage(w, r, err)
		return
	}
	if err != nil {
		Refuse(w, r, err)
		return
	}
	words := wordsOf(r.Context())
	writePlain(w, r, transcriptTemplate, map[string]any{
		"Page": words.tag.String(), "Room": room, "Cues": cues, "Title": room.Title,
		"Heading": words.say("transcript.heading", nil), "Back": words.say("transcript.back", nil), "None": words.say("transcript.none", nil),
		"Edited": words.say("transcript.edited", nil), "Search": words.say("search.heading", nil),
	})
}
