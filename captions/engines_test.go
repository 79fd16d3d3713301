package captions

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"salon/captions/speech"
)

// Each room is heard by the engine of its language, whatever its region, and by
// no other.
func TestTheRoomsLanguageChoosesTheEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		english_, french := &fakeEngine{}, &fakeEngine{others: []string{"fr"}}
		room := func(language string) Room {
			r := english()
			r.Language = language
			return r
		}
		canadian, german, spanish := room("fr-CA"), room("de"), room("es")
		rooms, ear := &fakeRooms{live: []Room{canadian, german, spanish}}, newEar()
		var log bytes.Buffer
		engines := Engines{Running: []speech.Engine{english_, french}, Off: map[string]string{"de": "half a grammar"}}
		w := NewWorker(engines, rooms, ear, func(uuid.UUID) Lease { return &claimant{&fakeLease{}} }, slog.New(slog.NewTextHandler(&log, nil)))
		stop := w.start(t)
		if !ear.in(canadian) || ear.in(german) || ear.in(spanish) {
			t.Error("not in the French room alone")
		}
		for r, want := range map[Room]Status{
			canadian: {State: "on", Language: "fr-CA", Engine: "fake", Model: "other", Local: true},
			german:   {State: "off", Language: "de", Reason: "half a grammar"},
			spanish:  {State: "no-model", Language: "es", Install: "salon captions install es"},
		} {
			if got := w.Status(r.ID, r.Language); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
		p := newPipeline(w.heard[canadian.ID], "ana")
		go p.run(t.Context())
		v := &voiced{p, t, french, rooms, time.Now()}
		v.speak(time.Second)
		v.Close()
		if french.count() != 1 || english_.count() != 0 {
			t.Errorf("%d French streams, %d English", french.count(), english_.count())
		}
		after(time.Minute)
		stop()
		if n := strings.Count(log.String(), "install es"); n != 1 || strings.Count(log.String(), "half a grammar") != 1 {
			t.Errorf("the operator is not told once:\n%s", &log)
		}
	})
}
