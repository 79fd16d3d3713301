package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"salon/captions/speech"
	"salon/captions/speech/score"
	"salon/captions/speech/wav"
)

// captionsBench tells how well a model understands recordings of one's own.
type captionsBench struct {
	Dir         string `arg:"" type:"path" help:"Folder of recordings: X.wav (16 bit, one channel, 16 or 48 kHz) with what is said in X.txt."`
	Language    string `default:"en" help:"Whose model is tried."`
	Model       string `type:"path" help:"Folder of a Vosk model. Default: the one the server uses for the language."`
	Data        string `default:"salon-data" env:"SALON_DATA" type:"path" help:"Data directory of the server."`
	VoskLibrary string `name:"vosk-library" env:"SALON_VOSK_LIBRARY" type:"path" help:"libvosk.so. Default: as for the server."`
}

// usageError is a command that makes no sense as it was given: exit code 2.
type usageError struct{ error }

func nonsense(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitCode is what the process ends with.
func exitCode(err error) int {
	if errors.As(err, new(usageError)) {
		return 2
	}
	return 1
}

// Run prints the word error rate and the real-time factor of each recording and
// of all together.
func (c *captionsBench) Run(ctx context.Context) error {
	recordings, err := readRecordings(c.Dir)
	if err != nil {
		return err
	}
	settings := captionSettings{VoskLibrary: c.VoskLibrary}
	if c.Model == "" {
		if c.Model = settings.models(c.Data)[c.Language]; c.Model == "" {
			return nonsense("there is no model of %q here: run salon captions install %s, or name one by --model", c.Language, c.Language)
		}
	}
	engine, err := startEngine(ctx, settings.library(c.Data), c.Model, c.Language)
	if err != nil {
		return err
	}
	defer engine.stop()
	return judge(ctx, os.Stdout, engine, recordings)
}

// ownRecording is one that somebody brought.
type ownRecording struct {
	name, said string
	pcm        []int16
}

func readRecordings(folder string) (all []ownRecording, err error) {
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, nonsense("%s is no folder", folder)
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*.wav"))
	if err != nil || len(paths) == 0 {
		return nil, nonsense("there are no recordings in %s: it needs X.wav, and in X.txt what is said", folder)
	}
	for _, path := range paths {
		one := ownRecording{name: filepath.Base(path)}
		text, err := os.ReadFile(strings.TrimSuffix(path, ".wav") + ".txt")
		if err != nil {
			return nil, nonsense("%s has no text beside it: %w", one.name, err)
		}
		if one.said = score.Normal(string(text)); one.said == "" {
			return nil, nonsense("the text of %s is empty: words that are not known cannot be counted", one.name)
		}
		if one.pcm, err = wav.Read(path); err != nil {
			return nil, nonsense("%w", err)
		}
		if len(one.pcm) == 0 {
			return nil, nonsense("%s is empty", one.name)
		}
		all = append(all, one)
	}
	return all, nil
}

// tally is what is counted of recordings.
type tally struct {
	words, wrong     int
	sound, computing time.Duration
}

func (t tally) line(name string) string {
	return fmt.Sprintf("%s\t%.1f\t%d\t%d\t%.1f\t%.3f\t\n", name, t.sound.Seconds(), t.words, t.wrong,
		100*float64(t.wrong)/float64(t.words), t.computing.Seconds()/t.sound.Seconds())
}

// judge lets the engine hear one recording after the other.
func judge(ctx context.Context, out io.Writer, engine speech.Engine, recordings []ownRecording) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "recording\tseconds\twords\twrong\twrong %\treal-time factor\t\n")
	var all tally
	for _, one := range recordings {
		heard, computing, err := recognize(ctx, engine, one.pcm)
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		t := tally{len(strings.Fields(one.said)), score.Errors(one.said, score.Normal(heard)), time.Duration(len(one.pcm)) * time.Second / speech.Rate, computing}
		all = tally{all.words + t.words, all.wrong + t.wrong, all.sound + t.sound, all.computing + t.computing}
		fmt.Fprint(table, t.line(one.name))
	}
	fmt.Fprint(table, all.line("all"))
	return table.Flush()
}
