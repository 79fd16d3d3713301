package rooms

import "time"

// Action is one thing a person does in a live room, to themselves or others.
type Action string

// The actions.
const (
	RaiseHand Action = "raise-hand"
	LowerHand Action = "lower-hand"
	Accept    Action = "accept-invitation"
	Decline   Action = "decline-invitation"
	StepDown  Action = "step-down"
	Invite    Action = "invite"
	Uninvite  Action = "uninvite"
	PullDown  Action = "pull-down"
	Mute      Action = "mute"
	Unmute    Action = "unmute"
	Ban       Action = "ban"
	Unban     Action = "unban"
)

// Actions is every action there is.
var Actions = []Action{RaiseHand, LowerHand, Accept, Decline, StepDown, Invite, Uninvite, PullDown, Mute, Unmute, Ban, Unban}

// OnSelf says whether the action is done to oneself; the others are done to
// another person.
func (a Action) OnSelf() bool {
	switch a {
	case RaiseHand, LowerHand, Accept, Decline, StepDown:
		return true
	}
	return false
}

// powers says which roles may do an action to another.
var powers = map[Action][]Role{
	Invite: {Host}, Uninvite: {Host}, PullDown: {Host},
	Mute: {Host}, Unmute: {Host}, Ban: {Host}, Unban: {Host},
}

// act is the whole rule book of the stage: what an action makes of the
// target's row. It is pure; now is the database's clock. Repeating an action
// that is already done changes nothing and is no error.
func act(action Action, target Person, now time.Time) (Person, error) {
	if target.BannedAt != nil && action != Unban && action != Ban {
		return target, ErrBanned
	}
	onStage := target.Role != Listener
	switch action {
	case RaiseHand:
		if onStage {
			return target, ErrOnStage
		}
		if target.HandRaisedAt == nil {
			target.HandRaisedAt = &now
		}
	case LowerHand:
		target.HandRaisedAt = nil
	case Invite:
		if onStage {
			return target, ErrOnStage
		}
		if target.InvitedAt == nil {
			target.InvitedAt = &now
		}
	case Uninvite:
		target.InvitedAt = nil
	case Decline:
		target.InvitedAt, target.HandRaisedAt = nil, nil
	case Accept:
		if target.Role == Speaker {
			return target, nil
		}
		if target.InvitedAt == nil {
			return target, ErrNotInvited
		}
		target.Role, target.InvitedAt, target.HandRaisedAt = Speaker, nil, nil
	case StepDown, PullDown:
		return leaveStage(target)
	case Mute, Unmute:
		if target.Role == Host {
			return target, ErrNotAllowed
		}
		target.Muted = action == Mute
	case Ban:
		if target.Role == Host {
			return target, ErrNotAllowed
		}
		target.Role, target.InvitedAt, target.HandRaisedAt = Listener, nil, nil
		if target.BannedAt == nil {
			target.BannedAt = &now
		}
	case Unban:
		target.BannedAt = nil
	default:
		panic("rooms: unknown action " + action)
	}
	return target, nil
}

// leaveStage makes a speaker a listener. The host leaves the stage only by
// ending the room.
func leaveStage(target Person) (Person, error) {
	if target.Role == Host {
		return target, ErrNotAllowed
	}
	target.Role, target.InvitedAt, target.HandRaisedAt = Listener, nil, nil
	return target, nil
}
