package rooms

import (
	"errors"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"salon/internal/fault"
)

// spaces is what Twitter Spaces asked in 2021 of who sells tickets.
var spaces = GateRules{All: true, Paths: []Path{{PathFollowers, 1000}, {PathHosted, 3}}}

func TestDecideWhenEachPathIsNeeded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		s    Snapshot
		want bool
	}{
		"both thresholds themselves": {Snapshot{Followers: 1000, Hosted: 3}, true},
		"one follower short":         {Snapshot{Followers: 999, Hosted: 9}, false},
		"one room short":             {Snapshot{Followers: 9999, Hosted: 2}, false},
		"the owner of the server":    {Snapshot{Owner: true}, true},
		"suspended":                  {Snapshot{Followers: 1000, Hosted: 3, Owner: true, Suspended: true}, false},
	} {
		c.s.All, c.s.Paths = spaces.All, spaces.Paths
		if d := Decide(c.s); d.Passed != c.want || !d.All {
			t.Errorf("%s: %+v", name, d)
		}
	}
	if d := Decide(Snapshot{All: true}); d.Passed {
		t.Error("no rules let pass")
	}
}

// Where each path is needed, whoever passes would pass where one is enough, and
// what is said to be missing is exactly what opens the gate.
func TestAllIsNeverLessThanOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := Snapshot{All: true, Paths: []Path{{PathFollowers, rapid.IntRange(1, 50).Draw(t, "need")}, {PathHosted, rapid.IntRange(1, 5).Draw(t, "rooms")}},
			Followers: rapid.IntRange(0, 60).Draw(t, "followers"), Hosted: rapid.IntRange(0, 6).Draw(t, "hosted")}
		d, one := Decide(s), s
		one.All = false
		if d.Passed && !Decide(one).Passed {
			t.Fatalf("%+v", s)
		}
		s.Followers, s.Hosted = s.Followers+d.Paths[0].Missing(), s.Hosted+d.Paths[1].Missing()
		if !Decide(s).Passed {
			t.Fatalf("%+v: refused with what was missing", s)
		}
	})
}

func TestCheckSelling(t *testing.T) {
	t.Parallel()
	for _, good := range []GateRules{DefaultSelling, spaces, {Paths: DefaultPaths}} {
		if err := CheckSelling(good); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
	for _, bad := range [][]Path{nil, {{Kind: PathHosted}}, {{Kind: "money"}}, {{PathHosted, 1}, {PathHosted, 2}}, {{PathEveryone, 1}}} {
		if err := CheckSelling(GateRules{Paths: bad}); !errors.Is(err, ErrGateRules) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if err := CheckPaths([]Path{{PathHosted, 1}}); !errors.Is(err, ErrGateRules) {
		t.Errorf("who may host only after hosting: %v", err)
	}
}

func TestWhoMaySell(t *testing.T) {
	b := setup(t)
	host := b.account("host")
	b.reach.n = 0
	b.want("nobody set rules", b.gate.MaySell(b.ctx, host), nil)
	b.want("no such account", b.gate.MaySell(b.ctx, uuid.New()), ErrNoAccount)
	b.want("bad rules", b.gate.SetSellingRules(b.ctx, uuid.Nil, GateRules{}), ErrGateRules)
	b.want("set", b.gate.SetSellingRules(b.ctx, host, spaces), nil)
	if paths, err := b.gate.Rules(b.ctx); err != nil || len(paths) != len(DefaultPaths) {
		t.Errorf("the rules of who may host: %v %v", paths, err)
	}
	if rules, err := b.gate.SellingRules(b.ctx); err != nil || !rules.All || rules.Paths[1] != spaces.Paths[1] {
		t.Errorf("%+v %v", rules, err)
	}

	// Of these rooms three count: live now, ended lately, and long but ended
	// lately. The others ended long ago, never began, or are another's.
	b.reach.n = 1000
	decision := uuid.Must(uuid.NewV7())
	b.exec(`insert into gate_decisions (id, account_id, purpose, snapshot, passed) values ($1, $2, 'host', '{}', true)`, decision, host)
	hosted := func(by uuid.UUID, began, ended any) {
		b.exec(`insert into rooms (id, host_id, title, language, gate_decision_id, run, started_at, ended_at)
			values ($1, $2, 'x', 'en', $3, case when $4::interval is null then null else $6 end, now() - $4::interval, now() - $5::interval)`,
			uuid.New(), by, decision, began, ended, uuid.NewString())
	}
	hosted(host, "1 hour", nil)
	hosted(host, "29 days", "29 days")
	hosted(host, "31 days", "31 days")
	hosted(host, nil, nil)
	hosted(b.account("other"), "1 hour", nil)
	err := b.gate.MaySell(b.ctx, host)
	f := fault.Of(err)
	if f == nil || f.Kind != ErrSellingGate {
		t.Fatalf("two rooms: %v", err)
	}
	if d := f.Members["gate"].(Decision); !d.All || !d.Paths[0].Passed || d.Paths[1].Passed || d.Paths[1].Have != 2 || d.Paths[1].Need != 3 {
		t.Errorf("%+v", d)
	}
	hosted(host, "40 days", "29 days")
	b.want("three rooms", b.gate.MaySell(b.ctx, host), nil)
	b.reach.n = 999
	b.want("a follower less", b.gate.MaySell(b.ctx, host), ErrSellingGate)
	b.exec(`update accounts set owner = true where id = $1`, host)
	b.want("the owner", b.gate.MaySell(b.ctx, host), nil)
	b.exec(`update accounts set suspended_at = now() where id = $1`, host)
	b.want("suspended", b.gate.MaySell(b.ctx, host), ErrSellingGate)

	var stored, passed int
	err = b.pool.QueryRow(b.ctx, `select count(*), count(*) filter (where passed) from gate_decisions where purpose = 'sell' and account_id = $1`, host).Scan(&stored, &passed)
	if err != nil || stored != 6 || passed != 3 {
		t.Errorf("%d decisions stored, %d passed: %v", stored, passed, err)
	}
}
