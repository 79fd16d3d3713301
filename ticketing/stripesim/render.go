package stripesim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// expandable are the properties that hold an id and can hold the thing itself.
var expandable = []string{"account", "application_fee", "balance_transaction", "charge", "data", "destination", "destination_payment",
	"destination_payment_refund", "failure_balance_transaction", "fee", "latest_charge", "line_items", "on_behalf_of", "originating_transaction",
	"payment_intent", "refunds", "reversals", "source", "source_refund", "source_transaction", "source_transfer_reversal", "transfer",
	"transfer_data", "transfer_reversal"}

// checkExpand refuses what can never be expanded, before anything is done.
func checkExpand(paths []string) error {
	for _, path := range paths {
		steps := strings.Split(path, ".")
		if len(steps) > 4 {
			return malformed("", "expand", "You cannot expand more than 4 levels of a property.")
		}
		for _, step := range steps {
			if !slices.Contains(expandable, step) {
				return malformed("", "expand", "This property cannot be expanded (%s).", path)
			}
		}
	}
	return nil
}

// render writes a thing as Stripe does: without what is the simulator's own,
// and with what the request wants to see in the place of ids.
func (st *state) render(v any, expand []string) []byte {
	tree := treeOf(v)
	for _, path := range expand {
		st.expand(tree, strings.Split(path, "."))
	}
	return jsonOf(tree)
}

func jsonOf(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("stripesim: encode %T: %w", v, err)) // nothing of ours cannot be
	}
	return text
}

// treeOf is a thing as plain JSON values.
func treeOf(v any) any {
	decoder := json.NewDecoder(bytes.NewReader(jsonOf(v)))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		panic(fmt.Errorf("stripesim: decode %T: %w", v, err))
	}
	strip(tree)
	return tree
}

// strip takes away what is the simulator's own. Metadata is the caller's, and
// its keys may begin as they like.
func strip(tree any) {
	switch t := tree.(type) {
	case map[string]any:
		for key, inner := range t {
			if strings.HasPrefix(key, "_") {
				delete(t, key)
			} else if key != "metadata" {
				strip(inner)
			}
		}
	case []any:
		for _, inner := range t {
			strip(inner)
		}
	}
}

// expand puts the thing itself where its id is, along a path.
func (st *state) expand(tree any, path []string) {
	if len(path) == 0 {
		return
	}
	if all, ok := tree.([]any); ok {
		for _, inner := range all {
			st.expand(inner, path)
		}
		return
	}
	object, ok := tree.(map[string]any)
	if !ok {
		return
	}
	if id, ok := object[path[0]].(string); ok && st.index[id] != nil {
		object[path[0]] = treeOf(st.index[id])
	} else if !ok && object[path[0]] == nil {
		st.include(object, path[0])
	}
	st.expand(object[path[0]], path[1:])
}

// include adds a list that is shown only when asked for.
func (st *state) include(object map[string]any, name string) {
	id, _ := object["id"].(string)
	switch r := st.index[id].(type) {
	case *session:
		if name == "line_items" {
			object[name] = treeOf(r.lineItems())
		}
	case *charge:
		if name == "refunds" {
			object[name] = treeOf(st.refundsOf(r))
		}
	}
}
