package main

import (
	"fmt"
	"slices"
	"time"
)

// tell prints what was measured, the medians of the rounds last.
func tell(s *script, rounds []round) {
	for i, r := range rounds {
		alone := delaysOf(r.alone)
		updates, rewritten := unrest(r.bare)
		fmt.Printf("round %d, bare engine: word to guess p50 %s p95 %s ms, %d guesses with %d words rewritten, %.1f %% of a core\n",
			i+1, ms(quantile(alone, 0.5)), ms(quantile(alone, 0.95)), updates, rewritten, share(r.bareUsed, s))
		for k, h := range r.heard {
			updates, rewritten := unrest(h.events)
			wrong, words := mistakes(s, h.read)
			fmt.Printf("round %d, %d readers: word to guess p50 %s p95 %s ms, end to line p50 %s p95 %s ms, %d guesses with %d words rewritten, %d of %d words wrong, %.1f %% of a core (engine %.1f), %d frames passed over\n",
				i+1, crowds[k], ms(quantile(h.partial, 0.5)), ms(quantile(h.partial, 0.95)), ms(quantile(h.final, 0.5)), ms(quantile(h.final, 0.95)),
				updates, rewritten, wrong, words, share(h.used.sum(), s), share(h.used.engines, s), h.missed)
		}
	}
	figure := func(name, format string, of func(r round) float64) {
		all := make([]float64, 0, len(rounds))
		for _, r := range rounds {
			all = append(all, of(r))
		}
		fmt.Printf("figure captions."+name+" "+format+"\n", median(all))
	}
	figure("added_delay_p50_ms", "%.0f", func(r round) float64 { return added(r, 0.5) })
	figure("added_delay_p95_ms", "%.0f", func(r round) float64 { return added(r, 0.95) })
	figure("final_p95_ms", "%.0f", func(r round) float64 { return milliseconds(quantile(r.heard[0].final, 0.95)) })
	for k, n := range crowds {
		figure(fmt.Sprintf("partial_p95_ms_%d_readers", n), "%.0f", func(r round) float64 { return milliseconds(quantile(r.heard[k].partial, 0.95)) })
		figure(fmt.Sprintf("final_p95_ms_%d_readers", n), "%.0f", func(r round) float64 { return milliseconds(quantile(r.heard[k].final, 0.95)) })
	}
	figure("cpu_ratio", "%.2f", func(r round) float64 { return r.heard[0].used.sum().Seconds() / r.bareUsed.Seconds() })
	figure("speakers_per_core", "%.1f", func(r round) float64 { return s.length().Seconds() / r.heard[0].used.sum().Seconds() })
	figure("wer_percent", "%.1f", func(r round) float64 {
		wrong, words := mistakes(s, r.heard[0].read)
		return 100 * float64(wrong) / float64(words)
	})
	figure("updates_ratio", "%.2f", func(r round) float64 {
		ours, _ := unrest(r.heard[0].events)
		bare, _ := unrest(r.bare)
		return float64(ours) / float64(bare)
	})
	figure("unstable_ratio", "%.2f", func(r round) float64 {
		_, ours := unrest(r.heard[0].events)
		_, bare := unrest(r.bare)
		return float64(ours) / float64(max(1, bare))
	})
}

// share is how much of one core something takes while the script is said, in
// percent.
func share(used time.Duration, s *script) float64 {
	return 100 * used.Seconds() / s.length().Seconds()
}

// added is by how much the whole path is slower than the bare engine, at a
// quantile of the words' delays with one reader.
func added(r round, q float64) float64 {
	return milliseconds(quantile(delaysOf(r.heard[0].read), q) - quantile(delaysOf(r.alone), q))
}

func delaysOf(all []reading) (delays []time.Duration) {
	for _, one := range all {
		for _, seen := range one.partial {
			delays = append(delays, seen.delay)
		}
	}
	return delays
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
