package stripesimtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Schema is Stripe's own description of its things (OpenAPI), as stripe-mock
// carries it.
type Schema struct{ things map[string]*node }

// node is one part of the description.
type node struct {
	Ref        string           `json:"$ref"`
	Type       string           `json:"type"`
	Nullable   bool             `json:"nullable"`
	Enum       []any            `json:"enum"`
	Properties map[string]*node `json:"properties"`
	Required   []string         `json:"required"`
	AnyOf      []*node          `json:"anyOf"`
	Items      *node            `json:"items"`
}

// LoadSchema reads the description of API 2023-10-16.
func LoadSchema(ctx context.Context) (*Schema, error) {
	folder, err := goOut(ctx, "list", "-m", "-f", "{{.Dir}}", "github.com/stripe/stripe-mock")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(folder, "embedded", "openapi", "spec3.json"))
	if err != nil {
		return nil, err
	}
	var spec struct {
		Components struct{ Schemas map[string]*node }
	}
	if err := json.Unmarshal(text, &spec); err != nil {
		return nil, err
	}
	return &Schema{spec.Components.Schemas}, nil
}

// Check returns what in a JSON answer is not as Stripe's description has it:
// fields it does not know, required ones that are missing, and values of another
// kind. Lists are checked by what is in them.
func (s *Schema) Check(answer []byte) (faults []string, err error) {
	var v any
	if err := json.Unmarshal(answer, &v); err != nil {
		return nil, err
	}
	s.thing("", v, &faults)
	return faults, nil
}

// thing checks an object by the name it gives itself.
func (s *Schema) thing(at string, v any, faults *[]string) {
	object, _ := v.(map[string]any)
	kind, _ := object["object"].(string)
	if kind == "list" {
		data, _ := object["data"].([]any)
		for i, inner := range data {
			s.thing(fmt.Sprintf("%s[%d]", at, i), inner, faults)
		}
		return
	}
	if object["deleted"] == true {
		kind = "deleted_" + kind
	}
	n := s.things[kind]
	if n == nil {
		*faults = append(*faults, fmt.Sprintf("%s: there is no %q", at, kind))
		return
	}
	s.fields(at+kind, n, object, faults)
}

func (s *Schema) fields(at string, n *node, object map[string]any, faults *[]string) {
	for _, name := range n.Required {
		if _, there := object[name]; !there {
			*faults = append(*faults, at+"."+name+" is missing")
		}
	}
	for name, v := range object {
		if field := n.Properties[name]; field != nil {
			s.value(at+"."+name, field, v, faults)
		} else if len(n.Properties) > 0 {
			*faults = append(*faults, at+"."+name+" is unknown")
		}
	}
}

func (s *Schema) value(at string, n *node, v any, faults *[]string) {
	if n.Ref != "" {
		nullable := n.Nullable
		n = s.things[n.Ref[strings.LastIndex(n.Ref, "/")+1:]]
		if v == nil && nullable {
			return
		}
	}
	if v == nil {
		if !n.Nullable {
			*faults = append(*faults, at+" is null")
		}
		return
	}
	if len(n.AnyOf) > 0 {
		s.anyOf(at, n, v, faults)
		return
	}
	if kind := kindOf(v); kind != n.Type && !(kind == "integer" && n.Type == "number") {
		*faults = append(*faults, fmt.Sprintf("%s is a %s, not a %s", at, kind, n.Type))
		return
	}
	if len(n.Enum) > 0 && !slices.Contains(n.Enum, v) {
		*faults = append(*faults, fmt.Sprintf("%s is %v, not one of %v", at, v, n.Enum))
	}
	switch v := v.(type) {
	case map[string]any:
		if v["object"] == "list" {
			s.thing(at, v, faults)
			return
		}
		s.fields(at, n, v, faults)
	case []any:
		for i, inner := range v {
			s.value(fmt.Sprintf("%s[%d]", at, i), n.Items, inner, faults)
		}
	}
}

// anyOf takes the first alternative that has nothing against the value.
func (s *Schema) anyOf(at string, n *node, v any, faults *[]string) {
	var first []string
	for i, alternative := range n.AnyOf {
		var against []string
		s.value(at, alternative, v, &against)
		if len(against) == 0 {
			return
		}
		if i == 0 || len(against) < len(first) {
			first = against
		}
	}
	*faults = append(*faults, first...)
}

func kindOf(v any) string {
	switch v := v.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}
