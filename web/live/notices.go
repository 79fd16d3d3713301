package live

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Heard takes a notice of the database: "log ROOM", "room ROOM",
// "seat ROOM ACCOUNT", "guest ROOM GUEST", "account ACCOUNT" or
// "credential ID". It does not wait for the database.
func (h *Hub) Heard(notice string) {
	what, ids, ok := parse(notice)
	switch {
	case !ok:
		h.Log.Warn("notice not understood", "notice", notice)
	case what == "account":
		for _, r := range h.openRooms() {
			r.doubt(ids[0])
		}
	case what == "credential":
		h.signedOut(ids[0])
	default:
		if r := h.open(ids[0]); r != nil {
			r.heard(what, ids)
		}
	}
}

var ids = map[string]int{"log": 1, "room": 1, "seat": 2, "guest": 2, "account": 1, "credential": 1}

func parse(notice string) (what string, found []uuid.UUID, ok bool) {
	words := strings.Fields(notice)
	if len(words) == 0 || ids[words[0]] == 0 || ids[words[0]] != len(words)-1 {
		return "", nil, false
	}
	for _, word := range words[1:] {
		id, err := uuid.Parse(word)
		if err != nil {
			return "", nil, false
		}
		found = append(found, id)
	}
	return words[0], found, true
}

func (r *room) heard(what string, ids []uuid.UUID) {
	switch what {
	case "log":
		r.soon(due{log: true})
	case "room":
		r.changed()
	default:
		r.doubt(ids[1])
		r.soon(due{state: true, others: true})
	}
}

// changed is when anything about the room may be another. Nobody is kept from
// reading while everyone is asked about: they are many, and most will stay.
func (r *room) changed() {
	r.soon(due{head: true, log: true, state: true, others: true})
	for _, v := range r.visitors() {
		r.hub.asks.add(question{r, v}, false)
	}
}

// doubt is when something about one person changed. They hear no more until it
// is known that they may.
func (r *room) doubt(person uuid.UUID) {
	for _, c := range r.of(person) {
		c.hold()
		r.hub.asks.add(question{r, c.who}, true)
	}
}

// askOthers shows moderators what changed about others.
func (r *room) askOthers() {
	for _, c := range r.everyone() {
		if c.watches() {
			r.hub.asks.add(question{r, c.who}, false)
		}
	}
}

func (h *Hub) signedOut(credential uuid.UUID) {
	for _, r := range h.openRooms() {
		for _, c := range r.everyone() {
			if c.who.Credential == credential {
				c.finish(ending{code: codeSignedOut, reason: "signed-out"})
			}
		}
	}
}

// Missed is for when notices may have been lost: every room is read anew, and
// every right asked again.
func (h *Hub) Missed() {
	for r := range slices.Values(h.openRooms()) {
		r.changed()
	}
}
