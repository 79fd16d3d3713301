package web

import (
	"strings"
	"testing"
	"time"

	"salon/captions"
	"salon/rooms"
)

// Who may read what was said follows the host's choice, and never lets in whom
// the room keeps out.
func TestWordsAreForThoseTheHostChose(t *testing.T) {
	w := newWorld(t)
	room, _ := w.evening()
	owner, banned := w.actors[host], w.target
	line := captions.Line{Segment: "s", Text: "The words", Start: time.Now(), End: time.Now(), Language: "en", Source: captions.Machine, Revision: 1}
	if err := w.Rooms.Said(w.ctx, room.ID, owner.id, line); err != nil {
		t.Fatal(err)
	}
	at := "/r/" + room.ID.String() + "/transcript"
	read := func(who as, want int) {
		t.Helper()
		for _, address := range []string{at + ".vtt", at + ".srt", at + ".txt", at + ".json", at} {
			got := who.do("GET", address, "")
			if got.status != want || strings.Contains(got.body, "The words") != (want == 200) {
				t.Errorf("%s: %d, want %d", address, got.status, want)
			}
		}
	}
	keep := func(how string) {
		t.Helper()
		owner.do("PATCH", "/api/rooms/"+room.ID.String()+"/rules", `{"keep_words":"`+how+`"}`).got(t, how, 200)
	}
	owner.do("PUT", "/api/rooms/"+room.ID.String()+"/people/"+banned.id.String()+"/ban", "").got(t, "ban", 204)
	keep("public")
	read(w.actors[listener], 200)
	read(w.nobody(), 401)
	read(banned, 403)
	keep("days")
	if _, err := w.Rooms.End(w.ctx, owner.id, room.ID); err != nil {
		t.Fatal(err)
	}
	read(w.actors[listener], 200)
	read(w.nobody(), 401)
	read(w.actors[other], 410)
	read(banned, 410)
	for how, want := range map[string]int{"public": 200, "live": 410} {
		if _, err := w.pool.Exec(w.ctx, `update rooms set keep_words = $1`, how); err != nil {
			t.Fatal(err)
		}
		read(w.nobody(), want)
	}
	if err := w.Rooms.ForgetWords(w.ctx); err != nil {
		t.Fatal(err)
	}
	if entries, err := w.Rooms.Log(w.ctx, room.ID, 0, rooms.MaxLogPage); err != nil || strings.Contains(string(entries[len(entries)-2].Body), "The words") {
		t.Errorf("still in the log: %v", err)
	}
}
