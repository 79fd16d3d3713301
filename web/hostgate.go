package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"salon/accounts"
	"salon/internal/fault"
	"salon/rooms"
)

// gateAnswer is where an account stands at a gate: that of who may host, or that
// of who may sell.
type gateAnswer struct {
	Passed   bool         `json:"passed"`
	Sentence string       `json:"sentence"`
	NextStep string       `json:"next_step"`
	All      bool         `json:"all,omitempty" doc:"each path is needed; else one is enough"`
	Paths    []pathAnswer `json:"paths"`
}

type pathAnswer struct {
	Kind      rooms.PathKind `json:"kind" enum:"everyone,followers,vouchers,allowed,hosted"`
	Passed    bool           `json:"passed"`
	Have      int            `json:"have"`
	Need      int            `json:"need"`
	Pending   int            `json:"pending" doc:"how many more count from pending_at without doing anything"`
	PendingAt *time.Time     `json:"pending_at,omitempty"`
}

type gateRules struct {
	Paths []rooms.Path `json:"paths" minItems:"1" maxItems:"4"`
}

type gateRulesInput struct{ Body gateRules }

type gateRulesOutput struct{ Body gateRules }

// myGateAnswer adds whether the person wants to be told of a change.
type myGateAnswer struct {
	gateAnswer
	Watching bool       `json:"watching" doc:"you asked to be told when you may host"`
	PassedAt *time.Time `json:"passed_at,omitempty" doc:"since you asked, you may host"`
}

type gateAnswerOutput struct{ Body myGateAnswer }

type vouchFor struct {
	AccountID   uuid.UUID `json:"account_id"`
	Handle      string    `json:"handle"`
	DisplayName string    `json:"display_name"`
	CreatedAt   time.Time `json:"created_at"`
}

type vouchesOutput struct {
	Body struct {
		Given    []vouchFor `json:"given" doc:"for whom you vouch, newest first"`
		Received []vouchFor `json:"received" doc:"who vouches for you, newest first"`
	}
}

func (s *Server) hostGateRoutes() {
	op(s, Access{Level: Anyone}, describe("host-gate", http.MethodGet, "/api/host-gate", "Who may host", "Host gate"), s.gateRules)
	op(s, Access{Level: Admin}, describe("set-host-gate", http.MethodPut, "/api/host-gate", "Set who may host", "Host gate"), s.setGateRules)
	op(s, Access{Level: SignedIn, Scope: accounts.ScopeRead},
		describe("my-host-gate", http.MethodGet, "/api/me/host-gate", "Whether you may host, and what is missing", "Host gate"), s.myGate)
	op(s, Access{Level: Session}, describe("watch-host-gate", http.MethodPut, "/api/me/host-gate/watch", "Be told when you may host", "Host gate"), s.forCaller(s.HostGate.Watch))
	op(s, Access{Level: Session}, describe("unwatch-host-gate", http.MethodDelete, "/api/me/host-gate/watch", "No longer be told, or put away what you were told", "Host gate"), s.forCaller(s.HostGate.Unwatch))
	op(s, Access{Level: SignedIn, Scope: accounts.ScopeRead},
		describe("my-vouches", http.MethodGet, "/api/me/vouches", "Who vouches for you, and for whom you vouch", "Host gate"), s.myVouches)
	s.handle("GET /vouches", Access{Level: Anyone}, http.HandlerFunc(s.lobbyPage))
}

func (s *Server) gateRules(ctx context.Context, _ *struct{}) (*gateRulesOutput, error) {
	paths, err := s.HostGate.Rules(ctx)
	return &gateRulesOutput{gateRules{paths}}, err
}

func (s *Server) setGateRules(ctx context.Context, in *gateRulesInput) (*gateRulesOutput, error) {
	return &gateRulesOutput{in.Body}, s.HostGate.SetRules(ctx, viewer(ctx), in.Body.Paths)
}

func (s *Server) myGate(ctx context.Context, _ *struct{}) (*gateAnswerOutput, error) {
	d, err := s.HostGate.Standing(ctx, viewer(ctx))
	if err != nil {
		return nil, err
	}
	watch, err := s.HostGate.Watching(ctx, viewer(ctx))
	if err != nil {
		return nil, err
	}
	answer, err := s.gateAnswer(ctx, viewer(ctx), d)
	return &gateAnswerOutput{myGateAnswer{answer, watch.On, watch.PassedAt}}, err
}

