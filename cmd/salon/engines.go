package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"salon/captions"
	"salon/captions/speech/voskchild"
)

// baseTag is a language as models are of it: the shortest tag of BCP 47.
var baseTag = regexp.MustCompile(`^[a-z]{2,3}$`)

func (c captionSettings) check() error {
	for language := range c.CaptionModels {
		if !baseTag.MatchString(language) {
			return fmt.Errorf("--caption-model: %q is no language without region, such as en", language)
		}
	}
	if c.CaptionChildren < 0 {
		return errors.New("--caption-children must not be below 0")
	}
	return nil
}

// speechFolder is where `salon captions install` puts what it brings.
func speechFolder(data string) string { return filepath.Join(data, "speech") }

// models are the folders of the languages that have one: those that are named,
// those that were installed, and those beside the program, in this order.
func (c captionSettings) models(data string) map[string]string {
	found := map[string]string{}
	for _, pattern := range []string{besideProgram("speech", "model-*"), filepath.Join(speechFolder(data), "models", "*")} {
		folders, _ := filepath.Glob(pattern) // the pattern is ours
		for _, folder := range folders {
			if language := strings.TrimPrefix(filepath.Base(folder), "model-"); baseTag.MatchString(language) {
				found[language] = folder
			}
		}
	}
	maps.Copy(found, c.CaptionModels)
	return found
}

func (c captionSettings) library(data string) string {
	if c.VoskLibrary != "" {
		return c.VoskLibrary
	}
	for _, path := range []string{besideProgram("speech", "libvosk.so"), filepath.Join(speechFolder(data), "libvosk.so")} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return besideProgram("speech", "libvosk.so")
}

// children is how many processes one model may have.
func (c captionSettings) children() int {
	if c.CaptionChildren > 0 {
		return c.CaptionChildren
	}
	return runtime.NumCPU()
}

// engines are the running engines and how they are stopped.
type engines struct {
	captions.Engines
	stop func() error
}

// openEngines starts an engine for each language that has a model. One that
// cannot start takes no other along: why is kept for whoever runs the server.
func openEngines(ctx context.Context, c captionSettings, data string, log *slog.Logger) (*engines, error) {
	if c.Captions == "agents" {
		return &engines{captions.Engines{Agents: true}, func() error { return nil }}, nil
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	sockets, err := os.MkdirTemp("", "salon-speech-") // paths of sockets are short
	if err != nil {
		return nil, err
	}
	models := c.models(data)
	started := make([]*voskchild.Engine, len(models))
	failed := make([]error, len(models))
	var all sync.WaitGroup
	languages := slices.Sorted(maps.Keys(models))
	for i, language := range languages {
		started[i] = voskchild.New(exe, voskchild.Config{
			Socket: filepath.Join(sockets, language), Library: c.library(data), Model: models[language],
			Languages: []string{language}, Children: c.children(),
		}, log)
		all.Go(func() { failed[i] = started[i].Start(ctx) })
	}
	all.Wait()
	e := &engines{Engines: captions.Engines{Off: map[string]string{}}}
	for i, language := range languages {
		if failed[i] != nil {
			e.Off[language] = withoutFolders(failed[i], models[language], c.library(data))
			log.Warn("no captions in a language", "language", language, "model", models[language], "error", failed[i])
			continue
		}
		e.Running = append(e.Running, started[i])
	}
	e.stop = func() error {
		var failed []error
		for _, one := range started {
			failed = append(failed, one.Stop())
		}
		return errors.Join(append(failed, os.RemoveAll(sockets))...)
	}
	return e, nil
}

// withoutFolders is a reason as everyone may read it: where things lie on this
// machine is in the log.
func withoutFolders(err error, paths ...string) string {
	reason := err.Error()
	for _, path := range paths {
		reason = strings.ReplaceAll(reason, filepath.Dir(path)+string(filepath.Separator), "")
	}
	return reason
}

// way is what recognises speech, in a word.
func (e *engines) way() string {
	if e.Agents {
		return "agents"
	}
	var all []string
	for _, one := range e.Running {
		all = append(all, one.Info().Languages...)
	}
	if len(all) == 0 {
		return "none; salon captions install en brings English"
	}
	slices.Sort(all)
	return "vosk, " + strings.Join(all, ", ")
}
