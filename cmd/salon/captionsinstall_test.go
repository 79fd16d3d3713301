package main

import (
	"archive/zip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"salon/captions/speech/speechtest"
)

// zipped is an archive of a model, under the name that Alpha Cephei gives it.
func zipped(t *testing.T, model string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vosk-model-small-en-us-0.15.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	all := zip.NewWriter(file)
	if err := errors.Join(all.AddFS(os.DirFS(model)), all.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// A folder and an archive are tried, and land where the server looks.
func TestInstall(t *testing.T) {
	library, model := speechtest.Files(t)
	data := t.TempDir()
	for name, c := range map[string]captionsInstall{
		"a folder":   {What: model, Language: "fr"},
		"an archive": {What: zipped(t, model)},
	} {
		c.Data, c.VoskLibrary = data, library
		if err := c.Run(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	found := captionSettings{}.models(data)
	for _, language := range []string{"fr", "en"} {
		if want := filepath.Join(data, "speech", "models", language); found[language] != want {
			t.Errorf("%s is in %q, want %q", language, found[language], want)
		}
	}
	left, err := os.ReadDir(speechFolder(data))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// What is of no use changes nothing, and the sentence says what to do.
func TestInstallRefusesWhatIsOfNoUse(t *testing.T) {
	library, model := speechtest.Files(t)
	data := t.TempDir()
	there := filepath.Join(data, "speech", "models", "fr", "am")
	if err := os.MkdirAll(there, 0o755); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "vosk-model-fr-1")
	if err := os.CopyFS(broken, os.DirFS(model)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "graph", "Gr.fst"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		captionsInstall
		want string
	}{
		"a broken model":           {captionsInstall{What: broken}, "nothing was changed"},
		"an empty folder":          {captionsInstall{What: t.TempDir(), Language: "fr"}, "no am/final.mdl"},
		"nothing at all":           {captionsInstall{What: "./french", Language: "fr"}, "neither a language, such as fr, nor"},
		"a name that tells little": {captionsInstall{What: model}, "add --language"},
		"a region":                 {captionsInstall{What: model, Language: "fr-CA"}, "without region"},
		"a language without model": {captionsInstall{What: "tlh"}, "salon captions install --language tlh FILE.zip"},
		"no library":               {captionsInstall{What: broken, VoskLibrary: "/nonexistent.so"}, "/nonexistent.so"},
	} {
		if c.Data = data; c.VoskLibrary == "" {
			c.VoskLibrary = library
		}
		if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := os.Stat(there); err != nil {
		t.Errorf("the model that was there is not: %v", err)
	}
	if left, err := os.ReadDir(speechFolder(data)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
