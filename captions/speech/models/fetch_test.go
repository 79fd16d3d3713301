package models

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func serve(t *testing.T, body []byte) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/file" {
			http.NotFound(w, r)
			return
		}
		w.Write(body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestFetch(t *testing.T) {
	t.Parallel()
	url, to := serve(t, []byte("model")), filepath.Join(t.TempDir(), "m")
	sum, err := Fetch(t.Context(), url+"/file", to)
	want := sha256.Sum256([]byte("model"))
	if text, _ := os.ReadFile(to); err != nil || string(text) != "model" || sum != hex.EncodeToString(want[:]) {
		t.Errorf("%q %s %v", text, sum, err)
	}
	if _, err := Fetch(t.Context(), url+"/other", to); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("what is not there: %v", err)
	}
}

func tarball(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var packed bytes.Buffer
	plain := gzip.NewWriter(&packed)
	all := tar.NewWriter(plain)
	for name, text := range files {
		err := all.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(text)), Mode: 0o644})
		if err == nil {
			_, err = all.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(all.Close(), plain.Close()); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// What is pinned is unpacked when its checksum is right, and not even looked
// into when it is not.
func TestPinnedPackages(t *testing.T) {
	t.Parallel()
	body := tarball(t, map[string]string{"package/model/am/final.mdl": "sound", "package/other": "x"})
	sum := sha512.Sum512(body)
	p := pinned{serve(t, body) + "/file", base64.StdEncoding.EncodeToString(sum[:]), "package/model/"}
	work := t.TempDir()
	if err := p.bring(t.Context(), work, filepath.Join(work, "model")); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(filepath.Join(work, "model")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(work, "model", "other")); err == nil {
		t.Error("what is beside the model was unpacked")
	}
	p.sha512 = base64.StdEncoding.EncodeToString(make([]byte, sha512.Size))
	if err := p.bring(t.Context(), work, filepath.Join(work, "again")); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("another checksum: %v", err)
	}
	if _, err := os.Stat(filepath.Join(work, "again")); err == nil {
		t.Error("unpacked in spite of its checksum")
	}
	astray := tarball(t, map[string]string{"package/model/../../../out": "x"})
	sum = sha512.Sum512(astray)
	p = pinned{serve(t, astray) + "/file", base64.StdEncoding.EncodeToString(sum[:]), "package/model/"}
	if err := p.bring(t.Context(), work, filepath.Join(work, "astray")); !errors.Is(err, errPath) {
		t.Errorf("a file outside: %v", err)
	}
}
