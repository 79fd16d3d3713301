// Package writer publishes captions in LiveKit rooms as text streams, so that
// clients other than ours show them. It is off unless the operator asks for it:
// every word goes through the media server once more for everyone.
package writer

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"salon/captions/listener"
)

// Passes makes the credential with which the writer enters a room.
type Passes interface {
	WriterPass(run string) (token string, err error)
}

// Words are what somebody says, from the start of the segment on.
type Words struct {
	Identity string // of who says it
	Segment  string
	Text     string
	Final    bool
}

// maxWaiting is how many words wait for one room's connection; what is more is
// dropped, the newest first.
const maxWaiting = 64

// retryAfter is the pause after a room could not be entered.
const retryAfter = time.Second

// Writer publishes in every room there is something to say in.
type Writer struct {
	url      string // ws or wss
	passes   Passes
	partials bool
	log      *slog.Logger
	ctx      context.Context // ends with Close
	stop     context.CancelFunc
	all      sync.WaitGroup

	mu   sync.Mutex
	runs map[string]chan Words // a run with a key has a goroutine at work
}

var quiet sync.Once

// New returns a writer at the media server whose signalling is at url. With
// partials, words are published while they may still change.
func New(url string, passes Passes, partials bool, log *slog.Logger) *Writer {
	quiet.Do(func() { lksdk.SetLogger(logger.GetDiscardLogger()) })
	w := &Writer{url: url, passes: passes, partials: partials, log: log, runs: map[string]chan Words{}}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// Publish sends words to everyone in a run. It does not wait.
func (w *Writer) Publish(run string, words Words) {
	if !words.Final && !w.partials || words.Text == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx.Err() != nil {
		return
	}
	waiting, at := w.runs[run]
	if !at {
		waiting = make(chan Words, maxWaiting)
		w.runs[run] = waiting
		w.all.Go(func() { w.attend(run, waiting) })
	}
	select {
	case waiting <- words:
	default:
		w.log.Debug("words not published", "run", run)
	}
}

// Close leaves every room. It is safe to repeat.
func (w *Writer) Close() error {
	w.mu.Lock()
	w.stop()
	w.mu.Unlock()
	w.all.Wait()
	return nil
}

// attend publishes until the connection ends; words that come later open
// another.
func (w *Writer) attend(run string, waiting <-chan Words) {
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.runs, run)
	}()
	gone := make(chan struct{})
	var once sync.Once
	events := lksdk.NewRoomCallback()
	events.OnDisconnected = func() { once.Do(func() { close(gone) }) }
	room := lksdk.NewRoom(events)
	token, err := w.passes.WriterPass(run)
	if err == nil {
		err = room.JoinWithContextAndToken(w.ctx, w.url, token, lksdk.WithAutoSubscribe(false))
	}
	if err != nil {
		w.log.Debug("enter to publish captions", "error", err)
		select {
		case <-w.ctx.Done():
		case <-time.After(retryAfter):
		}
		return
	}
	defer room.Disconnect()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-gone:
			return
		case words := <-waiting:
			send(room, words)
		}
	}
}

func send(room *lksdk.Room, words Words) {
	room.LocalParticipant.SendText(words.Text, lksdk.StreamTextOptions{
		Topic: listener.TranscriptionTopic,
		Attributes: map[string]string{
			listener.AttributeSegment: words.Segment,
			listener.AttributeTrack:   trackOf(room, words.Identity),
			listener.AttributeFinal:   strconv.FormatBool(words.Final),
		},
	})
}

// trackOf is the track that somebody speaks on, "" when they have none now.
func trackOf(room *lksdk.Room, identity string) string {
	for _, p := range room.GetRemoteParticipants() {
		if p.Identity() != identity {
			continue
		}
		for _, pub := range p.TrackPublications() {
			if pub.Source() == livekit.TrackSource_MICROPHONE {
				return pub.SID()
			}
		}
	}
	return ""
}
