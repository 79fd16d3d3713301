package main

import (
	"errors"
	"fmt"
)

// faults are what must not happen to a reader.
type faults struct{ gaps, duplicates, disorder, lost, anew int }

func (f faults) sum() int { return f.gaps + f.duplicates + f.disorder + f.lost + f.anew }

func (f *faults) add(g faults) {
	f.gaps += g.gaps
	f.duplicates += g.duplicates
	f.disorder += g.disorder
	f.lost += g.lost
	f.anew += g.anew
}

// of counts a reader's faults against the lines the server took.
func of(r *reader, written []string) (f faults) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen, texts := map[int64]bool{}, map[string]bool{}
	last := int64(0)
	for i, e := range r.entries {
		switch {
		case seen[e.Seq]:
			f.duplicates++
		case i > 0 && e.Seq < last:
			f.disorder++
		case i > 0 && e.Seq > last+1:
			f.gaps++
		}
		seen[e.Seq], texts[e.Body.Text] = true, true
		last = max(last, e.Seq)
	}
	for _, text := range written {
		if !texts[text] {
			f.lost++
		}
	}
	f.anew = r.anew
	return f
}

// judge prints what was counted, with the controls beside it, and fails when
// a reader had a fault or the controls had none.
func judge(readers []*reader, written []string) error {
	var real, control faults
	entries := 0
	for _, r := range readers {
		if r.forgetful {
			control.add(of(r, written))
			continue
		}
		real.add(of(r, written))
		entries += len(r.entries)
	}
	fmt.Printf("W4 storm: %d readers, %d lines taken, %d deliveries: gaps %d, duplicates %d, order faults %d, lost %d, begun anew %d\n",
		len(readers)-controls, len(written), entries, real.gaps, real.duplicates, real.disorder, real.lost, real.anew)
	fmt.Printf("W4 storm control: %d readers that do not say how far they came: gaps %d, duplicates %d\n", controls, control.gaps, control.duplicates)
	if real.sum() != 0 {
		return errors.New("readers had faults")
	}
	if control.gaps+control.duplicates == 0 {
		return errors.New("the controls had no faults: nothing was shown")
	}
	return nil
}
