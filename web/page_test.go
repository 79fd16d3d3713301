package web

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
)

// The app's own page has each place that is filled in, once.
func TestTheAppsPageHasItsPlaces(t *testing.T) {
	t.Parallel()
	index, err := os.ReadFile("app/index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{placeLang, placeHead, placeBody} {
		if strings.Count(string(index), place) != 1 {
			t.Errorf("app/index.html has %q %d times", place, strings.Count(string(index), place))
		}
	}
}

func withApp(c *Config) {
	c.App = fstest.MapFS{"index.html": {Data: []byte(placeLang + `<head>` + placeHead + `</head><body>` + placeBody + `</body></html>`)}}
}

// A room's page says what it is about before any script runs, in both
// languages, and takes nothing anyone wrote for markup.
func TestARoomsPageSpeaksWithoutScripts(t *testing.T) {
	b := setup(t, withApp)
	host := b.hosting("host")
	at := time.Now().Add(time.Hour).UTC()
	id := host.do("POST", "/api/rooms", fmt.Sprintf(`{"title":"<script>alert(1)</script> & \"you\"","topics":["news"],"language":"en","starts_at":%q}`,
		at.Format(time.RFC3339))).json(t)["id"].(string)
	page := b.nobody().do("GET", "/r/"+id, "")
	for _, want := range []string{
		`<html lang="en">`, `<title>&lt;script&gt;`, `property="og:title" content="&lt;script&gt;`,
		`content="http://salon.example/r/` + id + `"`, "Hosted by host", "Starts " + at.Format("2006-01-02 15:04") + " UTC",
		"<li>news</li>", "<li>host</li>", "0 listeners", `href="/r/` + id + `/calendar.ics"`,
	} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %q:\n%s", want, page.body)
		}
	}
	if strings.Contains(page.body, "<script>alert") {
		t.Error("what a host wrote became markup")
	}
	french := b.nobody().with("Accept-Language", "fr").do("GET", "/r/"+id, "")
	if !strings.Contains(french.body, `<html lang="fr">`) || !strings.Contains(french.body, "Animée par host") || french.header.Get("Vary") != "Accept-Language" {
		t.Errorf("in French: %v\n%s", french.header, french.body)
	}
	host.do("POST", "/api/rooms/"+id+"/start", "")
	if live := b.nobody().do("GET", "/r/"+id, ""); !strings.Contains(live.body, "Live since") {
		t.Errorf("live: %s", live.body)
	}
	host.do("POST", "/api/rooms/"+id+"/end", "")
	if ended := b.nobody().do("GET", "/r/"+id, ""); ended.status != 200 || !strings.Contains(ended.body, "Ended") {
		t.Errorf("the address of an ended room: %d %s", ended.status, ended.body)
	}
}

func TestAProfilesPage(t *testing.T) {
	b := setup(t, withApp)
	ada := b.person("ada", 0)
	b.fans(ada, 1, 48*time.Hour)
	page := b.nobody().do("GET", "/@ada", "")
	if page.status != 200 || !strings.Contains(page.body, `content="@ada · 1 follower"`) || !strings.Contains(page.body, `og:type" content="profile"`) {
		t.Errorf("%d %s", page.status, page.body)
	}
	lost := b.nobody().with("Accept", "text/html,*/*").do("GET", "/nowhere", "")
	if lost.status != 404 || !strings.Contains(lost.body, "nothing at this address") || !strings.Contains(lost.body, placeLang) {
		t.Errorf("a wrong link: %d %s", lost.status, lost.body)
	}
	for _, path := range []string{"/@nobody", "/r/" + uuid.NewString(), "/r/none"} {
		if got := b.nobody().do("GET", path, ""); got.status != 404 || !strings.Contains(got.body, placeLang) || !strings.Contains(got.body, "There is no such") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}
