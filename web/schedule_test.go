package web

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestScheduleMoveAndCallOff(t *testing.T) {
	b := setup(t)
	host := b.hosting("host")
	at := time.Now().Add(25 * time.Hour).UTC().Truncate(time.Second)
	made := host.do("POST", "/api/rooms", fmt.Sprintf(`{"title":"Evening, with; signs","language":"en","starts_at":%q}`, at.Format(time.RFC3339)))
	if made.status != 201 || made.json(t)["status"] != "scheduled" || made.json(t)["starts_at"] != at.Format(time.RFC3339) {
		t.Fatalf("%d %s", made.status, made.body)
	}
	id := made.json(t)["id"].(string)
	room := "/api/rooms/" + id
	host.do("PATCH", room, `{"starts_at":"2020-01-01T00:00:00Z"}`).problem(t, "the past", 400, "starts-at")
	b.person("other", 0).do("PATCH", room, `{"starts_at":null}`).problem(t, "another's", 403, "not-allowed")
	later := at.Add(time.Hour)
	if got := host.do("PATCH", room, fmt.Sprintf(`{"starts_at":%q}`, later.Format(time.RFC3339))); got.status != 200 || got.json(t)["starts_at"] != later.Format(time.RFC3339) {
		t.Errorf("moved: %d %s", got.status, got.body)
	}
	calendar := b.nobody().do("GET", "/r/"+id+"/calendar.ics", "")
	for _, line := range []string{
		"BEGIN:VCALENDAR", "SUMMARY:Evening\\, with\\; signs", "UID:" + id + "@salon.example", "SEQUENCE:1",
		"DTSTART:" + later.Format("20060102T150405Z"), "METHOD:PUBLISH",
	} {
		if !strings.Contains(calendar.body, line+"\r\n") {
			t.Errorf("calendar lacks %q:\n%s", line, calendar.body)
		}
	}
	if got := host.do("POST", room+"/cancel", ""); got.status != 200 || got.json(t)["status"] != "cancelled" {
		t.Errorf("called off: %d %s", got.status, got.body)
	}
	if got := b.nobody().do("GET", "/r/"+id+"/calendar.ics", ""); !strings.Contains(got.body, "METHOD:CANCEL") || !strings.Contains(got.body, "STATUS:CANCELLED") || !strings.Contains(got.body, "SEQUENCE:2") {
		t.Errorf("calendar of a cancelled room:\n%s", got.body)
	}
	host.do("POST", room+"/start", "").problem(t, "start", 410, "room-cancelled")
	none := host.do("POST", "/api/rooms", `{"title":"x","language":"en"}`).json(t)["id"].(string)
	b.nobody().do("GET", "/r/"+none+"/calendar.ics", "").problem(t, "no time", 404, "room-without-time")
	b.nobody().do("GET", "/r/none/calendar.ics", "").problem(t, "no room", 404, "room-not-found")
}
