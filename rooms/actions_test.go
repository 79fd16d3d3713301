package rooms

import (
	"errors"
	"reflect"
	"testing"
	"time"
)

// roomy is the ground of a room with place for everyone.
func roomy(now time.Time) ground {
	return ground{now: now, rules: Rules{WhoSpeaks: "everyone", HandsOpen: true, MaxSpeakers: 10, MaxCohosts: 2}}
}

// TestRuleBook is every action on every role: what it makes of the row, or
// why not.
func TestRuleBook(t *testing.T) {
	t.Parallel()
	type row [4]any // of host, co-host, speaker, listener: the role afterwards, or the refusal
	roles := []Role{Host, Cohost, Speaker, Listener}
	same := row{Host, Cohost, Speaker, Listener}
	book := map[Action]row{
		RaiseHand: {ErrOnStage, ErrOnStage, ErrOnStage, Listener}, LowerHand: same, Decline: same,
		Accept:    {ErrNotInvited, ErrNotInvited, Speaker, ErrNotInvited},
		StepDown:  {ErrNotAllowed, Listener, Listener, Listener},
		UnmuteOwn: same,

		Approve:      {ErrOnStage, ErrOnStage, Speaker, ErrNoHand},
		DeclineHand:  same,
		ShowQuestion: {ErrNoQuestion, ErrNoQuestion, ErrNoQuestion, ErrNoQuestion},
		Invite:       {ErrOnStage, ErrOnStage, ErrOnStage, Listener}, Uninvite: same,
		PullDown:   {ErrNotAllowed, Listener, Listener, Listener},
		Mute:       {ErrNotAllowed, Cohost, Speaker, Listener},
		HardMute:   {ErrNotAllowed, Cohost, Speaker, Listener},
		Unmute:     same,
		Remove:     {ErrNotAllowed, Listener, Listener, Listener},
		Ban:        {ErrNotAllowed, Listener, Listener, Listener},
		Unban:      same,
		MakeCohost: {ErrNotAllowed, Cohost, Cohost, Cohost},
		DropCohost: {ErrNotAllowed, Speaker, Speaker, Listener},
	}
	if len(book) != len(StageActions()) || len(book) != len(rulebook) {
		t.Fatalf("%d actions, %d in the table of powers, %d in this one", len(rulebook), len(StageActions()), len(book))
	}
	for action, wants := range book {
		for i, want := range wants {
			before := Person{Role: roles[i]}
			after, err := act(action, before, roomy(time.Now()))
			switch want := want.(type) {
			case Role:
				if err != nil || after.Role != want {
					t.Errorf("%s on %s: %v, %v", action, before.Role, after.Role, err)
				}
			case error:
				if !errors.Is(err, want) || !reflect.DeepEqual(after, before) {
					t.Errorf("%s on %s: %v, want %v and nothing changed", action, before.Role, err, want)
				}
			}
		}
	}
}

func TestHandToStageAndDown(t *testing.T) {
	t.Parallel()
	now := time.Now()
	p := Person{Role: Listener}
	for _, step := range []struct {
		action                      Action
		role                        Role
		hand, invited, muted, outed bool
	}{
		{RaiseHand, Listener, true, false, false, false},
		{RaiseHand, Listener, true, false, false, false}, // again: the place in the queue is kept
		{Invite, Listener, true, true, false, false},
		{Accept, Speaker, false, false, false, false},
		{Accept, Speaker, false, false, false, false},
		{Mute, Speaker, false, false, true, false},
		{UnmuteOwn, Speaker, false, false, false, false},
		{HardMute, Speaker, false, false, true, false},
		{PullDown, Listener, false, false, true, false}, // a mute outlasts the stage
		{Unmute, Listener, false, false, false, false},
		{RaiseHand, Listener, true, false, false, false},
		{Approve, Speaker, false, false, false, false},
		{MakeCohost, Cohost, false, false, false, false},
		{DropCohost, Speaker, false, false, false, false},
		{Remove, Listener, false, false, false, false},
		{Invite, Listener, false, true, false, false},
		{Decline, Listener, false, false, false, false},
		{Ban, Listener, false, false, false, true},
		{Ban, Listener, false, false, false, true},
		{Unban, Listener, false, false, false, false},
	} {
		after, err := act(step.action, p, roomy(now))
		if err != nil {
			t.Fatalf("%s: %v", step.action, err)
		}
		if after.Role != step.role || (after.HandRaisedAt != nil) != step.hand || (after.InvitedAt != nil) != step.invited ||
			after.Muted != step.muted || (after.BannedAt != nil) != step.outed {
			t.Fatalf("after %s: %+v", step.action, after)
		}
		if p.HandRaisedAt != nil && after.HandRaisedAt != nil && p.HandRaisedAt != after.HandRaisedAt {
			t.Fatal("raising a raised hand lost its place")
		}
		p, now = after, now.Add(time.Second)
	}
}

