package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// A captioner takes over, writes a line and corrects it: the transcript has the
// newest revision, marked, and the search leads to it.
func TestACaptionerWritesAndCorrects(t *testing.T) {
	w := newWorld(t)
	room, _ := w.evening()
	at, owner, captioner, speaking := "/api/rooms/"+room.ID.String(), w.actors[host], w.actors[listener], w.actors[speaker].id.String()
	segment := uuid.NewString()
	line := func(text string) string {
		return `{"segment":"` + segment + `","speaker":"` + speaking + `","text":"` + text + `"}`
	}
	captioner.do("POST", at+"/captions", line("x")).got(t, "not named", 403)
	owner.do("PUT", at+"/captioners/listener", "").got(t, "name", 204)
	if got := owner.do("GET", at+"/captioners", ""); !strings.Contains(got.body, `"handle":"listener"`) {
		t.Errorf("%s", got.body)
	}
	if got := captioner.do("GET", at+"/me", ""); !strings.Contains(got.body, `"caption"`) {
		t.Errorf("the captioner is not told: %s", got.body)
	}
	captioner.do("POST", at+"/captions", line("x")).got(t, "without the chair", 409)
	captioner.do("PUT", at+"/captions/draft", line("x")).got(t, "a draft without the chair", 409)
	captioner.do("PUT", at+"/chair", "").got(t, "take the chair", 204)
	captioner.do("PUT", at+"/captions/draft", line("The maire")).got(t, "a draft", 204)
	captioner.do("POST", at+"/captions", strings.Replace(line("The maire said"), "}", `,"began_ms":2000}`, 1)).got(t, "a line", 201)
	captioner.do("POST", at+"/captions", line("The maire said")).got(t, "the line again", 201)
	captioner.do("POST", at+"/captions", line(strings.Repeat("x", 501))).got(t, "a long line", 422)
	captioner.do("PATCH", at+"/captions/1", `{"text":"x"}`).got(t, "correct what is no caption", 409)

	words := "/r/" + room.ID.String() + "/transcript"
	seq := strings.Split(strings.Split(captioner.do("GET", words, "").body, `<dd id="s`)[1], `"`)[0]
	captioner.do("PATCH", at+"/captions/"+seq, `{"text":"The mayor said"}`).got(t, "correct", 204)
	page := captioner.do("GET", words, "").body
	if strings.Contains(page, "maire") || strings.Count(page, "The mayor said") != 1 || !strings.Contains(page, "(corrected)") {
		t.Errorf("%s", page)
	}
	if json := captioner.do("GET", words+".json", "").body; !strings.Contains(json, `"source":"human"`) || !strings.Contains(json, `"revision":2`) {
		t.Errorf("%s", json)
	}
	for _, path := range []string{"/search?q=", "/api/words?q=", "/search?room=" + room.ID.String() + "&q="} {
		if got := captioner.do("GET", path+url.QueryEscape("the mayors"), ""); got.status != 200 || !strings.Contains(got.body, words+"#s"+seq) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
		if got := w.nobody().do("GET", path+"mayor", ""); got.status != 200 || strings.Contains(got.body, "The mayor said") {
			t.Errorf("%s by an outsider: %d %s", path, got.status, got.body)
		}
	}
	if got := captioner.do("GET", "/search?q="+url.QueryEscape(`"><script>alert(1)</script>`), ""); strings.Contains(got.body, "<script") {
		t.Errorf("%s", got.body)
	}
	captioner.do("GET", "/search?q="+strings.Repeat("x", 201), "").got(t, "a long search", 400)
	captioner.do("DELETE", at+"/chair", "").got(t, "get up", 204)
	captioner.do("POST", at+"/captions", line("x")).got(t, "after getting up", 409)
}
