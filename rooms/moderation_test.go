package rooms

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/fault"
)

func (b *bundle) person(room Room, account uuid.UUID) Person {
	b.t.Helper()
	p, err := b.Person(b.ctx, room.ID, account)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// evening is a live room with a host, a co-host, a speaker and a listener who
// are all there.
func (b *bundle) evening() (room Room, host, cohost, speaker, listener uuid.UUID) {
	b.t.Helper()
	host, cohost, speaker, listener = b.account("host"), b.account("cohost"), b.account("speaker"), b.account("listener")
	room = b.live(host)
	b.join(room, host, cohost, speaker, listener)
	for _, err := range []error{
		b.act(room, host, MakeCohost, cohost), b.act(room, host, Invite, speaker), b.act(room, speaker, Accept, speaker),
	} {
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return room, host, cohost, speaker, listener
}

func TestCohostsMayAlmostEverything(t *testing.T) {
	b := setup(t)
	room, host, cohost, speaker, listener := b.evening()
	for _, action := range []Action{Mute, HardMute, PullDown, Remove, Ban, HandOver, DropCohost} {
		err := b.act(room, cohost, action, host)
		if action == HandOver {
			err = b.HandOver(b.ctx, cohost, room.ID, cohost, "")
		}
		b.want(string(action)+" the host", err, ErrNotAllowed)
	}
	b.want("mute a speaker", b.act(room, cohost, Mute, speaker), nil)
	b.want("another co-host", b.act(room, cohost, MakeCohost, listener), ErrNotAllowed)
	_, err := b.End(b.ctx, cohost, room.ID)
	b.want("end", err, ErrNotAllowed)
	b.want("hand over", b.HandOver(b.ctx, host, room.ID, cohost, ""), nil)
	b.want("act on who was the host", b.act(room, cohost, PullDown, host), nil)
	_, err = b.End(b.ctx, cohost, room.ID)
	b.want("end after the hand-over", err, nil)
}

func TestASoftMuteIsOnesOwnToLift(t *testing.T) {
	b := setup(t)
	room, host, _, speaker, _ := b.evening()
	b.want("mute", b.act(room, host, Mute, speaker), nil)
	b.want("unmute oneself", b.act(room, speaker, UnmuteOwn, speaker), nil)
	if p := b.person(room, speaker); p.Muted {
		t.Error("still muted")
	}
	b.want("mute for good", b.act(room, host, HardMute, speaker), nil)
	b.want("unmute oneself", b.act(room, speaker, UnmuteOwn, speaker), ErrHardMuted)
	b.want("step down", b.act(room, speaker, StepDown, speaker), nil)
	b.want("come back", errors.Join(b.act(room, speaker, RaiseHand, speaker), b.act(room, host, Approve, speaker)), nil)
	if p := b.person(room, speaker); !p.Muted || !p.HardMuted {
		t.Error("leaving the stage lifted the mute")
	}
}

func TestPanicMakesItQuiet(t *testing.T) {
	b := setup(t)
	room, host, cohost, speaker, listener := b.evening()
	b.want("hand", b.act(room, listener, RaiseHand, listener), nil)
	b.media.take()
	b.want("listener panics", b.Panic(b.ctx, listener, room.ID, ""), ErrNotAllowed)
	b.want("panic", b.Panic(b.ctx, host, room.ID, "raid"), nil)
	for _, who := range []uuid.UUID{cohost, speaker} {
		if p := b.person(room, who); !p.HardMuted {
			t.Errorf("%s is not muted", p.Handle)
		}
	}
	if b.person(room, host).Muted {
		t.Error("the host is muted")
	}
	if got := b.media.take(); len(got) != 2 {
		t.Errorf("media was told %v", got)
	}
	now, err := b.Room(b.ctx, room.ID)
	if err != nil || !now.Locked || now.HandsOpen || now.Reactions || b.person(room, listener).HandRaisedAt != nil {
		t.Errorf("%+v %v", now.Rules, err)
	}
	b.want("react", b.React(b.ctx, listener, room.ID, "heart"), ErrNoReactions)
	_, err = b.Join(b.ctx, b.account("late"), room.ID, false)
	b.want("come in", err, ErrLocked)
	b.want("again is no error", b.Panic(b.ctx, host, room.ID, ""), nil)
}

func TestWhoCameLatelyIsRemoved(t *testing.T) {
	b := setup(t)
	room, host, _, speaker, listener := b.evening()
	old := b.account("old")
	b.join(room, old)
	b.exec(`update participants set joined_at = now() - interval '1 hour' where account_id = $1`, old)
	guest, err := b.JoinAsGuest(b.ctx, room.ID, "s", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	b.want("remove", b.RemoveRecent(b.ctx, host, room.ID, 5*time.Minute, "raid"), nil)
	b.want("the listener", b.MayStay(b.ctx, room.ID, listener), ErrRemoved)
	b.want("the guest", b.GuestMayStay(b.ctx, room.ID, guest.Guest), ErrBanned)
	b.want("who was there before", b.MayStay(b.ctx, room.ID, old), nil)
	b.want("who is on stage", b.MayStay(b.ctx, room.ID, speaker), nil)
	_, err = b.Join(b.ctx, listener, room.ID, false)
	b.want("come back at once", err, ErrRemoved)
	b.exec(`update participants set removed_until = now() where account_id = $1`, listener)
	_, err = b.Join(b.ctx, listener, room.ID, false)
	b.want("come back when it is over", err, nil)
}

func TestEveryPowerLeavesItsTrace(t *testing.T) {
	b := setup(t)
	room, host, _, speaker, listener := b.evening()
	if err := b.Act(b.ctx, Deed{Room: room.ID, Actor: host, Target: speaker, Action: Remove, Reason: "shouting"}); err != nil {
		t.Fatal(err)
	}
	own, err := b.AuditOf(b.ctx, speaker)
	if err != nil || len(own) != 2 || own[0].Action != Remove || own[0].Reason != "shouting" || own[0].Actor.ID != host || own[1].Action != Invite {
		t.Errorf("what the person reads: %+v %v", own, err)
	}
	if all, err := b.Audit(b.ctx, room.ID, host); err != nil || len(all) < 3 {
		t.Errorf("what the host reads: %+v %v", all, err)
	}
	_, err = b.Audit(b.ctx, room.ID, listener)
	b.want("a listener reads the room's", err, ErrNotAllowed)
	for _, change := range []string{"action = 'mute'", "reason = null", "at = now() - interval '1 day'", "room_id = null"} {
		if _, err := b.pool.Exec(b.ctx, `update audit set `+change); err == nil {
			t.Errorf("the audit took %s", change)
		}
	}
}

func TestReportsFreezeTheMinuteBefore(t *testing.T) {
	b := setup(t)
	room, host, cohost, speaker, listener := b.evening()
	admin := b.account("admin")
	b.exec(`update accounts set admin = true where id = $1`, admin)
	b.want("notice", b.Notice(b.ctx, host, room.ID, "what was said"), nil)
	entries := b.log(room.ID)
	seq := entries[len(entries)-1].Seq
	b.exec(`alter table log_entries disable trigger log_stays`)
	b.exec(`update log_entries set at = now() - interval '2 minutes' where seq = 1`)
	b.want("report a speaker", b.ReportPerson(b.ctx, listener, room.ID, speaker, "hate", "listen"), nil)
	b.want("report the host", b.ReportPerson(b.ctx, listener, room.ID, host, "spam", ""), nil)
	b.want("withdraw", b.Withdraw(b.ctx, host, room.ID, seq, ""), nil)
	b.want("nonsense", b.ReportPerson(b.ctx, listener, room.ID, speaker, "boring", ""), fault.InvalidInput)
	b.want("from outside", b.ReportPerson(b.ctx, b.account("outside"), room.ID, speaker, "hate", ""), ErrNotThere)

	inbox := func(who uuid.UUID) []Complaint {
		t.Helper()
		all, err := b.Inbox(b.ctx, who)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	mine := inbox(host)
	if len(mine) != 1 || mine[0].Subject.ID != speaker || !strings.Contains(string(mine[0].Evidence), "what was said") || strings.Contains(string(mine[0].Evidence), `"seq": 1,`) {
		t.Errorf("the host's inbox: %+v", mine)
	}
	if len(inbox(admin)) != 2 || len(inbox(cohost)) != 0 || len(inbox(listener)) != 0 {
		t.Errorf("admin %d, co-host %d, listener %d", len(inbox(admin)), len(inbox(cohost)), len(inbox(listener)))
	}
	b.want("by a listener", b.CloseReport(b.ctx, listener, mine[0].ID, "acted"), ErrNoReport)
	b.want("close", b.CloseReport(b.ctx, host, mine[0].ID, "acted"), nil)
	b.want("again", b.CloseReport(b.ctx, host, mine[0].ID, "dismissed"), ErrReportClosed)
	if told, err := b.AuditOf(b.ctx, speaker); err != nil || slices.ContainsFunc(told, func(e AuditEntry) bool { return e.Action == WorkReports }) {
		t.Errorf("the subject is told who reported them: %v %v", told, err)
	}
}

func TestAWithdrawnLineIsGone(t *testing.T) {
	b := setup(t)
	room, host, _, _, listener := b.evening()
	b.want("raise a hand with a question", b.Act(b.ctx, Deed{Room: room.ID, Actor: listener, Target: listener, Action: RaiseHand, Question: "why now?"}), nil)
	b.want("show it", b.act(room, host, ShowQuestion, listener), nil)
	if p := b.person(room, listener); p.HandRaisedAt != nil || p.Role != Listener {
		t.Errorf("the person came up: %+v", p)
	}
	all := b.log(room.ID)
	question := all[len(all)-1]
	if question.Kind != KindQuestion || !strings.Contains(string(question.Body), "why now?") || question.Actor.ID != listener {
		t.Fatalf("%+v", question)
	}
	b.want("a stranger withdraws", b.Withdraw(b.ctx, b.account("stranger"), room.ID, question.Seq, ""), ErrNotAllowed)
	b.want("a stage entry", b.Withdraw(b.ctx, host, room.ID, 1, ""), ErrNotAllowed)
	b.want("no such entry", b.Withdraw(b.ctx, host, room.ID, 999, ""), ErrNoEntry)
	b.want("its author", b.Withdraw(b.ctx, listener, room.ID, question.Seq, ""), nil)
	b.want("twice", b.Withdraw(b.ctx, listener, room.ID, question.Seq, ""), nil)
	all = b.log(room.ID)
	for i, e := range all {
		if e.Seq != int64(i)+1 {
			t.Errorf("the sequence has a gap at %d", e.Seq)
		}
		if strings.Contains(string(e.Body), "why now?") {
			t.Errorf("still there: %s", e.Body)
		}
	}
	if last := all[len(all)-1]; last.Kind != KindWithdrawn || !all[question.Seq-1].Withdrawn {
		t.Errorf("readers are not told: %+v", last)
	}
	held, err := b.Export(b.ctx, listener)
	if text, _ := json.Marshal(held); err != nil || strings.Contains(string(text), "why now?") {
		t.Errorf("still in the export: %v", err)
	}
}

func TestPinsAndNotices(t *testing.T) {
	b := setup(t)
	room, host, _, _, listener := b.evening()
	b.want("a listener pins", b.Pin(b.ctx, listener, room.ID, PinBody{URL: "https://salon.example/a"}), ErrNotAllowed)
	b.want("script", b.Pin(b.ctx, host, room.ID, PinBody{URL: "javascript:alert(1)"}), fault.InvalidInput)
	b.want("pin", b.Pin(b.ctx, host, room.ID, PinBody{URL: "https://salon.example/a"}), nil)
	if pin, seq, err := b.Pinned(b.ctx, room.ID); err != nil || pin.Title != "salon.example" || seq == 0 {
		t.Errorf("%+v %d %v", pin, seq, err)
	}
	b.want("unpin", b.Pin(b.ctx, host, room.ID, PinBody{}), nil)
	if pin, _, err := b.Pinned(b.ctx, room.ID); err != nil || pin.URL != "" {
		t.Errorf("%+v %v", pin, err)
	}
	b.want("an invisible notice", b.Notice(b.ctx, host, room.ID, "\u202e"), fault.InvalidInput)
}

func TestReactionsAreCountedTogether(t *testing.T) {
	b := setup(t)
	room, _, _, speaker, listener := b.evening()
	for range 5 {
		b.want("react", b.React(b.ctx, listener, room.ID, "heart"), nil)
	}
	b.want("react", b.React(b.ctx, speaker, room.ID, "clap"), nil)
	b.want("nonsense", b.React(b.ctx, speaker, room.ID, "boo"), fault.InvalidInput)
	b.reactions.tell(room.ID) // what the clock does after a second
	all := b.log(room.ID)
	last := all[len(all)-1]
	var body struct{ Counts map[string]int }
	if err := json.Unmarshal(last.Body, &body); err != nil || last.Kind != KindReactions || last.Actor != nil || body.Counts["heart"] != 5 || body.Counts["clap"] != 1 {
		t.Errorf("%+v %s %v", last, last.Body, err)
	}
}

// What waits for one room is committed together, in order, and nobody is
// answered before.
func TestTheLogWriterCommitsInGroups(t *testing.T) {
	b := setup(t)
	room := b.live(b.account("host"))
	head, err := b.LogHead(b.ctx, room.ID)
	if err != nil {
		t.Fatal(err)
	}
	const entries = 200
	seqs := make([]int64, entries)
	var all sync.WaitGroup
	for i := range entries {
		all.Go(func() {
			seq, err := b.Service.log.append(b.ctx, room.ID, NewEntry{Kind: KindNotice, Body: map[string]int{"n": i}})
			if err != nil {
				t.Error(err)
			}
			seqs[i] = seq
		})
	}
	all.Wait()
	byNumber := map[int64]LogEntry{}
	for _, e := range b.log(room.ID) {
		byNumber[e.Seq] = e
	}
	for i, seq := range seqs {
		var body struct{ N int }
		if err := json.Unmarshal(byNumber[seq].Body, &body); err != nil || body.N != i || seq <= head.Seq || seq > head.Seq+entries {
			t.Fatalf("entry %d got number %d: %s %v", i, seq, byNumber[seq].Body, err)
		}
	}
	if _, err := b.Service.log.append(b.ctx, uuid.Must(uuid.NewV7()), NewEntry{Kind: KindNotice}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a room that is not there: %v", err)
	}
}

type suspending struct{}

func (suspending) SuspendTx(ctx context.Context, tx pgx.Tx, account uuid.UUID, suspended bool) error {
	_, err := tx.Exec(ctx, `update accounts set suspended_at = case when $2 then now() end where id = $1`, account, suspended)
	return err
}

func TestTheSuspendedAreOutEverywhere(t *testing.T) {
	b := setup(t)
	room, host, _, speaker, _ := b.evening()
	admin := b.account("admin")
	b.media.take()
	b.want("suspend", b.Suspend(b.ctx, suspending{}, admin, speaker, true, "enough"), nil)
	if got := b.media.take(); len(got) != 1 || got[0] != "apply" {
		t.Errorf("media was told %v", got)
	}
	b.want("stay", b.MayStay(b.ctx, room.ID, speaker), ErrSuspended)
	b.want("act", b.act(room, speaker, UnmuteOwn, speaker), ErrSuspended)
	_, err := b.Join(b.ctx, speaker, room.ID, false)
	b.want("join", err, ErrSuspended)
	b.want("suspend the host", b.Suspend(b.ctx, suspending{}, admin, host, true, ""), nil)
	b.want("act as host", b.act(room, host, Mute, speaker), ErrNotAllowed)
	_, err = b.End(b.ctx, host, room.ID)
	b.want("end as host", err, ErrNotAllowed)
	if own, err := b.AuditOf(b.ctx, speaker); err != nil || own[0].Reason != "enough" || own[0].Actor.ID != admin {
		t.Errorf("%+v %v", own, err)
	}
}

// The queue is ordered by time; each person knows their own place, and only
// those who take hands see them all.
func TestTheQueueHasPlaces(t *testing.T) {
	b := setup(t)
	room, host, cohost, speaker, listener := b.evening()
	second := b.account("second")
	b.join(room, second)
	b.want("hand", b.act(room, listener, RaiseHand, listener), nil)
	b.want("hand", b.act(room, second, RaiseHand, second), nil)
	for who, place := range map[uuid.UUID]int{listener: 1, second: 2, speaker: 0} {
		if y, err := b.You(b.ctx, room.ID, who); err != nil || y.Place != place || y.Queue != nil {
			t.Errorf("place %d, want %d, queue %v, %v", y.Place, place, y.Queue, err)
		}
	}
	for _, who := range []uuid.UUID{host, cohost} {
		if y, err := b.You(b.ctx, room.ID, who); err != nil || len(y.Queue) != 2 || y.Queue[0].AccountID != listener {
			t.Errorf("queue %v %v", y.Queue, err)
		}
	}
	b.want("lower all", b.LowerAll(b.ctx, cohost, room.ID), nil)
	if y, err := b.You(b.ctx, room.ID, host); err != nil || len(y.Queue) != 0 {
		t.Errorf("queue %v %v", y.Queue, err)
	}
}

func TestCohostsAreNamedWhenScheduling(t *testing.T) {
	b := setup(t)
	host, ada, bob, cy := b.account("host"), b.account("ada"), b.account("bob"), b.account("cy")
	room, err := b.Create(b.ctx, host, NewRoom{Title: "x", Language: "en", Cohosts: []uuid.UUID{ada, bob}, Rules: RulesChange{Entry: new("invited")}})
	if err != nil || room.Entry != "invited" || b.person(room, ada).Role != Cohost || b.person(room, bob).Role != Cohost {
		t.Fatalf("%+v %v", room, err)
	}
	_, err = b.Create(b.ctx, host, NewRoom{Title: "x", Language: "en", Cohosts: []uuid.UUID{ada, bob, cy}})
	b.want("three", err, ErrCohostsFull)
	_, err = b.Create(b.ctx, host, NewRoom{Title: "x", Language: "en", Cohosts: []uuid.UUID{host}})
	b.want("oneself", err, fault.InvalidInput)
	_, err = b.Create(b.ctx, host, NewRoom{Title: "x", Language: "en", Rules: RulesChange{MaxSpeakers: new(51)}})
	b.want("51 speakers", err, fault.InvalidInput)
}

// Whom the host blocks has no power in the room any more.
func TestABlockedCohostHasNoPowers(t *testing.T) {
	b := setup(t)
	room, host, cohost, speaker, _ := b.evening()
	b.exec(`insert into blocks (blocker_id, blocked_id) values ($1, $2)`, host, cohost)
	b.want("mute", b.act(room, cohost, Mute, speaker), ErrNotAllowed)
	b.want("panic", b.Panic(b.ctx, cohost, room.ID, ""), ErrNotAllowed)
	if y, err := b.You(b.ctx, room.ID, cohost); err != nil || len(y.May) != 0 || y.Queue != nil {
		t.Errorf("%+v %v", y, err)
	}
	// The door follows the host, whoever that is now.
	b.want("hand over", b.HandOver(b.ctx, host, room.ID, speaker, ""), nil)
	b.want("stay", b.MayStay(b.ctx, room.ID, cohost), nil)
}
