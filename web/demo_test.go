package web

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"salon/accounts"
)

// show stands for a demo of one person.
type show struct {
	person accounts.Account
	room   uuid.UUID
}

func (s *show) Handles() []string { return []string{s.person.Handle} }
func (s *show) Room() uuid.UUID   { return s.room }
func (s *show) Silent() bool      { return true }
func (s *show) Remove(context.Context) error {
	s.room = uuid.Nil
	return nil
}

func (s *show) Account(_ context.Context, handle string) (accounts.Account, error) {
	if handle != s.person.Handle {
		return accounts.Account{}, accounts.ErrNotFound
	}
	return s.person, nil
}

// Made-up people are there for whoever sits at the machine, and for nobody
// else; real people are not theirs to sign in as.
func TestTheDemoIsForThisMachineOnly(t *testing.T) {
	made := &show{room: uuid.Must(uuid.NewV7())}
	b := setup(t, func(c *Config) { c.Demo = made })
	ana := b.person("ana_demo", 0)
	b.person("real", 0)
	var err error
	if made.person, err = b.Accounts.ByID(b.ctx, ana.id); err != nil {
		t.Fatal(err)
	}
	if got := b.nobody().do("GET", "/api/server", ""); !strings.Contains(got.body, `"people":["ana_demo"]`) || !strings.Contains(got.body, `"silent":true`) {
		t.Errorf("what is made up is not said: %s", got.body)
	}
	b.nobody().do("POST", "/api/demo/sessions", `{"handle":"real"}`).problem(t, "a real person", 404, "account-not-found")
	if got := b.nobody().do("POST", "/api/demo/sessions", `{"handle":"ana_demo"}`); got.status != 201 {
		t.Errorf("sign in: %d %s", got.status, got.body)
	}
	far := b.nobody().with("X-Forwarded-For", "203.0.113.1")
	far.do("POST", "/api/demo/sessions", `{"handle":"ana_demo"}`).problem(t, "from afar", 403, "this-machine-only")
	far.do("DELETE", "/api/demo", "").problem(t, "from afar", 403, "this-machine-only")
	if got := b.nobody().do("DELETE", "/api/demo", ""); got.status != 204 || strings.Contains(b.nobody().do("GET", "/api/server", "").body, "ana_demo") {
		t.Errorf("remove: %d %s", got.status, got.body)
	}
	b.nobody().do("POST", "/api/owner", `{"token":"slo_x"}`).problem(t, "owner by nobody", 401, "sign-in-first")
	ana.do("POST", "/api/owner", `{"token":"slo_x"}`).problem(t, "a wrong owner link", 403, "owner-link")
	secret, err := b.Accounts.NewOwnerLink(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got := ana.do("POST", "/api/owner", `{"token":"`+secret+`"}`); got.status != 201 || got.json(t)["owner"] != true || got.json(t)["admin"] != true {
		t.Errorf("owner: %d %s", got.status, got.body)
	}
	if got := ana.do("GET", "/api/me/host-gate", ""); got.json(t)["passed"] != true {
		t.Errorf("the owner does not pass: %s", got.body)
	}
}
