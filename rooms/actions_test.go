package rooms

import (
	"errors"
	"testing"
	"time"
)

// TestRuleBook is every action on every role: what it makes of the row, or
// why not.
func TestRuleBook(t *testing.T) {
	t.Parallel()
	type row map[Role]any // the role afterwards, or the refusal
	book := map[Action]row{
		RaiseHand: {Host: ErrOnStage, Speaker: ErrOnStage, Listener: Listener},
		LowerHand: {Host: Host, Speaker: Speaker, Listener: Listener},
		Accept:    {Host: ErrNotInvited, Speaker: Speaker, Listener: ErrNotInvited},
		Decline:   {Host: Host, Speaker: Speaker, Listener: Listener},
		StepDown:  {Host: ErrNotAllowed, Speaker: Listener, Listener: Listener},
		Invite:    {Host: ErrOnStage, Speaker: ErrOnStage, Listener: Listener},
		Uninvite:  {Host: Host, Speaker: Speaker, Listener: Listener},
		PullDown:  {Host: ErrNotAllowed, Speaker: Listener, Listener: Listener},
		Mute:      {Host: ErrNotAllowed, Speaker: Speaker, Listener: Listener},
		Unmute:    {Host: ErrNotAllowed, Speaker: Speaker, Listener: Listener},
		Ban:       {Host: ErrNotAllowed, Speaker: Listener, Listener: Listener},
		Unban:     {Host: Host, Speaker: Speaker, Listener: Listener},
	}
	if len(book) != len(Actions) {
		t.Fatalf("%d actions, %d in the table", len(Actions), len(book))
	}
	for action, wants := range book {
		for role, want := range wants {
			after, err := act(action, Person{Role: role}, time.Now())
			switch want := want.(type) {
			case Role:
				if err != nil || after.Role != want {
					t.Errorf("%s on %s: %v, %v", action, role, after.Role, err)
				}
			case error:
				if !errors.Is(err, want) || after != (Person{Role: role}) {
					t.Errorf("%s on %s: %v, want %v and nothing changed", action, role, err, want)
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
		action          Action
		role            Role
		hand, invited   bool
		muted, isBanned bool
	}{
		{RaiseHand, Listener, true, false, false, false},
		{RaiseHand, Listener, true, false, false, false}, // again: the place in the queue is kept
		{Invite, Listener, true, true, false, false},
		{Accept, Speaker, false, false, false, false},
		{Accept, Speaker, false, false, false, false},
		{Mute, Speaker, false, false, true, false},
		{PullDown, Listener, false, false, true, false}, // a mute outlasts the stage
		{Unmute, Listener, false, false, false, false},
		{Invite, Listener, false, true, false, false},
		{Decline, Listener, false, false, false, false},
		{Ban, Listener, false, false, false, true},
		{Ban, Listener, false, false, false, true},
		{Unban, Listener, false, false, false, false},
	} {
		after, err := act(step.action, p, now)
		if err != nil {
			t.Fatalf("%s: %v", step.action, err)
		}
		if after.Role != step.role || (after.HandRaisedAt != nil) != step.hand || (after.InvitedAt != nil) != step.invited ||
			after.Muted != step.muted || (after.BannedAt != nil) != step.isBanned {
			t.Fatalf("after %s: %+v", step.action, after)
		}
		if p.HandRaisedAt != nil && after.HandRaisedAt != nil && p.HandRaisedAt != after.HandRaisedAt {
			t.Fatal("raising a raised hand lost its place")
		}
		p, now = after, now.Add(time.Second)
	}
}

func TestTheBannedOnlyStayBanned(t *testing.T) {
	t.Parallel()
	at := time.Now()
	for _, action := range Actions {
		_, err := act(action, Person{Role: Listener, BannedAt: &at}, at)
		if ok := action == Ban || action == Unban; ok != (err == nil) || !ok && !errors.Is(err, ErrBanned) {
			t.Errorf("%s: %v", action, err)
		}
	}
}
