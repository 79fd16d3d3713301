package main

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"salon/captions/speech/speechtest"
)

// A model of a broken kind takes no other language along, and everyone can know
// why, but not where things lie.
func TestOneBrokenModelOfTwo(t *testing.T) {
	library, model := speechtest.Files(t)
	broken := filepath.Join(t.TempDir(), "french")
	if err := os.CopyFS(broken, os.DirFS(model)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "am", "final.mdl"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	settings := captionSettings{VoskLibrary: library, CaptionModels: map[string]string{"en": model, "fr": broken}}
	e, err := openEngines(t.Context(), settings, t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer e.stop()
	if got := e.way(); got != "vosk, en" {
		t.Errorf("runs %s", got)
	}
	if why := e.Off["fr"]; !strings.Contains(why, "no Vosk model can be loaded from french") || strings.Contains(why, filepath.Dir(broken)) {
		t.Errorf("%q", why)
	}
	if _, known := e.For("fr-CA"); known {
		t.Error("French is captioned")
	}
	if engine, known := e.For("en-GB"); !known || engine.Info().Model != "model-en" {
		t.Error("English is not captioned")
	}
}

func TestWhereModelsAreFound(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for _, language := range []string{"fr", "de", ".fr.new", "EN"} {
		if err := os.MkdirAll(filepath.Join(data, "speech", "models", language), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	named := captionSettings{CaptionModels: map[string]string{"de": "/srv/de", "es": "/srv/es"}}
	want := map[string]string{"fr": filepath.Join(data, "speech", "models", "fr"), "de": "/srv/de", "es": "/srv/es"}
	if got := named.models(data); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
