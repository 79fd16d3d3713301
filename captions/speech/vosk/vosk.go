// Package vosk binds the Vosk library, opened at run time without cgo. Native
// code may end its process: it belongs in a child, see package voskchild.
package vosk

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ebitengine/purego"

	"salon/captions/speech"
)

// functions are those of the library that we use, by its names without prefix.
type functions struct {
	setLogLevel func(int32)
	modelNew    func(string) uintptr
	newRec      func(uintptr, float32) uintptr
	free        func(uintptr)
	setWords    func(uintptr, int32)
	accept      func(uintptr, *int16, int32) int32
	result      func(uintptr) string
	partial     func(uintptr) string
	final       func(uintptr) string
}

var (
	once    sync.Once
	library functions
	openErr error
)

// open loads the library, once a process.
func open(path string) error {
	once.Do(func() {
		defer func() { // a missing function panics
			if r := recover(); r != nil {
				openErr = fmt.Errorf("open %s: %v", path, r)
			}
		}()
		handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
		if err != nil {
			openErr = fmt.Errorf("open %s: %w", path, err)
			return
		}
		for name, function := range map[string]any{
			"set_log_level": &library.setLogLevel, "model_new": &library.modelNew,
			"recognizer_new": &library.newRec, "recognizer_free": &library.free, "recognizer_set_words": &library.setWords,
			"recognizer_accept_waveform_s": &library.accept, "recognizer_result": &library.result,
			"recognizer_partial_result": &library.partial, "recognizer_final_result": &library.final,
		} {
			purego.RegisterLibFunc(function, handle, "vosk_"+name)
		}
		library.setLogLevel(-1)
	})
	return openErr
}

// Model is a loaded model. It serves many recognizers at once.
type Model struct{ handle uintptr }

// Load opens the library and the model in a folder.
func Load(library_, folder string) (*Model, error) {
	if err := open(library_); err != nil {
		return nil, err
	}
	handle := library.modelNew(folder)
	if handle == 0 {
		return nil, fmt.Errorf("no Vosk model can be loaded from %s", folder)
	}
	return &Model{handle}, nil
}

// Recognizer listens to one voice. It is for one goroutine.
type Recognizer struct {
	handle  uintptr
	guessed bool // since the last final
}

// New returns a recognizer of the model.
func (m *Model) New() (*Recognizer, error) {
	handle := library.newRec(m.handle, speech.Rate)
	if handle == 0 {
		return nil, errors.New("vosk: no recognizer")
	}
	library.setWords(handle, 1)
	return &Recognizer{handle: handle}, nil
}

// Close frees what the recognizer holds.
func (r *Recognizer) Close() { library.free(r.handle) }

// Accept takes sound and returns what is understood, if anything is: a final
// at a pause, and otherwise, when asked, a guess.
func (r *Recognizer) Accept(pcm []int16, guess bool) (event speech.Event, understood bool, err error) {
	if len(pcm) == 0 {
		return event, false, nil
	}
	switch library.accept(r.handle, &pcm[0], int32(len(pcm))) {
	case 1:
		guessed := r.guessed // a final without text takes it back
		r.guessed = false
		event = parse(library.result(r.handle))
		event.Final = true
		return event, guessed || event.Text != "", nil
	case 0:
		if !guess {
			return event, false, nil
		}
		event = parse(library.partial(r.handle))
		r.guessed = r.guessed || event.Text != ""
		return event, event.Text != "", nil
	}
	return event, false, errors.New("vosk: cannot decode")
}

// Flush makes a final of what was heard so far; its text may be empty.
func (r *Recognizer) Flush() speech.Event {
	r.guessed = false
	event := parse(library.final(r.handle))
	event.Final, event.Flushed = true, true
	return event
}

// parse reads an answer of the library. Its mark for what it could not make
// out is no word.
func parse(text string) (event speech.Event) {
	var answer struct {
		Text, Partial string
		Result        []struct {
			Word       string
			Start, End float64 // seconds
			Conf       float32
		}
	}
	if json.Unmarshal([]byte(text), &answer) != nil {
		return event
	}
	event.Text = strings.Join(strings.Fields(strings.ReplaceAll(answer.Text+answer.Partial, "[unk]", " ")), " ")
	for _, w := range answer.Result {
		if w.Word != "[unk]" {
			event.Words = append(event.Words, speech.Word{Text: w.Word, Start: seconds(w.Start), End: seconds(w.End), Confidence: w.Conf})
		}
	}
	return event
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
