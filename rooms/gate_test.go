package rooms

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		s    Snapshot
		want bool
	}{
		"one follower short":             {Snapshot{Followers: 599}, false},
		"the threshold itself":           {Snapshot{Followers: 600}, true},
		"young followers do not count":   {Snapshot{Followers: 590, Pending: 60, Next: 10, NextAt: at}, false},
		"one voucher":                    {Snapshot{Vouchers: 1}, false},
		"two vouchers":                   {Snapshot{Vouchers: 2}, true},
		"allowed by an admin":            {Snapshot{Allowed: true}, true},
		"suspended passes on no path":    {Snapshot{Followers: 10_000, Vouchers: 9, Allowed: true, Suspended: true}, false},
		"the owner of the server":        {Snapshot{Owner: true}, true},
		"a suspended owner":              {Snapshot{Owner: true, Suspended: true}, false},
		"paths are OR, never added up":   {Snapshot{Followers: 599, Vouchers: 1}, false},
		"everyone passes where they may": {Snapshot{Paths: []Path{{Kind: PathEveryone}}}, true},
	} {
		if c.s.Paths == nil {
			c.s.Paths = DefaultPaths
		}
		if got := Decide(c.s); got.Passed != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestDecideNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	d := Decide(Snapshot{Paths: DefaultPaths, Followers: 590, Pending: 60, Next: 10, NextAt: at, Vouchers: 1})
	want := []PathAnswer{
		{Kind: PathFollowers, Have: 590, Need: 600, Next: 10, NextAt: at},
		{Kind: PathVouchers, Have: 1, Need: 2},
		{Kind: PathAllowed},
	}
	if !slices.Equal(d.Paths, want) {
		t.Errorf("got %+v", d.Paths)
	}
	if d.Paths[0].Missing() != 10 || d.Paths[1].Missing() != 1 {
		t.Errorf("missing %d, %d", d.Paths[0].Missing(), d.Paths[1].Missing())
	}
}

// More standing never closes the gate, and what is said to be missing is
// exactly what opens it.
func TestDecideIsMonotone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := Snapshot{
			Paths:     []Path{{PathFollowers, rapid.IntRange(1, 50).Draw(t, "need")}, {PathVouchers, rapid.IntRange(1, 5).Draw(t, "vouchers needed")}},
			Followers: rapid.IntRange(0, 60).Draw(t, "followers"), Vouchers: rapid.IntRange(0, 6).Draw(t, "vouchers"),
		}
		d := Decide(s)
		if d.Passed != (s.Followers >= s.Paths[0].Min || s.Vouchers >= s.Paths[1].Min) {
			t.Fatalf("%+v: %+v", s, d)
		}
		enough := s
		enough.Followers += d.Paths[0].Missing()
		if !Decide(enough).Passed {
			t.Fatalf("%+v: still refused with what was missing", enough)
		}
		if missing := d.Paths[0].Missing(); !d.Passed && missing > 0 {
			enough.Followers--
			if Decide(enough).Passed {
				t.Fatalf("%+v: passed with one less", enough)
			}
		}
	})
}

func TestCheckPaths(t *testing.T) {
	t.Parallel()
	for _, good := range [][]Path{DefaultPaths, {{Kind: PathEveryone}}, {{PathFollowers, 1}}} {
		if err := CheckPaths(good); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
	for _, bad := range [][]Path{
		nil, {{Kind: PathFollowers}}, {{PathFollowers, -1}}, {{PathFollowers, maxThreshold + 1}},
		{{PathAllowed, 1}}, {{Kind: "money"}}, {{PathVouchers, 1}, {PathVouchers, 2}},
	} {
		if err := CheckPaths(bad); !errors.Is(err, ErrGateRules) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
