package rooms

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/uuid"
)

// captionLine is the body of a caption as these tests need it.
type captionLine struct {
	Segment  string `json:"segment"`
	Text     string `json:"text"`
	Revision int    `json:"revision"`
}

// TestTheCaptionersChair: who was named takes over, writes, and gets up again.
func TestTheCaptionersChair(t *testing.T) {
	b := setup(t)
	room, host, cohost, speaker, listener := b.evening()
	line := captionLine{uuid.NewString(), "hello", 1}
	write := func(actor, said uuid.UUID) error {
		return b.WriteCaption(b.ctx, actor, room.ID, said, line.Segment, line)
	}
	human := func() bool {
		t.Helper()
		all, err := b.Live(b.ctx)
		if err != nil {
			t.Fatal(err)
		}
		return all[slices.IndexFunc(all, func(r LiveRoom) bool { return r.ID == room.ID })].Human
	}

	b.want("who was not named takes the chair", b.TakeChair(b.ctx, listener, room.ID), ErrNotAllowed)
	b.want("a co-host names", b.NameCaptioner(b.ctx, cohost, room.ID, listener, true), ErrNotAllowed)
	b.want("the host names", b.NameCaptioner(b.ctx, host, room.ID, listener, true), nil)
	b.want("writes without the chair", write(listener, speaker), ErrNotInChair)
	if human() {
		t.Error("somebody sits there already")
	}
	b.want("takes the chair", b.TakeChair(b.ctx, listener, room.ID), nil)
	b.want("takes it twice", b.TakeChair(b.ctx, listener, room.ID), nil)
	if who, err := b.InChair(b.ctx, room.ID); err != nil || who == nil || who.ID != listener || !human() {
		t.Errorf("%+v %v", who, err)
	}
	b.want("writes", write(listener, speaker), nil)
	b.want("writes the same line again", write(listener, speaker), nil)
	b.want("of somebody who cannot have said it", write(listener, listener), ErrNotSpeaking)
	lines := b.captions(room)
	if len(lines) != 1 || lines[0].Actor.ID != listener || lines[0].Subject.ID != speaker {
		t.Fatalf("%+v", lines)
	}
	b.want("the host takes over", b.TakeChair(b.ctx, host, room.ID), nil)
	b.want("writes after that", write(listener, speaker), ErrNotInChair)
	b.want("who does not sit there gets up", b.LeaveChair(b.ctx, listener, room.ID), nil)
	if !human() {
		t.Error("the chair is empty")
	}
	b.want("the host gets up", b.LeaveChair(b.ctx, host, room.ID), nil)
	if human() {
		t.Error("the machine does not go on")
	}
}

// Who sits in the chair and is gone, or lost the right, does not keep the
// machine from captioning.
func TestAnEmptyChairIsEmpty(t *testing.T) {
	b := setup(t)
	room, host, _, _, listener := b.evening()
	for name, gone := range map[string]string{
		"unseen":        `update participants set seen_at = now() - interval '1 minute' where room_id = $1 and account_id = $2`,
		"banned":        `update participants set banned_at = now() where room_id = $1 and account_id = $2`,
		"named no more": `update participants set captioner = false where room_id = $1 and account_id = $2`,
		"suspended":     `update accounts set suspended_at = now() where id = $2 and $1::uuid is not null`,
	} {
		_, err := b.pool.Exec(b.ctx, `update participants set banned_at = null, captioner = true, seen_at = now() where room_id = $1 and account_id = $2`, room.ID, listener)
		b.want(name+": back", err, nil)
		b.want(name+": takes the chair", b.TakeChair(b.ctx, listener, room.ID), nil)
		if who, err := b.InChair(b.ctx, room.ID); err != nil || who == nil {
			t.Fatalf("%s: the control: %+v %v", name, who, err)
		}
		_, err = b.pool.Exec(b.ctx, gone, room.ID, listener)
		b.want(name, err, nil)
		if who, err := b.InChair(b.ctx, room.ID); err != nil || who != nil {
			t.Errorf("%s: %+v %v", name, who, err)
		}
		_, err = b.pool.Exec(b.ctx, `update accounts set suspended_at = null where id = $1`, listener)
		b.want(name+": forgiven", err, nil)
	}
	_ = host
}

