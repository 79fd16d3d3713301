package main

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"salon/captions"
	"salon/captions/writer"
	"salon/internal/postgres"
	"salon/rooms"
)

// outward publishes captions in LiveKit, for clients other than ours: lines as
// they come into the rooms' logs, whoever wrote them, and what the machine
// understands meanwhile. One process at a time does it for all rooms. A nil one
// does nothing.
type outward struct {
	rooms  *rooms.Service
	writer *writer.Writer
	lease  *postgres.Lease
	due    chan dueOut

	// Owned by run.
	attended map[uuid.UUID]*attended
}

// dueOut is a room whose log grew, or where something is being said.
type dueOut struct {
	room  uuid.UUID
	frame []byte // nil: the log
}

// attended is a room we publish in.
type attended struct {
	run        string
	seq        int64 // of the newest entry that was read
	identities map[uuid.UUID]string
}

// outLease is how long another process waits before it publishes instead.
const outLease = 15 * time.Second

// agents says whether LiveKit agents caption.
func (h *house) agents() bool { return h.settings.Captions == "agents" }

// openCaptionsOut begins to publish captions in LiveKit, if that is asked for.
func (h *house) openCaptionsOut() error {
	if h.settings.CaptionsOut == "off" {
		return nil
	}
	publish := writer.New(strings.Replace(h.inner, "http", "ws", 1), h.control, h.settings.CaptionsOut == "all", h.log)
	h.later(publish.Close)
	out := &outward{
		rooms: h.service, writer: publish, lease: postgres.NewLease(h.pool, "captions-out", outLease),
		due: make(chan dueOut, 256), attended: map[uuid.UUID]*attended{},
	}
	h.later(h.background(out.run))
	h.outward.Store(out)
	return nil
}

// heard takes a notice of the database.
func (o *outward) heard(notice string) {
	room, is := strings.CutPrefix(notice, "log ")
	if id, err := uuid.Parse(room); is && err == nil {
		o.soon(dueOut{room: id})
	}
}

// show takes what is being said.
func (o *outward) show(room uuid.UUID, frame []byte) {
	if frame != nil {
		o.soon(dueOut{room, frame})
	}
}

func (o *outward) soon(what dueOut) {
	if o == nil {
		return
	}
	select {
	case o.due <- what:
	default: // the next line of the room brings what is missing along
	}
}

// run publishes until the context ends.
func (o *outward) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case what := <-o.due:
			if what.frame != nil {
				o.saying(ctx, what.room, what.frame)
				continue
			}
			mine, err := o.lease.Hold(ctx)
			if err == nil && mine {
				err = o.lines(ctx, what.room)
			}
			if err != nil || !mine {
				delete(o.attended, what.room)
			}
		}
	}
}

// lines publishes what is new in a room's log. Of a room that is met for the
// first time it is the newest entry.
func (o *outward) lines(ctx context.Context, id uuid.UUID) error {
	room, err := o.rooms.Room(ctx, id)
	if err != nil || room.Status() != rooms.Live {
		delete(o.attended, id)
		return err
	}
	at := o.attended[id]
	if at == nil {
		head, err := o.rooms.LogHead(ctx, id)
		if err != nil {
			return err
		}
		at = &attended{*room.Run, head.Seq - 1, map[uuid.UUID]string{}}
		o.attended[id] = at
	}
	for {
		page, err := o.rooms.Log(ctx, id, at.seq, rooms.MaxLogPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, e := range page {
			var line captions.Line
			if e.Kind == rooms.KindCaption && e.Body != nil && e.Subject != nil && json.Unmarshal(e.Body, &line) == nil {
				o.publish(ctx, id, e.Subject.ID, writer.Words{Segment: line.Segment, Text: line.Text, Final: true})
			}
		}
		at.seq = page[len(page)-1].Seq
	}
}

func (o *outward) saying(ctx context.Context, room uuid.UUID, frame []byte) {
	var said struct {
		Type    string
		Speaker captions.Speaker
		captions.Partial
	}
	if json.Unmarshal(frame, &said) == nil && said.Type == "partial" {
		o.publish(ctx, room, said.Speaker.ID, writer.Words{Segment: said.Segment, Text: said.Text})
	}
}

// publish sends words under the identity that their speaker has in the room.
func (o *outward) publish(ctx context.Context, room, speaker uuid.UUID, words writer.Words) {
	at := o.attended[room]
	if at == nil {
		return
	}
	if at.identities[speaker] == "" {
		who, err := o.rooms.Person(ctx, room, speaker)
		if err != nil {
			return
		}
		at.identities[speaker] = who.Identity
	}
	words.Identity = at.identities[speaker]
	o.writer.Publish(at.run, words)
}
