package web

import (
	"context"
	"net/http"
	"strings"

	"salon/internal/fault"
	"salon/rooms"
)

type sellingRules struct {
	All   bool         `json:"all" doc:"each path is needed; else one is enough"`
	Paths []rooms.Path `json:"paths" minItems:"1" maxItems:"5"`
}

type sellingRulesInput struct{ Body sellingRules }

type sellingRulesOutput struct{ Body sellingRules }

func (s *Server) sellingGateRoutes() {
	op(s, Access{Level: Anyone}, describe("selling-gate", http.MethodGet, "/api/selling-gate", "Who may sell seats for money", "Host gate"), s.sellingGate)
	op(s, Access{Level: Admin}, describe("set-selling-gate", http.MethodPut, "/api/selling-gate", "Set who may sell seats for money", "Host gate"), s.setSellingGate)
}

func (s *Server) sellingGate(ctx context.Context, _ *struct{}) (*sellingRulesOutput, error) {
	rules, err := s.HostGate.SellingRules(ctx)
	return &sellingRulesOutput{sellingRules(rules)}, err
}

func (s *Server) setSellingGate(ctx context.Context, in *sellingRulesInput) (*sellingRulesOutput, error) {
	return &sellingRulesOutput{in.Body}, s.HostGate.SetSellingRules(ctx, viewer(ctx), rooms.GateRules(in.Body))
}

// mayNotSell says what is missing: of paths that are all needed those that are
// not passed yet, else all of them.
func (w words) mayNotSell(answer gateAnswer) string {
	var parts []string
	for _, p := range answer.Paths {
		if p.Passed {
			continue
		}
		counts := fault.Params{"Have": p.Have, "Need": p.Need}
		parts = append(parts, w.say("selling."+string(p.Kind), counts))
	}
	if len(parts) == 0 {
		return w.say(rooms.ErrSellingGate.Slug, nil)
	}
	missing := fault.Params{"Missing": strings.Join(parts, "; ")}
	if answer.All {
		return w.say("selling.all", missing)
	}
	return w.say("selling.one", missing)
}
