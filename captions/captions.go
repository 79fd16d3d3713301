// Package captions turns what is said in live rooms into lines: a worker hears
// each room, one pipeline per voice hands the sound to an engine, and what
// comes back is shown at once while it may change and kept once it will not.
package captions

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Room is a live room as the worker needs it.
type Room struct {
	ID       uuid.UUID
	Run      string // name of its LiveKit room
	Language string // BCP 47
	Human    bool   // somebody writes the captions: the machine rests
}

// Source is where the words of a line come from.
type Source string

// The sources.
const (
	Machine Source = "machine"
	Human   Source = "human"
	Agent   Source = "agent" // a LiveKit agent in the room
)

// Line is a sentence, or what was said until a pause, that will not change by
// itself any more. It is the body of a caption entry in the room's log.
type Line struct {
	Segment    string    `json:"segment"` // the same in its partials and in corrections
	Text       string    `json:"text"`
	Start      time.Time `json:"start"`
	End        time.Time `json:"end"`
	Language   string    `json:"language"`
	Source     Source    `json:"source"`
	Engine     string    `json:"engine,omitempty"`
	Revision   int       `json:"revision"`             // from 1
	Confidence float32   `json:"confidence,omitempty"` // 0 to 1
}

// Partial is what is being said: state that the next one replaces.
type Partial struct {
	Segment  string    `json:"segment"`
	Text     string    `json:"text"` // the part that will hardly change; empty when it was nothing after all
	Start    time.Time `json:"start"`
	Language string    `json:"language"`
	Source   Source    `json:"source,omitempty"` // the machine unless it says otherwise
}

// Speaker is who says something.
type Speaker struct {
	ID     uuid.UUID `json:"id"`
	Handle string    `json:"handle"`
	Name   string    `json:"name"`
}

// Frame is a partial as readers get it on the room socket.
func Frame(speaker Speaker, partial Partial) ([]byte, error) {
	return json.Marshal(struct {
		Type    string  `json:"type"`
		Speaker Speaker `json:"speaker"`
		Partial
	}{"partial", speaker, partial})
}

// Rooms is what the worker needs of the rooms.
type Rooms interface {
	// Live lists the live rooms.
	Live(ctx context.Context) ([]Room, error)
	// Keep appends a line to the room's log, said by the identity, and returns
	// once it is stored: only then it is shown as final.
	Keep(ctx context.Context, room Room, identity string, line Line) error
	// Show lets readers see what is being said. It is sent and forgotten.
	Show(room Room, identity string, partial Partial)
	// Gap notes in the room's log that words may be missing before this point.
	Gap(ctx context.Context, room Room) error
	// Tell lets readers know that the captions are in another state than before:
	// at most once a second. It is sent and forgotten.
	Tell(room Room, status Status)
}

// Ear hears a room: for every voice it asks the hearer for a pipeline, and
// feeds it until the voice is gone. Listen returns when the connection ends.
type Ear interface {
	Listen(ctx context.Context, room Room, h Hearer) error
}

// Hearer opens a pipeline for one voice.
type Hearer interface {
	// Ready tells that voices will be heard from now on.
	Ready()
	Voice(identity string) Sound
	// Words takes what a LiveKit agent in the room understood.
	Words(Words)
}

// Words is what a LiveKit agent understood of somebody, from the start of the
// segment on; later ones replace earlier ones until the final.
type Words struct {
	Identity string // of who said it
	Agent    string // identity of the agent; "" when it is not known
	Segment  string
	Text     string
	Final    bool
	Sent     time.Time
}

// Sound is one voice's way in. Its methods are called by one goroutine.
type Sound interface {
	// PCM takes 16 kHz mono samples in order; what was lost or silent is silence.
	PCM(samples []int16)
	// Close ends the voice: what was said last becomes final.
	Close()
}
