package rooms

import (
	"testing"

	"github.com/google/uuid"
)

// spoken is a caption as the search sees it.
type spoken struct {
	Segment  string `json:"segment"`
	Text     string `json:"text"`
	Language string `json:"language"`
}

func TestSearchLeadsToTheLine(t *testing.T) {
	b := setup(t)
	room, host, _, speaker, listener := b.evening()
	say := func(segment, text, language string) {
		t.Helper()
		b.want(text, b.Said(b.ctx, room.ID, speaker, spoken{segment, text, language}), nil)
	}
	say("a", "The mayor promised three new libraries", "en")
	say("b", "Les bibliothèques ouvrent demain", "fr")
	say("c", "We wreck a nice beach", "en")
	say("c", "We recognise speech", "en") // corrected
	first := b.captions(room)[0].Seq
	b.want("a notice is no speech", b.Notice(b.ctx, host, room.ID, "libraries are mentioned here, too"), nil)

	for words, want := range map[string]int64{
		"libraries": first, "LIBRARY": first, "promise library": first, `"three new"`: first, "mayor's": first,
		"bibliothèque": first + 1, "recognising": first + 2,
		`"new three"`: 0, "beach": 0, "unicorn": 0, "mayor unicorn": 0, "": 0, "!!! & | ": 0, "'); drop": 0,
	} {
		found, err := b.Search(b.ctx, listener, uuid.Nil, words)
		b.want(words, err, nil)
		switch {
		case want == 0 && len(found) != 0:
			t.Errorf("%q finds %+v", words, found)
		case want != 0 && (len(found) != 1 || found[0].Seq != want || found[0].RoomID != room.ID || found[0].Speaker == ""):
			t.Errorf("%q finds %+v, want %d", words, found, want)
		}
	}
	if found, err := b.Search(b.ctx, listener, b.live(b.account("elsewhere")).ID, "libraries"); err != nil || len(found) != 0 {
		t.Errorf("in another room: %+v %v", found, err)
	}
	b.want("withdraw", b.Withdraw(b.ctx, speaker, room.ID, first, ""), nil)
	if found, err := b.Search(b.ctx, listener, uuid.Nil, "libraries"); err != nil || len(found) != 0 {
		t.Errorf("withdrawn: %+v %v", found, err)
	}
}

// Whoever may not read a transcript finds nothing of it.
func TestSearchFindsWhatOneMayRead(t *testing.T) {
	b := setup(t)
	room, host, _, speaker, listener := b.evening()
	stranger, banned, blocked := b.account("stranger"), b.account("banned"), b.account("blocked")
	b.join(room, banned, blocked)
	b.want("say", b.Said(b.ctx, room.ID, speaker, spoken{"a", "hello", "en"}), nil)
	b.want("ban", b.act(room, host, Ban, banned), nil)
	if _, err := b.pool.Exec(b.ctx, `insert into blocks (blocker_id, blocked_id) values ($1, $2)`, host, blocked); err != nil {
		t.Fatal(err)
	}
	finds := func(account uuid.UUID) bool {
		t.Helper()
		found, err := b.Search(b.ctx, account, uuid.Nil, "hello")
		b.want("search", err, nil)
		return len(found) == 1
	}
	check := func(when string, want map[string]bool) {
		t.Helper()
		for name, account := range map[string]uuid.UUID{"listener": listener, "stranger": stranger, "banned": banned, "blocked": blocked, "nobody": uuid.Nil} {
			if got := finds(account); got != want[name] {
				t.Errorf("%s, %s: %t", when, name, got)
			}
		}
	}
	check("live", map[string]bool{"listener": true})
	_, err := b.End(b.ctx, host, room.ID)
	b.want("end", err, nil)
	for keep, want := range map[string]map[string]bool{
		"days": {"listener": true}, "live": {},
		"public": {"listener": true, "stranger": true, "banned": true, "blocked": true, "nobody": true},
	} {
		if _, err := b.pool.Exec(b.ctx, `update rooms set keep_words = $2 where id = $1`, room.ID, keep); err != nil {
			t.Fatal(err)
		}
		check("ended, kept "+keep, want)
	}
}