func TestWhatTheRoomRefuses(t *testing.T) {
	t.Parallel()
	at := time.Now()
	question := "why?"
	for name, c := range map[string]struct {
		action Action
		before Person
		change func(*ground)
		want   error
	}{
		"hand, queue closed":     {RaiseHand, Person{Role: Listener}, func(g *ground) { g.rules.HandsOpen = false }, ErrQueueClosed},
		"hand, invited only":     {RaiseHand, Person{Role: Listener}, func(g *ground) { g.rules.WhoSpeaks = "invited" }, ErrSpeakInvited},
		"hand, not followed":     {RaiseHand, Person{Role: Listener}, func(g *ground) { g.rules.WhoSpeaks = "followed" }, ErrSpeakFollowed},
		"hand, followed":         {RaiseHand, Person{Role: Listener}, func(g *ground) { g.rules.WhoSpeaks, g.followed = "followed", true }, nil},
		"approve, stage full":    {Approve, Person{Role: Listener, HandRaisedAt: &at}, func(g *ground) { g.speakers = 10 }, ErrStageFull},
		"accept, stage full":     {Accept, Person{Role: Listener, InvitedAt: &at}, func(g *ground) { g.speakers = 10 }, ErrStageFull},
		"co-host, both there":    {MakeCohost, Person{Role: Speaker}, func(g *ground) { g.cohosts = 2 }, ErrCohostsFull},
		"unmute after hard mute": {UnmuteOwn, Person{Role: Speaker, Muted: true, HardMuted: true}, func(*ground) {}, ErrHardMuted},
		"show a question":        {ShowQuestion, Person{Role: Listener, HandRaisedAt: &at, HandQuestion: &question}, func(*ground) {}, nil},
	} {
		g := roomy(at)
		c.change(&g)
		if _, err := act(c.action, c.before, g); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestTheBannedOnlyStayBanned(t *testing.T) {
	t.Parallel()
	at := time.Now()
	for _, action := range StageActions() {
		_, err := act(action, Person{Role: Listener, BannedAt: &at}, roomy(at))
		if ok := action == Ban || action == Unban; ok != (err == nil) || !ok && !errors.Is(err, ErrBanned) {
			t.Errorf("%s: %v", action, err)
		}
	}
}

// TestPowersTable is the whole table, as the design decided it: what a role
// may do and no more.
func TestPowersTable(t *testing.T) {
	t.Parallel()
	if len(MayOf(Guest)) != 1 || !May(Guest, Listen) {
		t.Errorf("guests: %v", MayOf(Guest))
	}
	for _, never := range []Action{EndRoom, MakeCohost, DropCohost, HandOver, NameHeir, ChangeRules} {
		if May(Cohost, never) || May(Speaker, never) || May(Listener, never) {
			t.Errorf("%s is the host's alone", never)
		}
	}
	for _, able := range []Action{Invite, Approve, Mute, HardMute, Remove, Ban, Pin, Panic} {
		if !May(Cohost, able) || !May(Host, able) || May(Speaker, able) || May(Listener, able) {
			t.Errorf("%s is for host and co-hosts", able)
		}
	}
	for _, own := range []Action{Publish, UnmuteOwn, RaiseHand, Invite, ChangeRules} {
		if May(Admin, own) {
			t.Errorf("an admin who is not there may %s", own)
		}
	}
	seen := map[Action]bool{}
	for _, p := range Powers {
		if seen[p.Action] || len(p.Roles) == 0 {
			t.Errorf("%s stands twice, or for nobody", p.Action)
		}
		seen[p.Action] = true
	}
}