// forCaller is an operation on the caller alone.
func (s *Server) forCaller(do func(ctx context.Context, caller uuid.UUID) error) func(context.Context, *struct{}) (*none, error) {
	return func(ctx context.Context, _ *struct{}) (*none, error) { return nil, do(ctx, viewer(ctx)) }
}

func (s *Server) myVouches(ctx context.Context, _ *struct{}) (*vouchesOutput, error) {
	given, received, err := s.HostGate.Vouches(ctx, viewer(ctx))
	out := &vouchesOutput{}
	out.Body.Given, out.Body.Received = vouchesOf(given), vouchesOf(received)
	return out, err
}

func vouchesOf(all []rooms.VouchFor) []vouchFor {
	said := make([]vouchFor, 0, len(all))
	for _, v := range all {
		said = append(said, vouchFor(v))
	}
	return said
}

// gateRefusal puts a gate's refusal into words; other errors pass.
func (s *Server) gateRefusal(ctx context.Context, err error) error {
	var f *fault.Fault
	if !errors.As(err, &f) || f.Kind != rooms.ErrHostGate && f.Kind != rooms.ErrSellingGate {
		return err
	}
	answer, e := s.gateAnswer(ctx, viewer(ctx), f.Members["gate"].(rooms.Decision))
	if e != nil {
		return e
	}
	p := problemOf(ctx, f.Kind)
	if f.Kind == rooms.ErrSellingGate {
		answer.Sentence, answer.NextStep = wordsOf(ctx).mayNotSell(answer), p.NextStep
	}
	p.Detail, p.NextStep, p.members = answer.Sentence, answer.NextStep, map[string]any{"gate": answer}
	return p
}

func (s *Server) gateAnswer(ctx context.Context, account uuid.UUID, d rooms.Decision) (gateAnswer, error) {
	a, err := s.Accounts.ByID(ctx, account)
	if err != nil {
		return gateAnswer{}, err
	}
	answer := gateAnswer{Passed: d.Passed, All: d.All}
	for _, p := range d.Paths {
		one := pathAnswer{Kind: p.Kind, Passed: p.Passed, Have: p.Have, Need: p.Need, Pending: p.Next}
		if p.Next > 0 {
			one.PendingAt = &p.NextAt
		}
		answer.Paths = append(answer.Paths, one)
	}
	say := gateWords{words: wordsOf(ctx), now: time.Now(), zone: a.Location()}
	answer.Sentence, answer.NextStep = say.sentence(d), say.nextStep(d)
	return answer, nil
}

// gateWords says a gate decision to a person in their time zone.
type gateWords struct {
	words
	now  time.Time
	zone *time.Location
}

func (w gateWords) sentence(d rooms.Decision) string {
	if d.Passed {
		return w.say("gate.passed", nil)
	}
	var parts []string
	for _, p := range d.Paths {
		switch p.Kind {
		case rooms.PathFollowers:
			parts = append(parts, w.count("gate.followers", p.Have, fault.Params{"Need": p.Need}))
			if p.Next > 0 {
				parts = append(parts, w.count("gate.pending", p.Next, fault.Params{"When": w.when(p.NextAt)}))
			}
		case rooms.PathVouchers:
			parts = append(parts, w.count("gate.vouchers", p.Missing(), nil))
		case rooms.PathAllowed:
			parts = append(parts, w.say("gate.allowed", nil))
		}
	}
	return w.say("gate.refused", fault.Params{"Missing": strings.Join(parts, "; ")})
}

func (w gateWords) nextStep(d rooms.Decision) string {
	if d.Passed {
		return w.say("gate.passed.next", nil)
	}
	for _, p := range d.Paths {
		if p.Kind != rooms.PathFollowers {
			continue
		}
		if p.Next >= p.Missing() {
			return w.say("gate.wait.next", fault.Params{"When": w.when(p.NextAt)})
		}
		return w.count("gate.share.next", p.Missing()-p.Next, nil)
	}
	return w.say("host-gate.next", nil)
}

// when names a time as people say it: today, tomorrow, or by its date. It
// rounds up to the minute, because the time must have come.
func (w gateWords) when(at time.Time) string {
	at = at.Add(time.Minute - 1).Truncate(time.Minute).In(w.zone)
	clock, day := at.Format("15:04"), at.Format(time.DateOnly)
	now := w.now.In(w.zone)
	params := fault.Params{"Clock": clock, "Date": day}
	switch day {
	case now.Format(time.DateOnly):
		return w.say("when.today", params)
	case now.AddDate(0, 0, 1).Format(time.DateOnly):
		return w.say("when.tomorrow", params)
	}
	return w.say("when.date", params)
}
