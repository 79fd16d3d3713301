// Package models brings Vosk's models, and the library that reads them, to a
// folder. It runs nothing of what it brings.
package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// small are the small models of Alpha Cephei, Apache-2.0, by language.
var small = map[string]string{
	"ca": "ca-0.4", "cs": "cs-0.4-rhasspy", "de": "de-0.15", "eo": "eo-0.42", "es": "es-0.42", "fa": "fa-0.4", "fr": "fr-0.22",
	"hi": "hi-0.22", "it": "it-0.22", "ja": "ja-0.22", "kk": "kz-0.15", "ko": "ko-0.22", "nl": "nl-0.22", "pl": "pl-0.22",
	"pt": "pt-0.3", "ru": "ru-0.22", "tg": "tg-0.22", "uk": "uk-v3-nano", "uz": "uz-0.22", "vi": "vn-0.4", "zh": "cn-0.22",
}

// List is where every model of Alpha Cephei is named.
const List = "https://alphacephei.com/vosk/models"

// URL is where the small model of a language is; not every language has one.
func URL(language string) (url string, known bool) {
	name, known := small[language]
	return List + "/vosk-model-small-" + name + ".zip", known
}

// unusual are the names that models give languages, where those are no tags of
// BCP 47.
var unusual = map[string]string{"cn": "zh", "vn": "vi", "kz": "kk", "ua": "uk", "gr": "el"}

var named = regexp.MustCompile(`^vosk-model-(?:small-)?([a-z]{2,3})(?:-|$)`)

// Language is what the name of a model's folder or archive says of it.
func Language(path string) (language string, known bool) {
	found := named.FindStringSubmatch(filepath.Base(path))
	if found == nil {
		return "", false
	}
	if tag, other := unusual[found[1]]; other {
		return tag, true
	}
	return found[1], true
}

// ErrNoModel says that a folder holds no model.
var ErrNoModel = errors.New("no Vosk model: there is no am/final.mdl")

// Find is the model in a folder: the folder itself, or the only one in it, as
// archives have it.
func Find(folder string) (model string, err error) {
	below, err := os.ReadDir(folder)
	if err != nil {
		return "", err
	}
	candidates := []string{folder}
	if len(below) == 1 && below[0].IsDir() {
		candidates = append(candidates, filepath.Join(folder, below[0].Name()))
	}
	for _, model := range candidates {
		if _, err := os.Stat(filepath.Join(model, "am", "final.mdl")); err == nil {
			return model, nil
		}
	}
	return "", fmt.Errorf("%s: %w", folder, ErrNoModel)
}

// Place puts a model where only whole ones are, under its language: it moves
// there at once, in place of the one that was there. The folder must be on the
// file system of the store, and is gone then.
func Place(model, store, language string) (placed string, err error) {
	if err := steady(model); err != nil {
		return "", err
	}
	placed = filepath.Join(store, language)
	old := filepath.Join(store, ".old-"+language)
	if err := errors.Join(os.MkdirAll(store, 0o755), os.RemoveAll(old)); err != nil {
		return "", err
	}
	if err := os.Rename(placed, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := os.Rename(model, placed); err != nil {
		return "", errors.Join(err, os.Rename(old, placed))
	}
	return placed, os.RemoveAll(old)
}

// steady lets the same sound give the same words: Kaldi adds noise by rand().
func steady(model string) error {
	path := filepath.Join(model, "conf", "mfcc.conf")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || strings.Contains(string(text), "--dither=") {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, "\n--dither=0\n"...), 0o644)
}
