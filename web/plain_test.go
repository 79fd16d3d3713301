package web

import (
	"testing"
	"testing/fstest"
)

// What was compressed at the build is sent so to browsers that take it.
func TestAssetsAreSentCompressed(t *testing.T) {
	b := setup(t, func(c *Config) {
		c.App.(fstest.MapFS)["assets/a.js.gz"] = &fstest.MapFile{Data: []byte("compressed")}
	})
	for accepts, want := range map[string]string{"gzip, br": "compressed", "identity": "1"} {
		got := b.nobody().with("Accept-Encoding", accepts).do("GET", "/assets/a.js", "")
		if got.body != want || got.header.Get("Vary") != "Accept-Encoding" || got.header.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("%s: %d %q %v", accepts, got.status, got.body, got.header)
		}
	}
	if got := b.nobody().do("GET", "/assets/a.js.gz", ""); got.status != 404 {
		t.Errorf("the compressed file itself: %d", got.status)
	}
}
