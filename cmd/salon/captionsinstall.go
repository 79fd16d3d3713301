package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"salon/captions/speech"
	"salon/captions/speech/models"
	"salon/captions/speech/voskchild"
)

// captionsInstall brings a model to where the server looks for it.
type captionsInstall struct {
	What        string `arg:"" help:"A language, such as fr, or the folder or .zip of a Vosk model, such as ./vosk-model-fr."`
	Language    string `help:"Language of the model, such as fr. Default: what its name says."`
	Data        string `default:"salon-data" env:"SALON_DATA" type:"path" help:"Data directory of the server."`
	VoskLibrary string `name:"vosk-library" env:"SALON_VOSK_LIBRARY" type:"path" help:"libvosk.so, to try the model with. Default: as for the server, or else it is fetched."`
}

// Run brings the model, tries it, and puts it in its place; whatever fails,
// the models that were there stay as they are.
func (c *captionsInstall) Run(ctx context.Context) error {
	if c.Language != "" && !baseTag.MatchString(c.Language) {
		return fmt.Errorf("--language: %q is no language without region, such as fr", c.Language)
	}
	folder := speechFolder(c.Data)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(folder, ".install-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	language, model, err := c.bring(ctx, work)
	if err != nil {
		return err
	}
	library, err := c.library(ctx, work)
	if err != nil {
		return err
	}
	fmt.Println("Trying the model")
	if err := tryModel(ctx, library, model, language); err != nil {
		return fmt.Errorf("the model is of no use, and nothing was changed: %w", err)
	}
	placed, err := models.Place(model, filepath.Join(folder, "models"), language)
	if err != nil {
		return err
	}
	fmt.Printf("Installed %s in %s.\nA running server takes it up when it is started again.\n", language, placed)
	return nil
}

// bring gets the model into the work folder.
func (c *captionsInstall) bring(ctx context.Context, work string) (language, model string, err error) {
	switch {
	case c.What == "en":
		fmt.Println("Fetching a small model of US English (50 MB)")
		model, err = models.English(ctx, work)
		return "en", model, err
	case baseTag.MatchString(c.What):
		model, err = download(ctx, c.What, work)
		return c.What, model, err
	}
	if language = c.Language; language == "" {
		told := false
		if language, told = models.Language(c.What); !told {
			return "", "", fmt.Errorf("the name of %s does not tell its language: add --language, such as --language fr", c.What)
		}
	}
	model, err = unpack(c.What, filepath.Join(work, "model"))
	return language, model, err
}

// unpack copies a model that lies on this machine.
func unpack(from, to string) (model string, err error) {
	info, err := os.Stat(from)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s is neither a language, such as fr, nor the folder or .zip of a Vosk model", from)
	case info.IsDir():
		if from, err = models.Find(from); err == nil {
			err = models.Copy(from, to)
		}
	default:
		err = models.Unzip(from, to)
	}
	if err != nil {
		return "", err
	}
	return models.Find(to)
}

// download gets the small model of a language.
func download(ctx context.Context, language, work string) (model string, err error) {
	url, known := models.URL(language)
	if !known {
		return "", fmt.Errorf("there is no small model of %q that we know of. Choose one at %s, download it, and run: salon captions install --language %s FILE.zip",
			language, models.List, language)
	}
	fmt.Println("Fetching", url)
	archive := filepath.Join(work, filepath.Base(url))
	checksum, err := models.Fetch(ctx, url, archive)
	if err != nil {
		return "", fmt.Errorf("the model could not be downloaded (%w). Download %s where that works, bring it here, and run: salon captions install %s",
			err, url, filepath.Base(url))
	}
	fmt.Println("SHA-256", checksum)
	return unpack(archive, filepath.Join(work, "model"))
}

// library is the one that the server will use; without one it is fetched.
func (c *captionsInstall) library(ctx context.Context, work string) (path string, err error) {
	path = captionSettings{VoskLibrary: c.VoskLibrary}.library(c.Data)
	if _, err := os.Stat(path); err == nil || c.VoskLibrary != "" {
		return path, err
	}
	fmt.Println("Fetching the library (24 MB)")
	fetched, err := models.Library(ctx, work)
	if err != nil {
		return "", fmt.Errorf("there is no libvosk.so here and it could not be fetched (%w): name yours by --vosk-library", err)
	}
	path = filepath.Join(speechFolder(c.Data), "libvosk.so")
	return path, os.Rename(fetched, path)
}

// tryTime bounds how long a model may take to answer.
const tryTime = time.Minute

// tryModel lets a model listen for a moment, in a child: those of no use may
// take their process along.
func tryModel(ctx context.Context, library, model, language string) error {
	engine, err := startEngine(ctx, library, model, language)
	if err != nil {
		return err
	}
	defer engine.stop()
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	_, _, err = recognize(ctx, engine, make([]int16, speech.Rate))
	return err
}

// ownEngine is an engine that belongs to one command.
type ownEngine struct {
	*voskchild.Engine
	sockets string
}

func startEngine(ctx context.Context, library, model, language string) (*ownEngine, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	sockets, err := os.MkdirTemp("", "salon-speech-")
	if err != nil {
		return nil, err
	}
	e := &ownEngine{sockets: sockets}
	e.Engine = voskchild.New(exe, voskchild.Config{Socket: filepath.Join(sockets, language), Library: library, Model: model, Languages: []string{language}},
		slog.New(slog.DiscardHandler))
	if err := e.Start(ctx); err != nil {
		return nil, errors.Join(err, e.stop())
	}
	return e, nil
}

func (e *ownEngine) stop() error { return errors.Join(e.Stop(), os.RemoveAll(e.sockets)) }

// ahead is how much sound may wait for an engine that is given a recording.
const ahead = 5 * time.Second

var errEnded = errors.New("the engine ended")

// recognize is what an engine understands of a recording, and the computing
// time it takes.
func recognize(ctx context.Context, engine speech.Engine, pcm []int16) (text string, computing time.Duration, err error) {
	stream, err := engine.NewStream(ctx)
	if err != nil {
		return "", 0, err
	}
	defer stream.Close()
	asked := false
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		for len(pcm) > 0 && stream.Backlog() < ahead {
			n := min(len(pcm), speech.Rate/10)
			if err := stream.Write(pcm[:n], false); err != nil {
				return "", 0, err
			}
			pcm = pcm[n:]
		}
		if len(pcm) == 0 && !asked {
			if err := stream.Flush(); err != nil {
				return "", 0, err
			}
			asked = true
		}
		select {
		case <-ctx.Done():
			return "", 0, ctx.Err()
		case <-tick.C: // there may be room for more
		case event, open := <-stream.Events():
			if !open {
				return "", 0, errEnded
			}
			if text += event.Text + " "; event.Flushed {
				_, computing = stream.Used()
				return strings.TrimSpace(text), computing, nil
			}
		}
	}
}
