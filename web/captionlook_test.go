package web

import (
	"strings"
	"testing"
)

const someLook = `{"size":200,"family":"atkinson","ink":"#ffff00","ground":"","opacity":60,"edge":"outline","spacing":175,"width":80,"position":"bottom","lines":3,"aloud":true}`

func TestCaptionLookIsKeptForTheAccount(t *testing.T) {
	b := setup(t)
	reader, other := b.person("reader", 0), b.person("other", 0)
	if got := reader.do("GET", "/api/me/caption-look", "").json(t)["look"]; got != nil {
		t.Errorf("before it was chosen: %v", got)
	}
	if got := reader.do("PUT", "/api/me/caption-look", someLook); got.status != 204 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	look, _ := reader.do("GET", "/api/me/caption-look", "").json(t)["look"].(map[string]any)
	if len(look) != 11 || look["size"] != 200.0 || look["ink"] != "#ffff00" || look["ground"] != "" || look["aloud"] != true {
		t.Errorf("kept: %v", look)
	}
	if got := other.do("GET", "/api/me/caption-look", "").json(t)["look"]; got != nil {
		t.Errorf("another's look: %v", got)
	}
	if got := reader.do("GET", "/api/me/export", ""); !strings.Contains(got.body, `"family":"atkinson"`) {
		t.Errorf("the export has no look: %s", got.body)
	}
}

func TestCaptionLookIsOfKnownFields(t *testing.T) {
	b := setup(t)
	reader := b.person("reader", 0)
	for _, change := range []string{
		`"size":200|"size":74`, `"size":200|"size":301`, `atkinson|comic`, `#ffff00|yellow`, `#ffff00|url(//evil.example)`, `"ground":""|"ground":"#FFF"`,
		`"opacity":60|"opacity":101`, `outline|glow`, `"spacing":175|"spacing":99`, `"width":80|"width":20`, `bottom|left`, `"lines":3|"lines":0`,
		`"aloud":true|"aloud":"yes"`, `"lines":3,|`, `"lines":3|"lines":3,"more":1`,
	} {
		from, to, _ := strings.Cut(change, "|")
		got := reader.do("PUT", "/api/me/caption-look", strings.Replace(someLook, from, to, 1))
		got.problem(t, change, 422, "")
	}
	if got := reader.do("GET", "/api/me/caption-look", "").json(t)["look"]; got != nil {
		t.Errorf("what was refused was kept: %v", got)
	}
	if got := reader.do("PUT", "/api/me/caption-look", someLook); got.status != 204 {
		t.Errorf("the control: %d %s", got.status, got.body)
	}
}
