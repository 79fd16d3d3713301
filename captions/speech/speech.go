// Package speech is the port behind which engines turn sound into words. What
// an engine needs of the sound, 16 kHz mono, is the same for all.
package speech

import (
	"context"
	"errors"
	"time"
)

// Rate is how many samples a second engines take, as signed 16 bit, mono.
const Rate = 16000

// Info says what an engine is, for people who read its words.
type Info struct {
	Engine    string   // such as vosk
	Model     string   // its name
	Languages []string // that the model knows, BCP 47 without region
	Local     bool     // the sound does not leave this machine
}

// Word is one recognised word. Times count from the stream's first sample.
type Word struct {
	Text       string
	Start, End time.Duration
	Confidence float32 // 0 to 1; 0 when the engine does not say
}

// Event is what an engine understood of the sound since its last final. A
// final without text takes back what was guessed before it.
type Event struct {
	Text  string        // the whole of it: a later event replaces an earlier
	Final bool          // nothing about it will change
	Words []Word        // of finals, where the engine tells them
	Until time.Duration `json:"-"` // end of the sound that was heard by then, from the stream's first sample
	// Flushed marks the answer to a Flush, which is always final. Its text is
	// empty when nothing was left to say.
	Flushed bool
}

// ErrFull says that an engine takes no more voices.
var ErrFull = errors.New("speech: the engine has as many voices as it takes")

// Engine recognises speech. It is safe for use by many goroutines.
type Engine interface {
	Info() Info
	// NewStream begins to listen to one voice. It is ErrFull while there is no
	// place for one more.
	NewStream(ctx context.Context) (Stream, error)
}

// Stream is one voice. Its methods are called by one goroutine, but for Events,
// Backlog and Used.
type Stream interface {
	// Write takes sound and returns soon: what the engine cannot keep up with is
	// its affair until Backlog says otherwise. With guess set, an event that is
	// not final tells what is understood by then, if anything is.
	Write(pcm []int16, guess bool) error
	// Flush makes a final of what was said so far: at a pause, or at the end.
	// Exactly one event with Flushed set answers it.
	Flush() error
	// Backlog is how much sound waits to be recognised.
	Backlog() time.Duration
	// Used is the sound that was recognised so far, and the computing time it
	// took: of one core, not of the clock on the wall.
	Used() (sound, computing time.Duration)
	// Events is closed when the stream has ended, by Close or by itself.
	Events() <-chan Event
	Close() error
}
