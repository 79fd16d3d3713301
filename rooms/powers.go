package rooms

import "slices"

// Action is one thing somebody does in a room.
type Action string

// The actions.
const (
	Listen     Action = "listen"
	Publish    Action = "publish"
	React      Action = "react"
	FileReport Action = "report"
	RaiseHand  Action = "raise-hand"
	LowerHand  Action = "lower-hand"
	Accept     Action = "accept-invitation"
	Decline    Action = "decline-invitation"
	StepDown   Action = "step-down"
	UnmuteOwn  Action = "unmute-self"

	Approve      Action = "approve"
	DeclineHand  Action = "decline-hand"
	ShowQuestion Action = "show-question"
	Invite       Action = "invite"
	Uninvite     Action = "uninvite"
	PullDown     Action = "pull-down"
	Mute         Action = "mute"
	HardMute     Action = "hard-mute"
	Unmute       Action = "unmute"
	Remove       Action = "remove"
	Ban          Action = "ban"
	Unban        Action = "unban"
	MakeCohost   Action = "make-cohost"
	DropCohost   Action = "drop-cohost"
	HandOver     Action = "hand-over"

	ReadQueue     Action = "read-queue"
	MuteAll       Action = "mute-all"
	LowerAll      Action = "lower-all"
	Panic         Action = "panic"
	RemoveRecent  Action = "remove-recent"
	Notice        Action = "notice"
	Pin           Action = "pin"
	Withdraw      Action = "withdraw"
	ChangeRules   Action = "change-rules"
	List          Action = "list"
	NameHeir      Action = "name-heir"
	NameCaptioner Action = "name-captioner"
	Caption       Action = "caption"
	EndRoom       Action = "end"
	WorkReports   Action = "work-reports"
	ReadAudit     Action = "read-audit"
)

// On is what an action is done to.
type On string

// The targets.
const (
	OnSelf   On = "self"
	OnPerson On = "person"
	OnRoom   On = "room"
)

// Power is one row of the table: which roles may do an action.
type Power struct {
	Action Action
	On     On
	Roles  []Role
}

var (
	everyone   = []Role{Host, Cohost, Speaker, Listener, Guest}
	people     = []Role{Host, Cohost, Speaker, Listener}
	stage      = []Role{Host, Cohost, Speaker}
	moderators = []Role{Host, Cohost, Admin}
	hosts      = []Role{Host, Cohost}
	host       = []Role{Host}
)

// Powers is the one table of who may do what. The API, API tokens, the media
// server's grants, the app and the tests read it; nothing else decides.
var Powers = []Power{
	{Listen, OnSelf, everyone},
	{Publish, OnSelf, stage},
	{React, OnSelf, people},
	{FileReport, OnPerson, people},
	{RaiseHand, OnSelf, people},
	{LowerHand, OnSelf, people},
	{Accept, OnSelf, people},
	{Decline, OnSelf, people},
	{StepDown, OnSelf, people},
	{UnmuteOwn, OnSelf, stage},

	{Approve, OnPerson, hosts},
	{DeclineHand, OnPerson, hosts},
	{ShowQuestion, OnPerson, hosts},
	{Invite, OnPerson, hosts},
	{Uninvite, OnPerson, hosts},
	{PullDown, OnPerson, moderators},
	{Mute, OnPerson, moderators},
	{HardMute, OnPerson, moderators},
	{Unmute, OnPerson, hosts},
	{Remove, OnPerson, moderators},
	{Ban, OnPerson, moderators},
	{Unban, OnPerson, moderators},
	{MakeCohost, OnPerson, host},
	{DropCohost, OnPerson, host},
	{HandOver, OnPerson, host},

	{ReadQueue, OnRoom, hosts},
	{MuteAll, OnRoom, moderators},
	{LowerAll, OnRoom, hosts},
	{Panic, OnRoom, moderators},
	{RemoveRecent, OnRoom, moderators},
	{Notice, OnRoom, hosts},
	{Pin, OnRoom, hosts},
	{Withdraw, OnRoom, moderators},
	{ChangeRules, OnRoom, host},
	{List, OnRoom, hosts},
	{NameHeir, OnRoom, host},
	{NameCaptioner, OnRoom, host},
	{Caption, OnRoom, []Role{Host, Captioner}},
	{EndRoom, OnRoom, []Role{Host, Admin}},
	{WorkReports, OnRoom, []Role{Host, Admin}},
	{ReadAudit, OnRoom, moderators},
}

// On says what the action is done to.
func (a Action) On() On { return powerOf(a).On }

// May says whether the table gives the role the action.
func May(role Role, action Action) bool {
	return slices.Contains(powerOf(action).Roles, role)
}

// powerOf is the action's row; an action without one is nobody's.
func powerOf(action Action) Power {
	i := slices.IndexFunc(Powers, func(p Power) bool { return p.Action == action })
	if i < 0 {
		return Power{}
	}
	return Powers[i]
}

// MayOf lists what a role may do, in the order of the table.
func MayOf(roles ...Role) (actions []Action) {
	for _, p := range Powers {
		if slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(p.Roles, r) }) {
			actions = append(actions, p.Action)
		}
	}
	return actions
}