// A correction is a new entry, and a withdrawal takes every revision along.
func TestCorrectionsAreRevisions(t *testing.T) {
	b := setup(t)
	room, host, _, speaker, listener := b.evening()
	b.want("the machine's line", b.Said(b.ctx, room.ID, speaker, captionLine{"s1", "wreck a nice beach", 1}), nil)
	first := b.captions(room)[0].Seq
	to := func(text string) func(json.RawMessage) (any, error) {
		return func(before json.RawMessage) (any, error) {
			var line captionLine
			err := json.Unmarshal(before, &line)
			line.Text, line.Revision = text, line.Revision+1
			return line, err
		}
	}
	b.want("who was not named", b.CorrectCaption(b.ctx, listener, room.ID, first, to("x")), ErrNotAllowed)
	b.want("the speaker", b.CorrectCaption(b.ctx, speaker, room.ID, first, to("x")), ErrNotAllowed)
	b.want("the host", b.CorrectCaption(b.ctx, host, room.ID, first, to("recognise")), nil)
	b.want("again, by the old number", b.CorrectCaption(b.ctx, host, room.ID, first, to("recognise speech")), nil)
	b.want("an entry that is no caption", b.CorrectCaption(b.ctx, host, room.ID, 1, to("x")), ErrNoCorrection)
	b.want("no entry", b.CorrectCaption(b.ctx, host, room.ID, 999, to("x")), ErrNoEntry)
	var revisions []int
	for _, e := range b.captions(room) {
		var line captionLine
		if err := json.Unmarshal(e.Body, &line); err != nil || e.Subject.ID != speaker || line.Segment != "s1" {
			t.Errorf("%s %+v %v", e.Body, e.Subject, err)
		}
		revisions = append(revisions, line.Revision)
	}
	if !slices.Equal(revisions, []int{1, 2, 3}) {
		t.Errorf("revisions %v", revisions)
	}
	b.want("who said it withdraws the last revision", b.Withdraw(b.ctx, speaker, room.ID, b.captions(room)[2].Seq, ""), nil)
	for _, e := range b.captions(room) {
		if !e.Withdrawn || e.Body != nil {
			t.Errorf("still there: %s", e.Body)
		}
	}
	b.want("correct what is withdrawn", b.CorrectCaption(b.ctx, host, room.ID, first, to("x")), ErrNoEntry)
	for i, e := range b.log(room.ID) {
		if e.Seq != int64(i)+1 {
			t.Errorf("the sequence has a gap at %d", e.Seq)
		}
	}
}

// Captioners are named when the room is announced, and come in whatever the
// door says.
func TestACaptionerIsLetIn(t *testing.T) {
	b := setup(t)
	host, captioner, stranger := b.account("host"), b.account("captioner"), b.account("stranger")
	room := b.live(host)
	b.want("named", b.NameCaptioner(b.ctx, host, room.ID, captioner, true), nil)
	entry := "invited"
	_, err := b.ChangeRules(b.ctx, host, room.ID, RulesChange{Entry: &entry})
	b.want("close the door", err, nil)
	_, err = b.Join(b.ctx, stranger, room.ID, false)
	b.want("a stranger", err, ErrInvitedOnly)
	_, err = b.Join(b.ctx, captioner, room.ID, false)
	b.want("the captioner", err, nil)
	all, err := b.Captioners(b.ctx, host, room.ID)
	if err != nil || len(all) != 1 || all[0].ID != captioner {
		t.Errorf("%+v %v", all, err)
	}
}

// captions are the caption entries of a room's log.
func (b *bundle) captions(room Room) (lines []LogEntry) {
	for _, e := range b.log(room.ID) {
		if e.Kind == KindCaption {
			lines = append(lines, e)
		}
	}
	return lines
}
