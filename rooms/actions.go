package rooms

import "time"

// removedFor is how long somebody who was removed stays outside.
const removedFor = 5 * time.Minute

// ground is what an action looks at beside the target's own row.
type ground struct {
	now      time.Time // the database's clock
	rules    Rules
	speakers int  // on stage beside host and co-hosts
	cohosts  int  // now
	followed bool // the host follows the target
	question *string
}

// act is the whole rule book of the stage: what an action makes of the
// target's row. It is pure. Repeating an action that is already done changes
// nothing and is no error.
func act(action Action, target Person, g ground) (Person, error) {
	if target.BannedAt != nil && action != Unban && action != Ban {
		return target, ErrBanned
	}
	if target.Role == Host && powerOf(action).On == OnPerson && action != ShowQuestion {
		return hostStays(action, target)
	}
	rule, known := rulebook[action]
	if !known {
		panic("rooms: no rule for " + action)
	}
	after := target
	if err := rule(&after, g); err != nil {
		return target, err
	}
	return after, nil
}

// hostStays: nobody acts on the host of a room.
func hostStays(action Action, target Person) (Person, error) {
	switch action {
	case Invite, Approve:
		return target, ErrOnStage
	case Uninvite, DeclineHand, Unban, Unmute:
		return target, nil
	}
	return target, ErrNotAllowed
}

// rulebook says what each action does to the row. HandOver and what is done
// to the room are not here: they change more than one row.
var rulebook = map[Action]func(*Person, ground) error{
	RaiseHand:    raiseHand,
	LowerHand:    func(p *Person, _ ground) error { lowerHand(p); return nil },
	DeclineHand:  func(p *Person, _ ground) error { lowerHand(p); return nil },
	ShowQuestion: showQuestion,
	Invite:       invite,
	Uninvite:     func(p *Person, _ ground) error { p.InvitedAt = nil; return nil },
	Decline:      func(p *Person, _ ground) error { p.InvitedAt = nil; lowerHand(p); return nil },
	Accept:       accept,
	Approve:      approve,
	StepDown:     leaveStage,
	PullDown:     leaveStage,
	Mute:         func(p *Person, _ ground) error { p.Muted = true; return nil },
	HardMute:     func(p *Person, _ ground) error { p.Muted, p.HardMuted = true, true; return nil },
	Unmute:       func(p *Person, _ ground) error { p.Muted, p.HardMuted = false, false; return nil },
	UnmuteOwn:    unmuteOwn,
	Remove:       remove,
	Ban:          ban,
	Unban:        func(p *Person, _ ground) error { p.BannedAt, p.RemovedUntil, p.Removed = nil, nil, false; return nil },
	MakeCohost:   makeCohost,
	DropCohost:   dropCohost,
}

// StageActions lists what Act does, in the order of the table.
func StageActions() (all []Action) {
	for _, p := range Powers {
		if rulebook[p.Action] != nil {
			all = append(all, p.Action)
		}
	}
	return all
}

func raiseHand(p *Person, g ground) error {
	switch {
	case p.Role.OnStage():
		return ErrOnStage
	case !g.rules.HandsOpen:
		return ErrQueueClosed
	case g.rules.WhoSpeaks == "invited":
		return ErrSpeakInvited
	case g.rules.WhoSpeaks == "followed" && !g.followed:
		return ErrSpeakFollowed
	}
	if p.HandRaisedAt == nil { // raising a raised hand keeps its place
		p.HandRaisedAt = &g.now
	}
	if g.question != nil {
		p.HandQuestion = g.question
	}
	return nil
}

func lowerHand(p *Person) { p.HandRaisedAt, p.HandQuestion = nil, nil }

// showQuestion takes the hand down: the question stands in the room now.
func showQuestion(p *Person, _ ground) error {
	if p.HandQuestion == nil {
		return ErrNoQuestion
	}
	lowerHand(p)
	return nil
}

func invite(p *Person, g ground) error {
	if p.Role.OnStage() {
		return ErrOnStage
	}
	if p.InvitedAt == nil {
		p.InvitedAt = &g.now
	}
	return nil
}

func accept(p *Person, g ground) error {
	switch {
	case p.Role == Speaker:
		return nil
	case p.InvitedAt == nil:
		return ErrNotInvited
	}
	return comeUp(p, g)
}

// approve brings a raised hand up: who raised it has agreed already.
func approve(p *Person, g ground) error {
	switch {
	case p.Role == Speaker:
		return nil
	case p.Role.OnStage():
		return ErrOnStage
	case p.HandRaisedAt == nil:
		return ErrNoHand
	}
	return comeUp(p, g)
}

func comeUp(p *Person, g ground) error {
	if g.speakers >= g.rules.MaxSpeakers {
		return ErrStageFull
	}
	p.Role, p.InvitedAt = Speaker, nil
	lowerHand(p)
	return nil
}

// leaveStage makes anyone but the host a listener. The host leaves the stage
// only by handing over or ending the room.
func leaveStage(p *Person, _ ground) error {
	if p.Role == Host {
		return ErrNotAllowed
	}
	p.Role, p.InvitedAt = Listener, nil
	lowerHand(p)
	return nil
}

func unmuteOwn(p *Person, _ ground) error {
	if p.HardMuted {
		return ErrHardMuted
	}
	p.Muted = false
	return nil
}

func remove(p *Person, g ground) error {
	until := g.now.Add(removedFor)
	p.RemovedUntil, p.Removed, p.Listed = &until, true, false
	return leaveStage(p, g)
}

func ban(p *Person, g ground) error {
	if p.BannedAt == nil {
		p.BannedAt = &g.now
	}
	p.Listed = false
	return leaveStage(p, g)
}

func makeCohost(p *Person, g ground) error {
	if p.Role == Cohost {
		return nil
	}
	if g.cohosts >= g.rules.MaxCohosts {
		return ErrCohostsFull
	}
	p.Role, p.InvitedAt = Cohost, nil
	lowerHand(p)
	return nil
}

// dropCohost leaves the person on stage, if there is a place.
func dropCohost(p *Person, g ground) error {
	if p.Role != Cohost {
		return nil
	}
	if g.speakers >= g.rules.MaxSpeakers {
		return leaveStage(p, g)
	}
	p.Role = Speaker
	return nil
}
