// Package fault holds the refusals of the house: what kind, and what the
// sentence for people must name. The words themselves, in each language, and
// the HTTP status live at the edge, in package web.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Class groups kinds by what the caller can do about them.
type Class int

// The classes, each answered with one HTTP status by package web.
const (
	Invalid         Class = iota // the request itself is wrong: mend and send again
	Unauthenticated              // sign in first
	Forbidden                    // known, but not allowed
	NotFound                     // no such thing, or none you may see
	Conflict                     // at odds with the state of the thing now
	Gone                         // was here, is over
	TooMany                      // slow down; RetryAfter says how long
	Unavailable                  // a part we need is not answering; try again
)

// Params are the values a sentence names, by the name its template uses.
type Params map[string]any

// Kind is one way to be refused, known to clients by a slug that never
// changes. A Kind is an error itself, for refusals that need no parameters,
// and errors.Is finds it under every Fault made from it.
type Kind struct {
	Slug  string
	Class Class
}

var kinds = map[string]*Kind{}

// Define declares a kind, once, in a package variable. It panics on a slug
// declared twice.
func Define(slug string, class Class) *Kind {
	if kinds[slug] != nil {
		panic("fault: kind " + slug + " defined twice")
	}
	k := &Kind{Slug: slug, Class: class}
	kinds[slug] = k
	return k
}

// Kinds returns every declared kind, ordered by slug.
func Kinds() []*Kind {
	return slices.SortedFunc(maps.Values(kinds), func(a, b *Kind) int {
		if a.Slug < b.Slug {
			return -1
		}
		return 1
	})
}

func (k *Kind) Error() string { return k.Slug }

// With makes a fault of this kind whose sentence names params.
func (k *Kind) With(params Params) *Fault { return &Fault{Kind: k, Params: params} }

// Fault is one refusal: a kind with what is particular to this case.
type Fault struct {
	Kind       *Kind
	Params     Params
	Members    map[string]any // further members of the problem, for programs
	RetryAfter time.Duration  // zero: not said
	Cause      error          // for the log, never shown
}

func (f *Fault) Error() string {
	if f.Cause != nil {
		return fmt.Sprintf("%s %v: %v", f.Kind.Slug, f.Params, f.Cause)
	}
	return fmt.Sprintf("%s %v", f.Kind.Slug, f.Params)
}

// Unwrap lets errors.Is find both the kind and the cause.
func (f *Fault) Unwrap() []error {
	if f.Cause == nil {
		return []error{f.Kind}
	}
	return []error{f.Kind, f.Cause}
}

// Of returns the refusal in err, or nil when err is none: then it is a fault
// of ours and its text is for the log only.
func Of(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	var k *Kind
	if errors.As(err, &k) {
		return &Fault{Kind: k}
	}
	return nil
}
