package stripesim

import (
	"net/http"
	"strconv"
)

// call is one request to the API.
type call struct {
	params
	r       *http.Request
	account string // of the Stripe-Account header; "" speaks for the platform
}

func (c *call) id() string { return c.r.PathValue("id") }

// page is a list in Stripe's form, newest first.
type page struct {
	Object  string `json:"object"`
	Data    []any  `json:"data"`
	HasMore bool   `json:"has_more"`
	URL     string `json:"url"`
}

// listParams are understood by every list.
const listParams = "limit starting_after ending_before created created[gt] created[gte] created[lt] created[lte]"

// list answers with the part of all that the request asks for.
func list[T resource](c *call, all []T, keep func(T) bool) (any, error) {
	limit := c.integer("limit", 10)
	if limit < 1 || limit > 100 {
		c.fail(malformed("", "limit", "Limit must be between 1 and 100."))
	}
	within := c.createdWithin()
	if c.err != nil {
		return nil, c.err
	}
	var found []T
	for i := len(all) - 1; i >= 0; i-- {
		if h := all[i].head(); h.Owner == c.account && within(h.Created) && keep(all[i]) {
			found = append(found, all[i])
		}
	}
	return paginate(c, found, int(limit))
}

// paginate cuts the page after, or before, the thing that the request names.
func paginate[T resource](c *call, found []T, limit int) (any, error) {
	result := &page{Object: "list", Data: []any{}, URL: c.r.URL.Path}
	from, to := 0, min(limit, len(found))
	if after := c.text("starting_after"); after != "" {
		i := position(found, after)
		if i < 0 {
			return nil, missingResource("object", after, "starting_after")
		}
		from, to = i+1, min(i+1+limit, len(found))
		result.HasMore = to < len(found)
	} else if before := c.text("ending_before"); before != "" {
		i := position(found, before)
		if i < 0 {
			return nil, missingResource("object", before, "ending_before")
		}
		from, to = max(0, i-limit), i
		result.HasMore = from > 0
	} else {
		result.HasMore = to < len(found)
	}
	for _, r := range found[from:to] {
		result.Data = append(result.Data, r)
	}
	return result, nil
}

func position[T resource](all []T, id string) int {
	for i, r := range all {
		if r.head().ID == id {
			return i
		}
	}
	return -1
}

// createdWithin reads the filter by time that every list has.
func (p *params) createdWithin() func(int64) bool {
	const none = -1
	exactly := p.integer("created", none)
	above, from := p.integer("created[gt]", none), p.integer("created[gte]", none)
	below, until := p.integer("created[lt]", none), p.integer("created[lte]", none)
	return func(t int64) bool {
		return (exactly == none || t == exactly) && (above == none || t > above) && (from == none || t >= from) &&
			(below == none || t < below) && (until == none || t <= until)
	}
}

// is keeps those whose value is what a parameter says, and all without it.
func (p *params) is(name string, value any) bool {
	want := p.text(name)
	if want == "" {
		return true
	}
	switch v := value.(type) {
	case string:
		return want == v
	case optional:
		return want == string(v)
	case bool:
		return want == strconv.FormatBool(v)
	}
	return false
}

// listed is a list inside another thing, whole.
func listed[T resource](all []T, url string) *page {
	p := &page{Object: "list", Data: []any{}, URL: url}
	for i := len(all) - 1; i >= 0; i-- {
		p.Data = append(p.Data, all[i])
	}
	return p
}
